"""What other versions of scenarios would have done with some orders, side by side. Pure: the same plans as live.

Every candidate plans all orders in the given order, from the same stock, each order beside those before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from packhouse.planning.batch import Book, Ground, Plannable
from packhouse.planning.result import Plan
from packhouse.planning.simulation_tally import Json, Tally, units
from packhouse.planning.snapshot import ScenarioVersion, StockTable

CHANGES_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to plan: `version` stands in place of the live one of its scenario; None: as it is live."""

    ground: Ground
    version: ScenarioVersion | None = None

    def named(self) -> Json:
        """`scenario` and `version` null: the live ones."""
        version = self.version
        if version is None:
            return {"scenario": None, "version": None, "name": "live"}
        return {"scenario": version.id, "version": version.version, "name": version.name}


@dataclass(frozen=True, slots=True)
class Question:
    """Orders with lines, the first of them first, and the stock they are planned from. `left_out`: how many
    orders have nothing to plan, by reason."""

    orders: Sequence[Plannable]
    candidates: Sequence[Candidate]
    stock: StockTable
    taken_at: datetime
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def steps(self) -> int:
        """Plans that will be made."""
        return len(self.orders) * len(self.candidates)


def in_place(ground: Ground, version: ScenarioVersion) -> Ground:
    """The ground with a version in place of the live one of its scenario, which counts as active."""
    is_transfer = version.document.kind == "transfer"
    present = ground.transfer_scenarios if is_transfer else ground.scenarios
    others = [one for one in present if one.id != version.id]
    several = tuple(sorted([*others, version], key=lambda one: (one.document.priority, one.id)))
    if is_transfer:
        return replace(ground, transfer_scenarios=several)
    return replace(ground, scenarios=several)


def simulate(question: Question, step: Callable[[], None] = lambda: None) -> Json:
    """The report of page 30: per version its numbers, and the orders that differ. ``step`` after every plan."""
    orders = question.orders
    versions, shown = [], []
    for candidate in question.candidates:
        tally = Tally(candidate.ground.locations)
        shown.append([tally.add(wanted, made) for wanted, made in _plans(question, candidate, step)])
        versions.append({**candidate.named(), **tally.document()})
    return {
        "orders": len(orders),
        "left_out": dict(question.left_out),
        "taken_at": question.taken_at.isoformat(),
        "versions": versions,
        **_changes(orders, shown),
    }


def plans(question: Question, candidate: Candidate) -> list[Plan]:
    """One plan for each order, as live planning makes them in one batch."""
    return [made for _, made in _plans(question, candidate, lambda: None)]


def _plans(
    question: Question, candidate: Candidate, step: Callable[[], None]
) -> Iterator[tuple[Plannable, Plan]]:
    book = Book(candidate.ground, question.stock, question.taken_at)
    for wanted in question.orders:
        yield wanted, book.decide(wanted)
        step()


def _changes(orders: Sequence[Plannable], shown: Sequence[Sequence[tuple[Any, ...]]]) -> Json:
    """Orders that the candidates do not plan alike, each with what every candidate does."""
    differing = []
    changed = 0
    for wanted, *ways in zip(orders, *shown, strict=True):
        if all(way == ways[0] for way in ways):
            continue
        changed += 1
        if changed <= CHANGES_SHOWN:
            differing.append({"order": wanted.order.number, "plans": [_told(way) for way in ways]})
    return {"changed": changed, "changes": differing}


def _told(way: tuple[Any, ...]) -> Json:
    reason, packages = way
    return {
        "reason": reason,
        "packages": [
            {
                "erp_code": code,
                "state": state,
                "lines": [{"sku": sku, "quantity": units(quantity)} for sku, quantity in lines],
                "transfers": list(sources),
            }
            for code, state, lines, sources in packages
        ],
    }


def totals(report: Json) -> list[tuple[str, list[Any]]]:
    """(name, a value for each version) of what a table shows."""
    versions = report["versions"]
    names = ("planned", "partly", "not_planned", "packages", "packages_per_order", "split_rate", "transfers")
    rows = [(name, [version[name] for version in versions]) for name in names]
    rows += [
        (f"distance_km.{key}", [version["distance_km"][key] for version in versions])
        for key in ("mean", "p95")
    ]
    rows.append(("out_of_stock_lines", [version["out_of_stock_lines"] for version in versions]))
    rows.append(
        ("over_quota", [sum(place["over"] for place in version["locations"]) for version in versions])
    )
    return rows
