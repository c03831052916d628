"""What some orders hold by now, given back, so that they can be planned as if they came only now."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.db import connection

from packhouse.packages.states import PackageStatus
from packhouse.planning.snapshot import Location, Locations, StockLevel, StockTable

_RESERVED = """
SELECT r.sku, r.stock_location_id, sum(r.quantity) FROM inventory_reservation r
JOIN packages_packageitem i ON i.id = r.package_item_id JOIN packages_package p ON p.id = i.package_id
WHERE p.order_id = ANY(%(orders)s::bigint[]) GROUP BY 1, 2
"""
_PACKAGES = """
SELECT stock_location_id, count(*) FILTER (WHERE holds_quota), count(*) FILTER (WHERE state = ANY(%(open)s))
FROM packages_package WHERE order_id = ANY(%(orders)s::bigint[]) GROUP BY 1
"""


def without_reservations(stock: StockTable, order_ids: Collection[int]) -> StockTable:
    """The stock with what is reserved for these orders free again. What they took off the shelves is gone."""
    given_back: dict[str, dict[int, StockLevel]] = {}
    for sku, location_id, quantity in _rows(_RESERVED, order_ids):
        level = stock.of(sku).get(location_id)
        if level is not None:
            levels = given_back.setdefault(sku, dict(stock.of(sku)))
            levels[location_id] = level._replace(reserved=level.reserved - quantity)
    return stock.replaced(given_back)


def without_packages(locations: Locations, order_ids: Collection[int]) -> Locations:
    """The locations without the packages of these orders in their quota and their number of open packages."""
    open_states = [state.value for state in PackageStatus if state.open]
    held = {row[0]: row[1:] for row in _rows(_PACKAGES, order_ids, open=open_states)}
    return Locations(_relieved(each, *held.get(each.id, (0, 0))) for each in locations)


def _relieved(location: Location, quota: int, packages: int) -> Location:
    if not quota and not packages:
        return location
    return replace(
        location,
        quota=max(location.quota - quota, 0),
        open_packages=max(location.open_packages - packages, 0),
    )


def _rows(statement: str, order_ids: Collection[int], **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"orders": list(order_ids), **parameters})
        return cursor.fetchall()
