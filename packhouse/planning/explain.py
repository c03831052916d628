"""Why a plan is as it is: what is kept of it, and the document that is made from that when it is asked for.

`stored(plan)` is compact JSON: the numbers that change, for the locations that had any of the order's SKUs.
`document(stored)` is the explanation of page 30, with sentences in English and Turkish.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from packhouse.planning.recollection import Recollection
from packhouse.planning.result import Plan, RuleFacts, TransferFacts
from packhouse.planning.sentences import sentences
from packhouse.planning.snapshot import Location, ScenarioVersion

Json = dict[str, Any]


def stored(plan: Plan) -> Json:
    """What is kept with an execution plan; quantities are JSON numbers, locations are erp_codes.

    ``at``: by location, ``n`` [stock, reserved, safety] or null for each of ``skus``, ``q`` quota and
    maximum. ``km``: distances by location, where they were looked at. ``placed``: the address has a point.
    """
    facts = plan.explanation
    snapshot = facts.snapshot
    codes = _Codes(snapshot.locations.by_id)
    skus = list(facts.levels)
    at: dict[str, Json] = {}
    for location in facts.candidates:
        at[location.erp_code] = _numbers(plan, location, skus)
    return {
        "order": snapshot.order.number,
        "taken_at": snapshot.taken_at.isoformat(),
        "attempt": snapshot.attempt,
        "scenario": _version(plan.scenario),
        "reason": plan.reason,
        "refused": [[*_known(version), failed] for version, failed in facts.refusals],
        "lines": [[line.order_item_id, line.sku, _number(line.quantity)] for line in snapshot.lines],
        "skus": skus,
        "at": at,
        "km": _distances(facts.distances, codes),
        "placed": snapshot.order.address.best_point is not None,
        "silent": [codes[key] for key in sorted(snapshot.unknown_stock) if key in codes],
        "rules": [_rule(rule, codes) for rule in facts.rules],
        "packages": [
            [codes[package.location_id], package.state, _shares(package.lines), package.rule_position]
            for package in plan.packages
        ],
        "not_placed": [[rest.order_item_id, _number(rest.quantity), rest.reason] for rest in plan.not_placed],
    }


def document(kept: Mapping[str, Any]) -> Json:
    """The explanation as ``GET /orderexecutionplans/{id}/explanation/`` answers it."""
    numbers = _Numbers(kept)
    return {
        "order": kept["order"],
        "scenario": _named(kept["scenario"]),
        "taken_at": kept["taken_at"],
        "attempt": kept["attempt"],
        "reason": kept["reason"],
        "scenarios_refused": [{**_described(row[:3]), "condition": row[3]} for row in kept["refused"]],
        "rules": [numbers.explained(rule, kept["km"]) for rule in kept["rules"]],
        "packages": [
            {"erp_code": code, "state": state, "rule": position, "lines": _items(shares)}
            for code, state, shares, position in kept["packages"]
        ],
        "not_placed": [
            {"order_item": item, "quantity": quantity, "reason": reason}
            for item, quantity, reason in kept["not_placed"]
        ],
        "sentences": {language: sentences(kept, language) for language in ("en", "tr")},
    }


class _Codes(dict[int, str]):
    """erp_code by location id."""

    def __init__(self, by_id: Mapping[int, Location]) -> None:
        super().__init__()
        self._by_id = by_id

    def __missing__(self, key: int) -> str:
        location = self._by_id.get(key)
        code = self[key] = f"#{key}" if location is None else location.erp_code
        return code

    def __contains__(self, key: object) -> bool:
        return key in self._by_id


def _numbers(plan: Plan, location: Location, skus: Sequence[str]) -> Json:
    facts = plan.explanation
    load = facts.loads.get(location.id)
    levels = [facts.levels[sku].get(location.id) for sku in skus]
    return {
        "n": [
            None if level is None else [_number(level.stock), _number(level.reserved), _number(level.safety)]
            for level in levels
        ],
        "q": [location.quota if load is None else load.quota, location.max_quota],
    }


def _distances(distances: Mapping[int, float | None], codes: Mapping[int, str]) -> Json:
    return {codes[key]: km for key, km in distances.items()}


def _rule(rule: RuleFacts, codes: Mapping[int, str]) -> Json:
    shut: dict[str, list[str]] = {}
    for key, code in rule.excluded:
        shut.setdefault(code, []).append(codes[key])
    ranked = zip(rule.ranked, rule.values, strict=True)
    return {
        "position": rule.position,
        "name": rule.name,
        "why_not": rule.why_not,
        "skus": rule.skus,
        "sort": rule.keys,
        "product_condition": rule.product_condition,
        "strategy": rule.strategy,
        "max_packages": rule.max_packages,
        "in": [[codes[key], *map(_number, values)] for key, values in ranked],
        "out": shut,
        "given": [[codes[key], _shares(shares)] for key, shares in rule.given],
        "bound": rule.bound and [rule.bound.lower, rule.bound.found, rule.bound.proven],
        "transfer": rule.transfer and _transfer(rule.transfer, codes),
    }


def _transfer(transfer: TransferFacts, codes: Mapping[int, str]) -> Json:
    return {
        "to": codes[transfer.location_id],
        "scenario": _version(transfer.scenario),
        "rules": [_rule(rule, codes) for rule in transfer.rules],
        "km": _distances(transfer.distances, codes),
    }


class _Numbers:
    """The rules in the shape of page 30, one after the other, each with the numbers it looked at."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self.skus = kept["skus"]
        self.then = Recollection(kept)

    def explained(
        self, rule: Mapping[str, Any], km: Mapping[str, float | None], *, packs: bool = True
    ) -> Json:
        given = {code: _items(shares) for code, shares in rule["given"]}
        candidates = [
            self._candidate(code, km, rank=rank, sort=values, given=given.get(code, []))
            for rank, (code, *values) in enumerate(rule["in"], start=1)
        ]
        for why, codes in rule["out"].items():
            candidates += [self._candidate(code, km, excluded_by=why) for code in codes]
        bound, transfer = rule["bound"], rule["transfer"]
        self.then.pass_by(rule, packs=packs)
        return {
            "position": rule["position"],
            "name": rule["name"],
            "applied": rule["why_not"] is None,
            "why_not": rule["why_not"],
            "sort_keys": [{"key": key, "direction": direction} for key, direction in rule["sort"]],
            "candidates": candidates,
            "bound": bound and dict(zip(("lower", "found", "proven"), bound, strict=True)),
            "transfer": transfer and self._transfer(transfer),
        }

    def _transfer(self, transfer: Mapping[str, Any]) -> Json:
        return {
            "erp_code": transfer["to"],
            "scenario": _named(transfer["scenario"]),
            "rules": [self.explained(rule, transfer["km"], packs=False) for rule in transfer["rules"]],
        }

    def _candidate(
        self,
        code: str,
        km: Mapping[str, float | None],
        *,
        excluded_by: str | None = None,
        rank: int | None = None,
        sort: Sequence[Any] = (),
        given: Sequence[Json] = (),
    ) -> Json:
        numbers: Json = {}
        for sku in self.skus:
            level = self.then.level(code, sku)
            if level is not None:
                numbers[sku] = {
                    "stock": level.stock,
                    "reserved": level.reserved,
                    "safety": level.safety,
                    "available": level.available,
                }
        quota, most = self.then.quota(code)
        numbers["quota"], numbers["max_quota"] = quota, most
        numbers["available_quota"] = None if quota is None or most is None else most - quota
        numbers["distance_km"] = km.get(code)
        return {
            "erp_code": code,
            "in": excluded_by is None,
            "excluded_by": excluded_by,
            "numbers": numbers,
            "sort": list(sort),
            "rank": rank,
            "given": list(given),
        }


def _version(version: ScenarioVersion | None) -> list[Any] | None:
    return None if version is None else _known(version)


def _known(version: ScenarioVersion) -> list[Any]:
    return [version.id, version.version, version.name]


def _named(row: Sequence[Any] | None) -> Json | None:
    return None if row is None else _described(row)


def _described(row: Sequence[Any]) -> Json:
    return dict(zip(("id", "version", "name"), row, strict=True))


def _shares(shares: Sequence[tuple[int, Decimal]]) -> list[list[Any]]:
    return [[item, _number(quantity)] for item, quantity in shares]


def _items(shares: Sequence[Sequence[Any]]) -> list[Json]:
    return [{"order_item": item, "quantity": quantity} for item, quantity in shares]


def _number(value: Any) -> Any:
    """A Decimal as the JSON number it is."""
    if not isinstance(value, Decimal):
        return value
    whole = int(value)
    return whole if whole == value else float(value)
