"""Orders from a file."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from packhouse.cli.actions.refusals import explained
from packhouse.cli.progress import bar
from packhouse.commands.orders.import_csv import read_csv
from packhouse.commands.orders.import_orders import ImportResult, documents_of, import_orders

AT_ONCE = 50
SHOWN = 20


def run(file: Path, *, dry_run: bool, create_missing: bool, errors: Path | None) -> int:
    """Import the file and print what became of it; how many orders were refused."""
    orders = read(file)
    results: list[ImportResult] = []
    with bar("Checking" if dry_run else "Importing", len(orders)) as progress:
        for start in range(0, len(orders), AT_ONCE):
            part = orders[start : start + AT_ONCE]
            results += import_orders(part, dry_run=dry_run, create_missing=create_missing, first_index=start)
            progress.set(len(results))
    refused = [result for result in results if result.code]
    _print(results, refused, dry_run=dry_run)
    if errors:
        errors.write_text(json.dumps([each.document() for each in refused], indent=1, ensure_ascii=False))
    return len(refused)


def read(file: Path) -> Sequence[Any]:
    """The orders of a CSV or JSON file. Raises click.ClickException."""
    content = file.read_bytes()
    with explained():
        if file.suffix.lower() == ".csv":
            return read_csv(content)
        try:
            body = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise click.ClickException(f"{file} is no JSON ({error}); a CSV file is named .csv.") from error
        return documents_of(body)


def _print(results: list[ImportResult], refused: list[ImportResult], *, dry_run: bool) -> None:
    for result in refused[:SHOWN]:
        texts = "; ".join(f"{path}: {' '.join(texts)}" for path, texts in result.errors.items())
        click.echo(
            f"refused: {result.channel or '?'} {result.number or f'order {result.index + 1}'}: {texts}"
        )
    if len(refused) > SHOWN:
        click.echo(f"refused: and {len(refused) - SHOWN} more (--errors FILE writes all of them)")
    counts = Counter(str(result.outcome.value) for result in results)
    told = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))
    click.echo(f"{len(results)} orders: {told}{' (nothing was written)' if dry_run else ''}")
