"""Snapshots in a few words: who has what, what is ordered, by which rules; and plans in a few words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from packhouse.planning import scenario
from packhouse.planning.engine import plan
from packhouse.planning.geography import Address, Point
from packhouse.planning.queries import parse
from packhouse.planning.query_fields import Scope
from packhouse.planning.result import Plan, PlannedPackage, RuleFacts
from packhouse.planning.snapshot import (
    Line,
    Location,
    Locations,
    OrderFacts,
    ScenarioVersion,
    Snapshot,
    StockLevel,
    StockTable,
)
from packhouse.planning.tariff import CarrierRule, Tariff

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)  # a Monday

KIZILAY = Point(32.854, 39.921)  # the city centre of Ankara
Amount = int | str | Decimal
Held = Amount | tuple[Amount, ...]


def a_line(item: int, sku: str, quantity: Amount = 1, **fields: Any) -> Line:
    return Line(item, sku, Decimal(quantity), **fields)


def lines_of(*what: str | tuple[str, Amount]) -> tuple[Line, ...]:
    """`lines_of("A", ("B", 2))`: order items 1, 2 …"""
    pairs = [(each, 1) if isinstance(each, str) else each for each in what]
    return tuple(a_line(item, sku, quantity) for item, (sku, quantity) in enumerate(pairs, start=1))


def an_order(**fields: Any) -> OrderFacts:
    return OrderFacts(**{"id": 77, "number": "100077", "address": Address(point=KIZILAY), **fields})


def a_location(code: str, **fields: Any) -> Location:
    """`a_location("S7")` has id 7."""
    digits = "".join(filter(str.isdigit, code))
    return Location(**{"id": int(digits), "erp_code": code, **fields})


def km_east(kilometres: float) -> Address:
    """An address so far east of Kızılay, to about a metre."""
    return Address(point=Point(KIZILAY.longitude + kilometres / 85.283, KIZILAY.latitude))


def a_rule(**fields: Any) -> dict[str, Any]:
    return {"name": "rule", **fields}


def condition(code: str, value: object = None) -> dict[str, Any]:
    return {"code": code} if value is None else {"code": code, "value": value}


def by(*keys: str) -> list[dict[str, str]]:
    """`by("DISTANCE", "-STOCK_AMOUNT")`: ascending, descending."""
    return [
        {"key": key.removeprefix("-"), "direction": "desc" if key.startswith("-") else "asc"} for key in keys
    ]


def a_scenario(*rules: Mapping[str, Any], id: int = 1, version: int = 1, **fields: Any) -> ScenarioVersion:
    body = {"name": f"scenario {id}", "default_location": "S99", "rules": list(rules), **fields}
    return ScenarioVersion(id, version, scenario.parse(body))


def a_transfer_scenario(*rules: Mapping[str, Any], id: int = 50, **fields: Any) -> ScenarioVersion:
    body = {"name": f"transfers {id}", "kind": "transfer", "rules": list(rules), **fields}
    return ScenarioVersion(id, 1, scenario.parse(body))


def a_snapshot(
    lines: Sequence[Line] | str,
    stock: Mapping[str, Mapping[str, Held]],
    *rules: Mapping[str, Any],
    locations: Sequence[Location] = (),
    **fields: Any,
) -> Snapshot:
    """``stock``: location -> SKU -> quantity or (stock, reserved, safety). Locations not given are made;
    S99, the default location, always is there. Without rules: one that takes what can be taken."""
    known = {location.erp_code: location for location in locations}
    for code in [*stock, "S99"]:
        known.setdefault(code, a_location(code))
    levels = {
        (known[code].id, sku): StockLevel(*map(Decimal, held if isinstance(held, tuple) else (held,)))
        for code, shelf in stock.items()
        for sku, held in shelf.items()
    }
    facts: dict[str, Any] = {
        "order": an_order(),
        "lines": lines_of(*lines) if isinstance(lines, str) else tuple(lines),
        "scenarios": (a_scenario(*(rules or [a_rule()])),),
        "locations": Locations(known.values()),
        "stock": StockTable(levels),
        "taken_at": NOON,
    }
    return Snapshot(**{**facts, **fields})


def a_tariff(costs: Mapping[str, Amount | None]) -> Tariff:
    """What it costs to send something from these locations."""
    rules = [
        CarrierRule(
            carrier_id=1,
            carrier="example",
            when=parse({"field": "package.stock_location", "op": "eq", "value": code}, Scope.CARRIER),
            base=Decimal(cost),
        )
        for code, cost in costs.items()
        if cost is not None
    ]
    return Tariff(tuple(rules), frozenset({"example"}))


def ids(snapshot: Snapshot, *codes: str) -> frozenset[int]:
    return frozenset(snapshot.locations.by_code[code].id for code in codes)


def changed(snapshot: Snapshot, **fields: Any) -> Snapshot:
    return replace(snapshot, **fields)


def shown(made: Plan, package: PlannedPackage) -> tuple[str, str, dict[int, Decimal]]:
    code = made.explanation.snapshot.locations.by_id[package.location_id].erp_code
    return code, package.state, dict(package.lines)


def packages(snapshot: Snapshot) -> list[tuple[str, str, dict[int, Decimal]]]:
    """(location, state, {order item: quantity}) of each package, in the order they are planned."""
    made = plan(snapshot)
    assert made.reason is None
    return [shown(made, package) for package in made.packages]


def places(snapshot: Snapshot) -> list[str]:
    """The locations that pack something, in the order they were given it."""
    return [code for code, state, _ in packages(snapshot) if state != "OUT_OF_STOCK"]


def reasons(snapshot: Snapshot) -> dict[int, str]:
    """Order item -> why it was not placed."""
    return {rest.order_item_id: rest.reason for rest in plan(snapshot).not_placed}


def rule_facts(snapshot: Snapshot, position: int = 1) -> RuleFacts:
    return plan(snapshot).explanation.rules[position - 1]
