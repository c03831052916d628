"""`packhouse reconcile`."""

from pathlib import Path

import click

from packhouse.cli.house import action, ready
from packhouse.cli.options import data_option


@click.command
@data_option
@click.option(
    "--fix", is_flag=True, help="Mend what is found, each place in a transaction of its own, and log it."
)
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND", help="Look for this kind only; may be repeated."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list in place of the table.")
def reconcile(*, data: Path, fix: bool, kinds: tuple[str, ...], as_json: bool) -> None:
    """Find what does not agree: reservations and taken units against open packages, counters against the rows
    they count, shelf counts against movements, quota against held packages, codes of orders against packages.

    Looking writes nothing and locks nothing; all numbers are of one moment. Exit code 0 when nothing differs (with
    --fix: when all of it was mended), else 1.

    \b
    packhouse reconcile
    packhouse reconcile --kind reserved --kind quota --fix
    """
    with ready(data):
        left = action("actions.reconciling:reconcile")(kinds, fix=fix, as_json=as_json)
    if left:
        raise click.exceptions.Exit(1)
