"""`packhouse export-stock`."""

from pathlib import Path

import click

from packhouse.cli.house import action, ready
from packhouse.cli.options import data_option


@click.command
@data_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--location", "locations", multiple=True, metavar="ERP_CODE", help="Only this one; may be repeated."
)
def export_stock(*, data: Path, file: Path, locations: tuple[str, ...]) -> None:
    """Write what lies on the shelves into FILE, as a CSV that import-stock takes back without a change.

    One row per location and SKU: sku, erp_code, quantity, safety_stock, unit_type, counted_at (the moment of the
    export). What others have reserved stays out: it follows from the packages.

    \b
    packhouse export-stock stock.csv --location WH-1
    """
    with ready(data):
        action("actions.stock_files:give")(file, locations)
