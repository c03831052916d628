"""`packhouse setup`."""

from pathlib import Path

import click

from packhouse.cli.house import action, opened
from packhouse.cli.options import data_option


@click.command
@data_option
@click.argument("steps", nargs=-1, metavar="[STEP]...")
@click.option("--all", "everything", is_flag=True, help="Every step, in order.")
@click.option(
    "--list", "only_list", is_flag=True, help="Show the steps and whether each is still to be done."
)
def setup(*, data: Path, steps: tuple[str, ...], everything: bool, only_list: bool) -> None:
    """Prepare the installation and copy what the back office has, step by step.

    \b
    migrate                bring the database up to date (always done first)
    connection             log in to the back office
    channels addresses stock_locations cargo_companies cancellation_reasons sender_addresses
                           copy them
    transitions            install the default machine: states and what moves them
    webhooks               ask the back office to tell us of changes
    orders                 copy the orders that are open

    Every step can be run again: it adds what is missing and overwrites nothing that was changed here. The
    back office's address stands in the setting OMNITRON_CLIENT_SETTINGS.

    \b
    packhouse setup migrate
    packhouse setup --all
    """
    if not steps and not everything and not only_list:
        raise click.UsageError("Name steps, or say --all (or --list to see them).")
    with opened(data):
        action("actions.setup:run")(steps, everything=everything, only_list=only_list)
