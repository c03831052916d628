"""Plans of a batch against what is there by now: rows are locked in the documented order, the oldest order first.

Whoever has less than it was planned with loses and is planned again; the others are written.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection

from packhouse.packages.services import take_quota
from packhouse.packages.states import PackageStatus
from packhouse.planning.result import Plan, lines_by_item

Key = tuple[int, str]

_LOCK_STOCK = """
SELECT s.stock_location_id, s.sku, s.on_hand - s.reserved - s.safety_stock FROM inventory_stock s
JOIN unnest(%(locations)s::bigint[], %(skus)s::text[]) AS k(stock_location_id, sku) USING (stock_location_id, sku)
ORDER BY s.stock_location_id, s.sku FOR UPDATE OF s
"""
# Not FOR UPDATE: others' foreign keys to the location are checked at their commit, and would wait for it in a circle.
_LOCK_LOCATIONS = """
SELECT id, quota, max_quota FROM locations_stocklocation WHERE id = ANY(%(ids)s::bigint[])
ORDER BY id FOR NO KEY UPDATE
"""


@dataclass(frozen=True, slots=True)
class Demand:
    """What one plan takes: units by (location id, SKU), packages by location id, and where quota binds it."""

    stock: Mapping[Key, Decimal]
    quota: Mapping[int, int]
    bound: frozenset[int]


@dataclass
class Contest:
    """Locks everything that the plans take, once, when it is made."""

    demands: Mapping[int, Demand]
    _free: dict[Key, Decimal] = field(init=False)
    _quotas: dict[int, tuple[int, int | None]] = field(init=False)

    def __post_init__(self) -> None:
        everything = self.demands.values()
        self._free = _lock_stock({key for demand in everything for key in demand.stock})
        self._quotas = _lock_locations({key for demand in everything for key in demand.quota})

    def winners(self) -> list[int]:
        """The orders, in the order they were given, whose plans still hold beside those before them."""
        return [order_id for order_id, demand in self.demands.items() if self._grant(demand)]

    def _grant(self, demand: Demand) -> bool:
        free, quotas = self._free, self._quotas
        if any(free.get(key, 0) < units for key, units in demand.stock.items()):
            return False
        for place in demand.bound:
            quota, most = quotas[place]
            if most is None or quota + demand.quota[place] > most:
                return False
        for key, units in demand.stock.items():
            free[key] -= units
        for place, packages in demand.quota.items():
            quota, most = quotas[place]
            quotas[place] = (quota + packages, most)
        return True


def demand_of(plan: Plan) -> Demand:
    """Of a plan that can be applied."""
    lines = lines_by_item(plan.explanation.snapshot)
    stock: dict[Key, Decimal] = {}
    for package in plan.packages:
        for location_id, (order_item_id, quantity) in package.reserved():
            key = (location_id, lines[order_item_id].sku)
            stock[key] = stock.get(key, Decimal(0)) + quantity
    quota, bound = quota_of(plan)
    return Demand(stock, quota, bound)


def quota_of(plan: Plan) -> tuple[Counter[int], frozenset[int]]:
    """One unit per package that holds one, by location id; and where a rule selects by quota."""
    wanted: Counter[int] = Counter()
    bound: set[int] = set()
    rules = plan.scenario.document.rules if plan.scenario else ()
    for package in plan.packages:
        if PackageStatus[package.state].quota.value != "holds":
            continue
        wanted[package.location_id] += 1
        position = package.rule_position
        rule = rules[position - 1] if position is not None and position <= len(rules) else None
        if rule is not None and any(test.code == "SELECT_BY_QUOTA" for test in rule.location_conditions):
            bound.add(package.location_id)
    return wanted, frozenset(bound)


def take_quotas(plans: Iterable[Plan]) -> None:
    """Raise the quota of every location by its packages. Raises PlanIsStale where quota binds and less is left.

    Where packages that it does not bind go to the same location, a `Contest` has weighed them one by one.
    """
    total: Counter[int] = Counter()
    bound: set[int] = set()
    free: set[int] = set()
    for plan in plans:
        wanted, limited = quota_of(plan)
        total.update(wanted)
        bound |= limited
        free |= wanted.keys() - limited
    take_quota(total, bound - free)


def _lock_stock(keys: Iterable[Key]) -> dict[Key, Decimal]:
    ordered = sorted(keys)
    if not ordered:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _LOCK_STOCK, {"locations": [key[0] for key in ordered], "skus": [key[1] for key in ordered]}
        )
        return {(place, sku): free for place, sku, free in cursor.fetchall()}


def _lock_locations(ids: Iterable[int]) -> dict[int, tuple[int, int | None]]:
    ordered = sorted(ids)
    if not ordered:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_LOCATIONS, {"ids": ordered})
        return {place: (quota, most) for place, quota, most in cursor.fetchall()}
