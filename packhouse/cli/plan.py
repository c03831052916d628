"""`packhouse plan`."""

from pathlib import Path

import click

from packhouse.cli.house import action, ready
from packhouse.cli.options import data_option


@click.command
@data_option
@click.argument("orders", nargs=-1, metavar="[ORDER]...")
@click.option(
    "--all", "everything", is_flag=True, help="Every order that has something to plan, oldest first."
)
def plan(*, data: Path, orders: tuple[str, ...], everything: bool) -> None:
    """Decide which locations pack an order, at once and in this process; prints what became of it.

    ORDER is a number. What stands in a package already is left where it is.

    \b
    packhouse plan 100000000077
    packhouse plan --all
    """
    if bool(orders) == everything:
        raise click.UsageError("Name orders, or say --all.")
    with ready(data):
        refused = action("actions.planning:plan")(orders, everything=everything)
    if refused:
        raise click.exceptions.Exit(1)
