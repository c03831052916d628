"""Every write to stock and reservations (page 40). The guards sit here, so that no caller can skip them.

Stock rows are always locked in (location id, sku) order. `reserved` and the reservation rows change in one
statement; so do the taking of units and the deletion of their reservations.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from packhouse.inventory.models import Reservation, Stock
from packhouse.kernel import clock, sql
from packhouse.kernel.errors import PlanIsStale

_packages_to_take: ContextVar[list[int] | None] = ContextVar("packages_to_take", default=None)

# An engine of our own counts `on_hand` here; for the others only reservations move (page 40).
_INTERNAL = "coalesce(l.engine, 1) = 1"

_GONE = """
gone AS (
    DELETE FROM inventory_reservation r USING packages_packageitem i
    WHERE r.package_item_id = i.id AND i.package_id = {which}
    RETURNING r.stock_location_id, r.sku, r.quantity, r.package_item_id, r.transfer_item_id
), per AS (
    SELECT stock_location_id, sku, sum(quantity) AS quantity FROM gone GROUP BY 1, 2
), locked AS MATERIALIZED (
    SELECT s.id, per.quantity FROM inventory_stock s JOIN per USING (stock_location_id, sku)
    ORDER BY s.stock_location_id, s.sku FOR UPDATE OF s
)
"""

_RELEASE = f"""
WITH {_GONE.format(which="%(package)s")}
UPDATE inventory_stock s SET reserved = s.reserved - locked.quantity, modified_date = %(now)s
FROM locked WHERE s.id = locked.id
"""  # noqa: S608 - built from constants of this file

_TAKING = f"""
WITH {{gone}}, taken AS (
    UPDATE packages_packageitem i SET taken = i.taken + own.quantity
    FROM (SELECT package_item_id, sum(quantity) AS quantity FROM gone GROUP BY 1) own
    WHERE i.id = own.package_item_id
), moved AS (
    INSERT INTO inventory_movement (stock_location_id, sku, delta, kind, package_item_id, created_date)
    SELECT g.stock_location_id, g.sku, -g.quantity, 'taken', g.package_item_id, %(now)s
    FROM gone g JOIN locations_stocklocation l ON l.id = g.stock_location_id WHERE {_INTERNAL}
)
UPDATE inventory_stock s SET reserved = s.reserved - locked.quantity,
    on_hand = s.on_hand - CASE WHEN {_INTERNAL} THEN locked.quantity ELSE 0 END, modified_date = %(now)s
FROM locked, locations_stocklocation l WHERE s.id = locked.id AND l.id = s.stock_location_id
"""  # noqa: S608 - built from constants of this file

_TAKE = _TAKING.format(gone=_GONE.format(which="%(package)s"))
_TAKE_TOGETHER = _TAKING.format(gone=_GONE.format(which="ANY(%(packages)s)"))

_PUT_BACK = f"""
WITH own AS MATERIALIZED (
    SELECT i.id, i.taken, p.stock_location_id, r.sku
    FROM packages_packageitem i
    JOIN packages_package p ON p.id = i.package_id
    JOIN orders_orderitem oi ON oi.id = i.order_item_id
    JOIN catalog_product r ON r.id = oi.product_id
    WHERE i.package_id = %(package)s AND i.taken > 0
), given AS (
    UPDATE packages_packageitem i SET taken = 0 FROM own WHERE i.id = own.id
), per AS (
    SELECT stock_location_id, sku, sum(taken) AS quantity FROM own GROUP BY 1, 2
), locked AS MATERIALIZED (
    SELECT s.id, per.quantity FROM inventory_stock s JOIN per USING (stock_location_id, sku)
    JOIN locations_stocklocation l ON l.id = s.stock_location_id
    WHERE {_INTERNAL} ORDER BY s.stock_location_id, s.sku FOR UPDATE OF s
), moved AS (
    INSERT INTO inventory_movement (stock_location_id, sku, delta, kind, package_item_id, created_date)
    SELECT own.stock_location_id, own.sku, own.taken, 'put_back', own.id, %(now)s
    FROM own JOIN locations_stocklocation l ON l.id = own.stock_location_id WHERE {_INTERNAL}
)
UPDATE inventory_stock s SET on_hand = s.on_hand + locked.quantity, modified_date = %(now)s
FROM locked WHERE s.id = locked.id
"""  # noqa: S608 - built from constants of this file


def release(package_id: int) -> None:
    """Give up the reservations of a package's items; `on_hand` stays as it is."""
    _run(_RELEASE, package_id)


def take(package_id: int) -> None:
    """Delete a package's reservations and take their units off the shelf count; kept on the items as `taken`."""
    together = _packages_to_take.get()
    if together is None:
        _run(_TAKE, package_id)
    else:
        together.append(package_id)


@contextmanager
def taken_together() -> Iterator[None]:
    """What is taken within the block is taken at its end, for all packages in one statement: their stock rows are
    locked in the documented order, whatever the order in which they were named."""
    packages: list[int] = []
    token = _packages_to_take.set(packages)
    try:
        yield
    finally:
        _packages_to_take.reset(token)
    if packages:
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_TOGETHER, {"packages": packages, "now": clock.now()})


def put_back(package_id: int) -> None:
    """Put the units that were taken for a package's items back on the shelf count."""
    _run(_PUT_BACK, package_id)


def _run(statement: str, package_id: int) -> None:
    # By the package's id, not an array of item ids: an array is planned anew at every call.
    sql.run(statement, {"package": package_id, "now": clock.now()})


@dataclass(frozen=True, slots=True)
class Promise:
    """Units to promise to a package item. `must_be_free` False: promised whatever the count says."""

    stock_location_id: int
    sku: str
    quantity: Decimal
    package_item_id: int
    transfer_item_id: int | None = None


_LOCK_STOCK = """
SELECT s.id FROM inventory_stock s
JOIN unnest(%(locations)s::bigint[], %(skus)s::text[]) AS k(stock_location_id, sku) USING (stock_location_id, sku)
ORDER BY s.stock_location_id, s.sku FOR UPDATE OF s
"""

_RAISE_RESERVED = """
UPDATE inventory_stock s SET reserved = s.reserved + k.quantity, modified_date = %(now)s
FROM (
    SELECT stock_location_id, sku, sum(quantity) AS quantity
    FROM unnest(%(locations)s::bigint[], %(skus)s::text[], %(quantities)s::numeric[])
        AS u(stock_location_id, sku, quantity)
    GROUP BY 1, 2
) AS k
WHERE s.stock_location_id = k.stock_location_id AND s.sku = k.sku
    AND s.on_hand - s.reserved - s.safety_stock >= k.quantity
"""

_INSERT_RESERVATIONS = """
INSERT INTO inventory_reservation
    (stock_location_id, sku, quantity, package_item_id, transfer_item_id, created_date, modified_date)
SELECT stock_location_id, sku, quantity, package_item_id, transfer_item_id, %(now)s, %(now)s
FROM unnest(%(locations)s::bigint[], %(skus)s::text[], %(quantities)s::numeric[], %(items)s::bigint[],
    %(transfer_items)s::bigint[]) AS u(stock_location_id, sku, quantity, package_item_id, transfer_item_id)
"""


def lock_stock(keys: Sequence[tuple[int, str]]) -> None:
    """Lock stock rows in the documented order."""
    ordered = sorted(set(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            _LOCK_STOCK, {"locations": [key[0] for key in ordered], "skus": [key[1] for key in ordered]}
        )


def lock_stock_of(skus: Iterable[str]) -> None:
    """Lock every stock row of these SKUs, in the documented order."""
    rows = Stock.objects.filter(sku__in=list(skus)).order_by("stock_location_id", "sku").select_for_update()
    list(rows.values_list("id"))


def reserve(promises: Sequence[Promise]) -> None:
    """Promise units, all or nothing: never more than is available.

    Raises PlanIsStale when a stock row has less free than is asked (or does not exist); the caller's
    transaction must then be rolled back.
    """
    if not promises:
        return
    wanted = {(promise.stock_location_id, promise.sku) for promise in promises}
    lock_stock(list(wanted))
    columns: dict[str, Any] = {
        "locations": [promise.stock_location_id for promise in promises],
        "skus": [promise.sku for promise in promises],
        "quantities": [promise.quantity for promise in promises],
        "items": [promise.package_item_id for promise in promises],
        "transfer_items": [promise.transfer_item_id for promise in promises],
        "now": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_RAISE_RESERVED, columns)
        if cursor.rowcount != len(wanted):
            raise PlanIsStale("less stock is free than was planned")
        cursor.execute(_INSERT_RESERVATIONS, columns)


def split_promise(from_item: int, to_item: int, quantity: Decimal) -> None:
    """Hand `quantity` of an item's reserved units to the item that was cut off it; `reserved` stays as it is."""
    left = quantity
    rows = Reservation.objects.filter(package_item_id=from_item).order_by("transfer_item_id", "id")
    for row in rows:
        part = min(row.quantity, left)
        if part <= 0:
            return
        Reservation.objects.create(
            stock_location_id=row.stock_location_id,
            sku=row.sku,
            quantity=part,
            package_item_id=to_item,
            transfer_item_id=row.transfer_item_id,
        )
        left -= part
        if part == row.quantity:
            row.delete()
        else:
            row.quantity -= part
            row.save(update_fields=["quantity"])
