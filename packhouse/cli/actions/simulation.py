"""Simulating other versions of scenarios, as a table, JSON or CSV."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from packhouse.cli.actions.importing import read
from packhouse.cli.actions.refusals import explained
from packhouse.cli.progress import bar
from packhouse.commands.inventory.stock_feed import read_counts
from packhouse.commands.inventory.take_counts import COLUMNS, NEEDED
from packhouse.commands.orders.import_orders import Source, read_import
from packhouse.commands.planning.simulate import run as simulate
from packhouse.commands.planning.simulation_request import read_request
from packhouse.kernel.csv_rows import stream_rows
from packhouse.kernel.errors import InvalidParameter, PackhouseError
from packhouse.kernel.times import parse_time
from packhouse.planning.models import Scenario
from packhouse.planning.simulation import totals

Json = dict[str, Any]

BUSIEST = 10
CHANGES = 20
OF_FEEDS = ("counted_at", "version")
"""Columns that tell which of two counts is newer."""


def run(versions: Sequence[str], orders: Path | Mapping[str, Any], stock: Path | None, chosen: str) -> None:
    """Print the report. `orders`: a file, or a filter of those that are here."""
    with explained():
        request = read_request(
            {
                "versions": [_version(text) for text in versions],
                "orders": _documents(orders) if isinstance(orders, Path) else _filter(orders),
                "stock": "now" if stock is None else _rows(stock),
            }
        )
        with bar("Simulating") as progress:
            report = simulate(request, progress.set)
    if chosen == "json":
        click.echo(json.dumps(report, indent=1, ensure_ascii=False))
    elif chosen == "csv":
        _write_csv(report)
    else:
        _print_tables(report)


def _version(text: str) -> dict[str, Any]:
    """`2:5`, or `Web shop:5`."""
    name, _, number = text.rpartition(":")
    if not name or not number.isdigit():
        raise click.ClickException(f"{text} is no version: say SCENARIO:NUMBER, as 2:5.")
    found = Scenario.objects.filter(name=name).first()
    if found is None and name.isdigit():
        found = Scenario.objects.filter(pk=int(name)).first()
    if found is None:
        raise click.ClickException(f"There is no scenario {name}.")
    return {"scenario": found.pk, "version": int(number)}


def _documents(file: Path) -> list[Any]:
    """The orders of a file; what is wrong with those of a CSV is told by line."""
    documents: list[Any] = []
    wrong: dict[str, list[str]] = {}
    for index, each in enumerate(read(file)):
        source = each if isinstance(each, Source) else Source(each)
        documents.append(source.document)
        try:
            read_import(source.document)
        except PackhouseError as refusal:
            prefix = "" if source.lines else f"orders.{index}."
            wrong |= {f"{prefix}{source.place(path)}": texts for path, texts in refusal.errors.items()}
    if wrong:
        raise InvalidParameter(wrong)
    return documents


def _filter(given: Mapping[str, Any]) -> dict[str, Any]:
    """Times without an offset are meant on the installation's clock."""
    return {name: _time(name, value) if "date" in name else value for name, value in given.items()}


def _time(name: str, text: str) -> str:
    option = "--since" if name.endswith("gte") else "--until"
    try:
        return parse_time(text).isoformat()
    except ValueError:
        raise click.ClickException(
            f"{option}: {text} is no time, as 2026-03-02 or 2026-03-02T09:00:00Z."
        ) from None


def _rows(file: Path) -> list[dict[str, str]]:
    """The counts of a file; what is wrong with them is told by line."""
    lines, rows = [], []
    wrong: dict[str, list[str]] = {}
    with file.open(encoding="utf-8-sig", newline="") as stream:
        for row in stream_rows(stream, columns=COLUMNS, needed=NEEDED):
            if isinstance(row, InvalidParameter):
                wrong |= dict(row.errors)
            else:
                lines.append(row.line)
                rows.append({name: value for name, value in row.values.items() if name not in OF_FEEDS})
    _, errors = read_counts(rows)
    wrong |= {f"lines.{lines[each['index']]}": [each["error"]] for each in errors}
    if wrong:
        raise InvalidParameter(wrong)
    return rows


def _heads(report: Json) -> list[str]:
    return [
        each["name"] if each["version"] is None else f"{each['name']} v{each['version']}"
        for each in report["versions"]
    ]


def _write_csv(report: Json) -> None:
    """The numbers side by side, then the packages of every location."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("", *_heads(report)))
    writer.writerow(("orders", *[report["orders"]] * len(report["versions"])))
    writer.writerows((name, *values) for name, values in totals(report))
    writer.writerows((f"packages.{code}", *counts) for code, counts in _loads(report))


def _loads(report: Json) -> list[tuple[str, list[int]]]:
    """(erp_code, packages by version), busiest first."""
    per_version = [
        {place["erp_code"]: place["packages"] for place in version["locations"]}
        for version in report["versions"]
    ]
    codes = {code: None for loads in per_version for code in loads}
    rows = [(code, [loads.get(code, 0) for loads in per_version]) for code in codes]
    return sorted(rows, key=lambda row: (-max(row[1]), row[0]))


def _print_tables(report: Json) -> None:
    console, heads = Console(), _heads(report)
    left_out = "".join(f", {count} left out ({why})" for why, count in report["left_out"].items())
    click.echo(f"{report['orders']} orders{left_out}")
    numbers = _table("", heads)
    for name, values in totals(report):
        numbers.add_row(name, *map(_shown, values))
    console.print(numbers)
    loads = _loads(report)
    busiest = _table("packages at", heads)
    for code, counts in loads[:BUSIEST]:
        busiest.add_row(code, *map(str, counts))
    console.print(busiest)
    if len(loads) > BUSIEST:
        click.echo(f"and {len(loads) - BUSIEST} more locations (--format json names all)")
    if len(heads) > 1:
        _print_changes(report, console, heads)


def _print_changes(report: Json, console: Console, heads: list[str]) -> None:
    if not report["changed"]:
        click.echo("Every order would be planned alike.")
        return
    table = _table(f"{report['changed']} orders change", heads)
    for change in report["changes"][:CHANGES]:
        table.add_row(change["order"], *map(_told, change["plans"]))
    console.print(table)
    if report["changed"] > CHANGES:
        click.echo(f"and {report['changed'] - CHANGES} more (--format json names 1,000)")


def _told(plan: Mapping[str, Any]) -> str:
    """`S1: A, 2 x B · S2: C`"""
    if plan["reason"]:
        return str(plan["reason"])
    return " · ".join(_package(package) for package in plan["packages"])


def _package(package: Mapping[str, Any]) -> str:
    lines = ", ".join(
        line["sku"] if line["quantity"] == 1 else f"{line['quantity']} x {line['sku']}"
        for line in package["lines"]
    )
    place = "out of stock" if package["state"] == "OUT_OF_STOCK" else package["erp_code"]
    coming = f" (from {', '.join(package['transfers'])})" if package["transfers"] else ""
    return f"{place}: {lines}{coming}"


def _table(first: str, heads: Sequence[str]) -> Table:
    table = Table(first, box=None)
    for head in heads:
        table.add_column(head, overflow="fold")
    return table


def _shown(value: Any) -> str:
    return "–" if value is None else str(value)
