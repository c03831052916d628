"""`packhouse import-stock`."""

from pathlib import Path

import click

from packhouse.cli.house import action, ready
from packhouse.cli.options import data_option


@click.command
@data_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen; nothing is written.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write refusals here (JSON).")
def import_stock(*, data: Path, file: Path, dry_run: bool, errors: Path | None) -> None:
    """Take counts from FILE, a CSV of any length: sku, erp_code and quantity (what lay on the shelf) or delta.

    More columns: counted_at (when it was counted; without it now), version, safety_stock, unit_type (quantity
    or kg). Good rows are kept, some thousands at a time; each bad one is named by its line. Packages that lacked
    what has risen are planned again by the worker. Exit code 1 when a row was refused.

    \b
    packhouse import-stock stock.csv --dry-run
    """
    with ready(data):
        refused = action("actions.stock_files:take")(file, dry_run=dry_run, errors=errors)
    if refused:
        raise click.exceptions.Exit(1)
