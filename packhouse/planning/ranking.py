"""Sorting the locations of a rule: the first key decides, the next breaks ties."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import Any

from packhouse.planning.conditions import View
from packhouse.planning.scenario import Sort
from packhouse.planning.snapshot import Location
from packhouse.planning.tariff import costs_from
from packhouse.planning.working import ZERO, Working


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the sort keys are taken from; of a `silent` location the stock is not known."""

    view: View
    working: Working
    skus: Sequence[str]
    silent: frozenset[int] = frozenset()

    def sorted(
        self, locations: Sequence[Location], sorts: Sequence[Sort]
    ) -> tuple[list[Location], tuple[tuple[object, ...], ...]]:
        """Locations best first, and their values in the order of the sort keys.

        What is not known sorts last in both directions. Ties keep the order of ``locations``, which come by
        priority, then id.
        """
        columns = [_VALUES[sort.key](self, locations) for sort in sorts]
        order = list(range(len(locations)))
        for sort, column in reversed(list(zip(sorts, columns, strict=True))):
            descending = sort.direction == "desc"
            unknown = -inf if descending else inf
            keys = [unknown if value is None else value for value in column]
            order.sort(key=keys.__getitem__, reverse=descending)
        rows = list(zip(*columns, strict=True)) if columns else [()] * len(locations)
        return [locations[n] for n in order], tuple([rows[n] for n in order])


def _priorities(_: Ranking, locations: Sequence[Location]) -> Sequence[int | None]:
    return [location.priority for location in locations]


def _stock_amounts(ranking: Ranking, locations: Sequence[Location]) -> Sequence[Decimal | None]:
    ids = [location.id for location in locations]
    shelves = [ranking.working.shelf(sku, ids) for sku in ranking.skus]
    sums = [sum(amounts, ZERO) for amounts in zip(*shelves, strict=True)]
    if not ranking.silent:
        return sums
    return [None if key in ranking.silent else amount for key, amount in zip(ids, sums, strict=True)]


def _densities(ranking: Ranking, locations: Sequence[Location]) -> Sequence[int]:
    return [ranking.working.open_packages(location) for location in locations]


def _distances(ranking: Ranking, locations: Sequence[Location]) -> Sequence[float | None]:
    return ranking.view.distances_to(locations)


def _quotas(ranking: Ranking, locations: Sequence[Location]) -> Sequence[int | None]:
    return [ranking.working.available_quota(location) for location in locations]


def _acceptance_rates(_: Ranking, locations: Sequence[Location]) -> Sequence[Decimal | None]:
    return [location.acceptance_rate for location in locations]


def _costs(ranking: Ranking, locations: Sequence[Location]) -> Sequence[Decimal | None]:
    return costs_from(ranking.working.snapshot, locations)


_VALUES: Mapping[str, Callable[[Ranking, Sequence[Location]], Sequence[Any]]] = {
    "PRIORITY": _priorities,
    "STOCK_AMOUNT": _stock_amounts,
    "PACKAGE_DENSITY": _densities,
    "DISTANCE": _distances,
    "AVAILABLE_QUOTA": _quotas,
    "ACCEPTANCE_RATE": _acceptance_rates,
    "COST": _costs,
}
