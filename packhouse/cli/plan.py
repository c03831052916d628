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
@click.option(
    "--explain", is_flag=True, help="Also tell why, order by order: sentences, and what each rule saw."
)
@click.option(
    "--language",
    type=click.Choice(["en", "tr"]),
    default="en",
    show_default=True,
    help="Of the sentences of --explain.",
)
def plan(*, data: Path, orders: tuple[str, ...], everything: bool, explain: bool, language: str) -> None:
    """Decide which locations pack an order, at once and in this process; prints what became of it.

    ORDER is a number. What stands in a package already is left where it is; --explain tells of its last plan then.

    \b
    packhouse plan 100000000077 --explain
    packhouse plan --all
    """
    if bool(orders) == everything:
        raise click.UsageError("Name orders, or say --all.")
    with ready(data):
        refused = action("actions.planning:plan")(
            orders, everything=everything, explained_in=language if explain else None
        )
    if refused:
        raise click.exceptions.Exit(1)
