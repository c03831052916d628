"""The numbers of one simulated version, added up plan by plan: no plan is kept."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from math import ceil
from statistics import fmean
from typing import Any

from packhouse.planning.batch import Plannable
from packhouse.planning.geography import distance_km
from packhouse.planning.result import OUT_OF_STOCK, Plan, PlannedPackage, lines_by_item
from packhouse.planning.snapshot import Locations

Json = dict[str, Any]

Way = tuple[str | None, tuple[Any, ...]]
"""(reason, packages), a package being (erp_code, state, (SKU, quantity) …, erp_codes of sources): equal ways are
equal plans."""


class Tally:
    """Of the plans that `add` was given."""

    def __init__(self, locations: Locations) -> None:
        self._locations = locations
        self._orders = self._wholly = self._transfers = self._lines_out = 0
        self._counts: list[int] = []
        self._distances: list[float] = []
        self._reasons: Counter[str] = Counter()
        self._packages: Counter[int] = Counter()
        self._units: dict[int, Decimal] = {}

    def add(self, wanted: Plannable, plan: Plan) -> Way:
        """Count one plan; what it does with the order."""
        filled = [package for package in plan.packages if package.state != OUT_OF_STOCK]
        self._orders += 1
        self._wholly += bool(filled) and not plan.not_placed
        self._lines_out += len(plan.not_placed)
        self._reasons.update(rest.reason for rest in plan.not_placed)
        if filled:
            self._counts.append(len(filled))
        for package in filled:
            self._pack(wanted, package)
        return self._way(plan)

    def _pack(self, wanted: Plannable, package: PlannedPackage) -> None:
        place = self._locations.by_id[package.location_id]
        self._transfers += len(package.transfers)
        self._packages[place.id] += 1
        before = self._units.get(place.id, Decimal(0))
        self._units[place.id] = sum((quantity for _, quantity in package.lines), before)
        km = distance_km(wanted.order.address, place.address)
        if km is not None:
            self._distances.append(km)

    def _way(self, plan: Plan) -> Way:
        lines, by_id = lines_by_item(plan.explanation.snapshot), self._locations.by_id
        return plan.reason, tuple(
            (
                by_id[package.location_id].erp_code,
                package.state,
                tuple((lines[item].sku, quantity) for item, quantity in package.lines),
                tuple(by_id[one.source_id].erp_code for one in package.transfers),
            )
            for package in plan.packages
        )

    def document(self) -> Json:
        """As it stands in the report."""
        counts, distances = self._counts, sorted(self._distances)
        return {
            "planned": self._wholly,
            "partly": len(counts) - self._wholly,
            "not_planned": self._orders - len(counts),
            "packages": sum(counts),
            "packages_per_order": round(fmean(counts), 3) if counts else None,
            "split_rate": round(sum(count > 1 for count in counts) / len(counts), 4) if counts else None,
            "transfers": self._transfers,
            "distance_km": {
                "mean": round(fmean(distances), 3) if distances else None,
                "p95": distances[ceil(0.95 * len(distances)) - 1] if distances else None,
            },
            "out_of_stock_lines": self._lines_out,
            "reasons": dict(self._reasons),
            "locations": [self._load(key) for key in self._busiest_first()],
        }

    def _busiest_first(self) -> list[int]:
        return sorted(self._packages, key=lambda key: (-self._packages[key], key))

    def _load(self, key: int) -> Json:
        """`quota`: packages it held before; `over`: those beyond `max_quota`."""
        location, number = self._locations.by_id[key], self._packages[key]
        most = location.max_quota
        return {
            "erp_code": location.erp_code,
            "packages": number,
            "units": units(self._units[key]),
            "quota": location.quota,
            "max_quota": most,
            "over": 0 if most is None else max(location.quota + number - most, 0),
        }


def units(value: Decimal) -> int | float:
    """A quantity as the JSON number it is."""
    whole = int(value)
    return whole if whole == value else float(value)
