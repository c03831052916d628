"""What the nightly look finds, put where people see it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict

from packhouse.commands.reconcile.differences import Difference, find_differences, kinds
from packhouse.kernel import exceptions

KIND = "reconcile"
SHOWN = 50


def report_differences() -> list[Difference]:
    """Find all differences; one open entry per kind in the exceptions list, closed once nothing differs."""
    found = find_differences()
    by_kind: dict[str, list[Difference]] = defaultdict(list)
    for each in found:
        by_kind[each.kind].append(each)
    for kind in kinds():
        if kind in by_kind:
            _report(kind, by_kind[kind])
        else:
            exceptions.resolve(KIND, f"reconcile/{kind}")
    return found


def _report(kind: str, found: Sequence[Difference]) -> None:
    exceptions.report(
        KIND,
        f"reconcile/{kind}",
        f"{len(found)} differences of kind {kind}, first: {found[0]}",
        detail={"count": len(found), "first": [asdict(each) for each in found[:SHOWN]]},
        action="reconcile --fix",
    )
