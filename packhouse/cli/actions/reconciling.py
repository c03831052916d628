"""What does not agree, as a table."""

import json
from collections.abc import Sequence
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table

from packhouse.cli.progress import bar
from packhouse.commands.reconcile.differences import find_differences, kinds
from packhouse.commands.reconcile.repairs import Repair, repair_all


def reconcile(wanted: Sequence[str], *, fix: bool, as_json: bool) -> int:
    """Print the differences of these kinds (none named: of all), mended with `fix`; how many are left."""
    unknown = sorted(set(wanted) - set(kinds()))
    if unknown:
        raise click.ClickException(f"There is no kind {unknown[0]}. Kinds: {', '.join(kinds())}.")
    picked = wanted or None
    with bar("Mending" if fix else "Comparing"):
        found = (
            repair_all(picked) if fix else [Repair(each, "not asked to") for each in find_differences(picked)]
        )
    left = [each for each in found if each.problem]
    if as_json:
        click.echo(
            json.dumps([{**asdict(each.difference), "mended": not each.problem} for each in found], indent=1)
        )
    elif found:
        Console().print(_table(found, fix=fix))
    if not as_json:
        click.echo(_sum(found, left, fix=fix))
    return len(left)


def _table(found: Sequence[Repair], *, fix: bool) -> Table:
    table = Table("kind", "object", "expected", "found", *(["result"] if fix else []), box=None)
    for each in found:
        one = each.difference
        result = [each.problem or "mended"] if fix else []
        table.add_row(one.kind, one.object, one.expected, one.found, *result)
    return table


def _sum(found: Sequence[Repair], left: Sequence[Repair], *, fix: bool) -> str:
    if not found:
        return "Everything agrees."
    if not fix:
        return f"{len(found)} differences; --fix mends them."
    return f"{len(found) - len(left)} of {len(found)} differences mended."
