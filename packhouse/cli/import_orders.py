"""`packhouse import-orders`."""

from pathlib import Path

import click

from packhouse.cli.house import action, ready
from packhouse.cli.options import data_option


@click.command
@data_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen; nothing is written.")
@click.option(
    "--create-missing/--no-create-missing",
    default=True,
    show_default=True,
    help="Make channels, products, customers, places and carriers that are not known.",
)
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write refusals here (JSON).")
def import_orders(
    *, data: Path, file: Path, dry_run: bool, create_missing: bool, errors: Path | None
) -> None:
    """Take orders from FILE: JSON (an order, a list, or {"orders": [...]}) or CSV with one row per order line.

    Each order is taken or refused by itself. Sent again, an order that has not changed is left as it is. The
    orders are planned by the worker. Exit code 1 when one was refused.

    \b
    packhouse import-orders orders.csv --dry-run
    """
    with ready(data):
        refused = action("actions.importing:run")(
            file, dry_run=dry_run, create_missing=create_missing, errors=errors
        )
    if refused:
        raise click.exceptions.Exit(1)
