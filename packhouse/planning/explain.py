"""Why a plan is as it is: what is kept of it, and the document that is made from that when it is asked for.

`stored(plan)` is compact JSON: the numbers that change, for the locations that had any of the order's SKUs.
`document(stored)` is the explanation of page 30, with sentences in English and Turkish.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from packhouse.planning.keeping import fold, unfold
from packhouse.planning.recollection import Recollection
from packhouse.planning.result import Plan
from packhouse.planning.sentences import sentences

Json = dict[str, Any]


def stored(plan: Plan) -> Json:
    """What is kept with an execution plan, as compact JSON; see `keeping`."""
    return fold(plan)


def document(kept: Mapping[str, Any]) -> Json:
    """The explanation as ``GET /orderexecutionplans/{id}/explanation/`` answers it."""
    kept = unfold(kept)
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


def _named(row: Sequence[Any] | None) -> Json | None:
    return None if row is None else _described(row)


def _described(row: Sequence[Any]) -> Json:
    return dict(zip(("id", "version", "name"), row, strict=True))


def _items(shares: Sequence[Sequence[Any]]) -> list[Json]:
    return [{"order_item": item, "quantity": quantity} for item, quantity in shares]
