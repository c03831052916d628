"""Stock from and into files."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import click
from django.db import transaction

from packhouse.cli.actions.refusals import explained
from packhouse.cli.progress import bar
from packhouse.commands.inventory.take_counts import COLUMNS, NEEDED, take_file
from packhouse.inventory.models import Stock
from packhouse.kernel import clock
from packhouse.kernel.csv_rows import stream_rows
from packhouse.kernel.wire import timestamp
from packhouse.locations.models import StockLocation

SHOWN = 20
AT_ONCE = 5_000
EXPORTED = ("sku", "erp_code", "quantity", "safety_stock", "unit_type", "counted_at")


def take(file: Path, *, dry_run: bool, errors: Path | None) -> int:
    """Take the counts of a file and print what became of them; how many rows were refused."""
    with (
        file.open(encoding="utf-8-sig", newline="") as stream,
        bar("Checking" if dry_run else "Counting", _lines(file)) as progress,
        explained(),
    ):
        rows = stream_rows(stream, columns=COLUMNS, needed=NEEDED)
        taken = take_file(rows, dry_run=dry_run, progress=progress.set)
    for error in taken.errors[:SHOWN]:
        click.echo(f"refused: line {error['line']} ({error['sku'] or '?'}): {error['error']}")
    if len(taken.errors) > SHOWN:
        click.echo(f"refused: and {len(taken.errors) - SHOWN} more (--errors FILE writes all of them)")
    if errors:
        errors.write_text(json.dumps(taken.errors, indent=1, ensure_ascii=False))
    told = f"{taken.accepted} taken, {taken.ignored} older than what is known, {len(taken.errors)} refused"
    click.echo(f"{told}{' (nothing was written)' if dry_run else ''}")
    return len(taken.errors)


def _lines(file: Path) -> int:
    """Without the header."""
    with file.open("rb") as stream:
        return max(sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b"")) - 1, 0)


def give(file: Path, codes: Sequence[str]) -> None:
    """Write the stock of these locations, or of all, as of one moment."""
    known = set(StockLocation.objects.filter(erp_code__in=codes).values_list("erp_code", flat=True))
    if missing := sorted(set(codes) - known):
        raise click.ClickException(f"There is no location {missing[0]}.")
    rows = Stock.objects.order_by("stock_location_id", "sku")
    if codes:
        rows = rows.filter(stock_location__erp_code__in=codes)
    values = rows.values_list("sku", "stock_location__erp_code", "on_hand", "safety_stock", "unit_type")
    done = 0
    with (
        file.open("w", encoding="utf-8", newline="") as stream,
        bar("Writing", rows.count()) as progress,
        transaction.atomic(),
    ):
        writer = csv.writer(stream)
        writer.writerow(EXPORTED)
        moment = timestamp(clock.now())
        for done, row in enumerate(values.iterator(chunk_size=AT_ONCE), start=1):
            writer.writerow((*row, moment))
            if done % AT_ONCE == 0:
                progress.set(done)
    click.echo(f"{done} rows written to {file}")
