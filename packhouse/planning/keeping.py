"""The facts behind a plan as compact JSON, and back.

Kept are the numbers that change, once per location that had any of the order's SKUs; rules refer to those
locations by their place in the list. Order is in lists only: a JSON column need not keep that of keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from decimal import Decimal
from functools import lru_cache
from typing import Any

from packhouse.planning.result import Plan, RuleFacts, TransferFacts
from packhouse.planning.snapshot import Location, ScenarioVersion, StockLevel

Json = dict[str, Any]

NOT_LOOKED_AT = False
"""Stands for a distance that no condition and no sort asked for; null is one that is not known."""
_FOLDED_AT_ONCE = 16_384


def fold(plan: Plan) -> Json:
    """What is kept with an execution plan: JSON values, quantities as numbers.

    ``at``: [erp_code, quota, maximum, level of each of ``skus`` …], a level being 0 for no row, else [stock],
    [stock, reserved] or [stock, reserved, safety]. ``km``: distances in the order of ``at``, or null.
    """
    facts, snapshot = plan.explanation, plan.explanation.snapshot
    by_id = snapshot.locations.by_id
    places = {location.id: place for place, location in enumerate(facts.candidates)}
    return {
        "order": snapshot.order.number,
        "taken_at": snapshot.taken_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "attempt": snapshot.attempt,
        "scenario": _version(plan.scenario),
        "reason": plan.reason,
        "refused": [[*_named(version), failed] for version, failed in facts.refusals],
        "lines": [[line.order_item_id, line.sku, _number(line.quantity)] for line in snapshot.lines],
        "skus": list(facts.levels),
        "at": _rows(plan),
        "km": _column(facts.distances, facts.candidates),
        "placed": snapshot.order.address.best_point is not None,
        "silent": [by_id[key].erp_code for key in sorted(snapshot.unknown_stock) if key in by_id],
        "rules": [_rule(plan, rule, places) for rule in facts.rules],
        "packages": [
            [_code(by_id, one.location_id), one.state, _shares(one.lines), one.rule_position]
            for one in plan.packages
        ],
        "not_placed": [[rest.order_item_id, _number(rest.quantity), rest.reason] for rest in plan.not_placed],
    }


def unfold(kept: Mapping[str, Any]) -> Json:
    """The same facts by erp_code, as they are told.

    ``at``: {erp_code: {"n": [[stock, reserved, safety] or null], "q": [quota, maximum]}}; ``km``:
    {erp_code: distance}. Of each rule ``in``: [erp_code, values of the sort keys …] best first, ``out``:
    {condition: [erp_code]}, ``given``: [erp_code, shares].
    """
    codes = [row[0] for row in kept["at"]]
    return {
        **kept,
        "at": {
            code: {"n": [_level(level) for level in levels], "q": [quota, most]}
            for code, quota, most, *levels in kept["at"]
        },
        "km": _by_code(kept["km"], codes),
        "rules": [_unfolded(rule, kept["km"], codes) for rule in kept["rules"]],
    }


def _rows(plan: Plan) -> list[list[Any]]:
    loads = plan.explanation.loads
    columns = list(plan.explanation.levels.values())
    rows = []
    for location in plan.explanation.candidates:
        key = location.id
        load = loads.get(key)
        row = [location.erp_code, location.quota if load is None else load.quota, location.max_quota]
        for levels in columns:
            level = levels.get(key)
            row.append(0 if level is None else _folded(level))
        rows.append(row)
    return rows


@lru_cache(maxsize=_FOLDED_AT_ONCE)
def _folded(level: StockLevel) -> tuple[Any, ...]:
    numbers = tuple([_number(one) for one in level])
    if level.safety:
        return numbers
    return numbers[:2] if level.reserved else numbers[:1]


def _level(folded: Any) -> list[Any] | None:
    return [*folded, 0, 0][:3] if folded else None


def _column(distances: Mapping[int, float | None], candidates: Sequence[Location]) -> list[Any] | None:
    if not distances:
        return None
    return [distances.get(location.id, NOT_LOOKED_AT) for location in candidates]


def _by_code(column: Sequence[Any] | None, codes: Sequence[str]) -> Json:
    return {code: km for code, km in zip(codes, column or (), strict=False) if km is not NOT_LOOKED_AT}


def _rule(plan: Plan, rule: RuleFacts, places: Mapping[int, int]) -> Json:
    shut: dict[str, list[int]] = {}
    for key, code in rule.excluded:
        shut.setdefault(code, []).append(places[key])
    columns = zip(rule.keys, zip(*rule.values, strict=True), strict=False)
    return {
        "position": rule.position,
        "name": rule.name,
        "why_not": rule.why_not,
        "sort": rule.keys,
        "product_condition": rule.product_condition,
        "in": [places[key] for key in rule.ranked],
        "by": [
            None if key == "DISTANCE" else [_number(one) for one in column] for (key, _), column in columns
        ],
        "out": list(shut.items()),
        "given": [[places[key], _shares(shares)] for key, shares in rule.given],
        "bound": rule.bound and [rule.bound.lower, rule.bound.found, rule.bound.proven],
        "transfer": rule.transfer and _transfer(plan, rule.transfer, places),
    }


def _transfer(plan: Plan, transfer: TransferFacts, places: Mapping[int, int]) -> Json:
    facts = plan.explanation
    return {
        "to": _code(facts.snapshot.locations.by_id, transfer.location_id),
        "scenario": _version(transfer.scenario),
        "rules": [_rule(plan, rule, places) for rule in transfer.rules],
        "km": _column(transfer.distances, facts.candidates),
    }


def _unfolded(rule: Mapping[str, Any], km: Sequence[Any] | None, codes: Sequence[str]) -> Json:
    inside = rule["in"]
    columns = [[km[place] for place in inside] if one is None and km else one for one in rule["by"]]
    values = zip(*columns, strict=True) if columns else [()] * len(inside)
    transfer = rule["transfer"]
    return {
        **rule,
        "in": [[codes[place], *row] for place, row in zip(inside, values, strict=True)],
        "out": {why: [codes[place] for place in places] for why, places in rule["out"]},
        "given": [[codes[place], shares] for place, shares in rule["given"]],
        "transfer": transfer
        and {
            **transfer,
            "rules": [_unfolded(inner, transfer["km"], codes) for inner in transfer["rules"]],
            "km": _by_code(transfer["km"], codes),
        },
    }


def _version(version: ScenarioVersion | None) -> list[Any] | None:
    return None if version is None else _named(version)


def _named(version: ScenarioVersion) -> list[Any]:
    return [version.id, version.version, version.name]


def _code(by_id: Mapping[int, Location], key: int) -> str:
    return by_id[key].erp_code if key in by_id else f"#{key}"


def _shares(shares: Sequence[tuple[int, Decimal]]) -> list[list[Any]]:
    return [[item, _number(quantity)] for item, quantity in shares]


def _number(value: Any) -> Any:
    """A Decimal as the JSON number it is."""
    return _of_decimal(value) if isinstance(value, Decimal) else value


@lru_cache(maxsize=_FOLDED_AT_ONCE)
def _of_decimal(value: Decimal) -> int | float:
    whole = int(value)
    return whole if whole == value else float(value)
