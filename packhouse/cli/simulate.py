"""`packhouse simulate`."""

from pathlib import Path

import click

from packhouse.cli.house import action, ready
from packhouse.cli.options import data_option

FORMATS = ("table", "json", "csv")


@click.command
@data_option
@click.option(
    "--version",
    "versions",
    multiple=True,
    metavar="SCENARIO:NUMBER",
    help="A version of a scenario, by id or name; may be repeated. One alone has the live ones beside it.",
)
@click.option(
    "--orders",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Orders from a file, as for import-orders; else those that are here.",
)
@click.option(
    "--since",
    "date_placed__gte",
    metavar="TIME",
    help="Orders placed at this time or later (2026-03-01 or with a time).",
)
@click.option("--until", "date_placed__lt", metavar="TIME", help="Orders placed before this time.")
@click.option("--state", metavar="CODE", help="Orders in this state, as 400.")
@click.option("--channel", type=click.IntRange(1), help="Orders of this channel, by its id.")
@click.option(
    "--stock",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV as for import-stock that is all the stock there is; else the stock as it is now.",
)
@click.option(
    "--format",
    "chosen",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="What is printed.",
)
def simulate(
    *,
    data: Path,
    versions: tuple[str, ...],
    orders: Path | None,
    stock: Path | None,
    chosen: str,
    **filters: str | int | None,
) -> None:
    """Plan orders by other versions of scenarios and compare, without touching anything.

    Orders that are here are planned anew, oldest first: what they have reserved counts as free. The numbers go to
    standard output, side by side; the JSON also names every location's load and the orders that would change.

    \b
    packhouse simulate --version 2:4 --version 2:5 --since 2026-03-01
    packhouse simulate --version "Web shop:5" --orders peak.csv --stock stock.csv --format json > report.json
    """
    given = {name: value for name, value in filters.items() if value is not None}
    if orders and given:
        raise click.UsageError(
            "--orders is a file of its own; leave --since, --until, --state, --channel out."
        )
    with ready(data):
        action("actions.simulation:run")(versions, orders or given, stock, chosen)
