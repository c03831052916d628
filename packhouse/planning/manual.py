"""Planning by hand: a person says which location packs what; the same numbers decide whether it can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from packhouse.planning.cover import whole_units
from packhouse.planning.packing import out_of_stock
from packhouse.planning.reasons import Reason
from packhouse.planning.result import WAITING, Explanation, NotPlaced, Plan, PlannedPackage, Share
from packhouse.planning.snapshot import Snapshot
from packhouse.planning.working import Working


@dataclass(frozen=True, slots=True)
class Group:
    """What one location is to pack: one package."""

    location_id: int
    lines: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Shortage:
    """A location has less than a group asks of it. `group`: its position; `missing` = asked − available.

    `reason`: ``not_enough_stock``; ``stock_unavailable`` when its stock service is silent;
    ``unknown_location``. That this order was refused there before does not bind a person.
    """

    group: int
    location_id: int
    order_item_id: int
    sku: str
    asked: Decimal
    available: Decimal
    reason: str

    @property
    def missing(self) -> Decimal:
        return self.asked - self.available


def check_manual(snapshot: Snapshot, groups: Sequence[Group]) -> tuple[Shortage, ...]:
    """What the locations lack, in the order of the groups; empty: it can be done.

    Groups at one location share what is free there. ``KeyError`` for an order item the snapshot lacks.
    """
    return _divide(snapshot, groups)[1]


def plan_manual(snapshot: Snapshot, groups: Sequence[Group]) -> Plan:
    """One WAITING package per group, and beside it an OUT_OF_STOCK package for what its location lacks."""
    given, shortages = _divide(snapshot, groups)
    packages: list[PlannedPackage] = []
    for n, group in enumerate(groups):
        if given[n]:
            packages.append(PlannedPackage(group.location_id, WAITING, given[n]))
        lacking = [(short.order_item_id, short.missing) for short in shortages if short.group == n]
        if lacking:
            packages.append(out_of_stock(group.location_id, lacking))
    not_placed = tuple(NotPlaced(short.order_item_id, short.missing, short.reason) for short in shortages)
    working = Working(snapshot)
    explanation = Explanation(
        snapshot, candidates=working.candidates, levels=working.levels, loads=dict(snapshot.loads)
    )
    return Plan(None, tuple(packages), not_placed, None, explanation)


def _divide(
    snapshot: Snapshot, groups: Sequence[Group]
) -> tuple[list[tuple[Share, ...]], tuple[Shortage, ...]]:
    lines = {line.order_item_id: line for line in snapshot.lines}
    room: dict[tuple[int, str], Decimal] = {}
    given: list[tuple[Share, ...]] = []
    shortages: list[Shortage] = []
    for n, group in enumerate(groups):
        shares = []
        for item, asked in group.lines:
            line = lines[item]
            key = (group.location_id, line.sku)
            held = room.setdefault(key, _held(snapshot, *key))
            part = asked if held >= asked else whole_units(line, held)
            room[key] = held - part
            if part > 0:
                shares.append((item, part))
            if part < asked:
                reason = _reason(snapshot, group.location_id)
                shortages.append(Shortage(n, group.location_id, item, line.sku, asked, part, reason))
        given.append(tuple(shares))
    return given, tuple(shortages)


def _held(snapshot: Snapshot, location_id: int, sku: str) -> Decimal:
    level = snapshot.stock.of(sku).get(location_id)
    if level is None or location_id in snapshot.unknown_stock:
        return Decimal(0)
    return max(level.available, Decimal(0)) if location_id in snapshot.locations.by_id else Decimal(0)


def _reason(snapshot: Snapshot, location_id: int) -> str:
    if location_id not in snapshot.locations.by_id:
        return "unknown_location"
    if location_id in snapshot.unknown_stock:
        return Reason.STOCK_UNAVAILABLE.value
    return Reason.NOT_ENOUGH_STOCK.value
