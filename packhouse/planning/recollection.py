"""The numbers a rule looked at: those of the snapshot, less what the rules before it had given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Level:
    """Of one SKU at one location; `given`: what this plan had taken there by then."""

    stock: float
    reserved: float
    safety: float
    given: float

    @property
    def available(self) -> float:
        return round(self.stock - self.reserved - self.safety - self.given, 3)


class Recollection:
    """What `keeping.unfold` gives, gone through rule by rule: `pass_by` each after it has been told."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self._at: Mapping[str, Any] = kept["at"]
        self._column = {sku: n for n, sku in enumerate(kept["skus"])}
        self._sku_of = {item: sku for item, sku, _ in kept["lines"]}
        self._given: dict[tuple[str, str], float] = {}
        self._packages: set[tuple[str, bool]] = set()

    def level(self, code: str, sku: str) -> Level | None:
        """None: the location has no row for this SKU."""
        row = self._at[code]["n"][self._column[sku]] if code in self._at else None
        if row is None:
            return None
        stock, reserved, safety = row
        return Level(stock, reserved, safety, self._given.get((code, sku), 0))

    def free(self, code: str, sku: str) -> float:
        level = self.level(code, sku)
        return 0 if level is None else level.available

    def quota(self, code: str) -> tuple[int | None, int | None]:
        """(quota with the packages of this plan, maximum)"""
        quota, most = self._at[code]["q"] if code in self._at else (None, None)
        planned = sum((code, waits) in self._packages for waits in (False, True))
        return (None if quota is None else quota + planned), most

    def by_sku(self, shares: Iterable[tuple[int, float]]) -> list[tuple[str, float]]:
        """Quantities by SKU of shares by order item."""
        total: dict[str, float] = {}
        for item, quantity in shares:
            sku = self._sku_of[item]
            total[sku] = round(total.get(sku, 0) + quantity, 3)
        return list(total.items())

    def pass_by(self, rule: Mapping[str, Any], *, packs: bool = True) -> None:
        """Go on behind what the locations of a rule gave; ``packs`` False: they are sources of transfers."""
        for code, shares in rule["given"]:
            for sku, quantity in self.by_sku(shares):
                self._given[code, sku] = self._given.get((code, sku), 0) + quantity
        if not packs:
            return
        transfer = rule["transfer"]
        waits = transfer["to"] if transfer and any(inner["given"] for inner in transfer["rules"]) else None
        self._packages |= {(code, code == waits) for code, _ in rule["given"]}
        if waits is not None:
            self._packages.add((waits, True))
