"""The writes of a repair: counters and promises as they follow from the other rows. Callers hold the locks."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from packhouse.commands.reconcile.checks import NEEDED, TAKEN
from packhouse.commands.reconcile.differences import parameters
from packhouse.packages.models import Package
from packhouse.transfers.models import TransferOrder

Place = tuple[int, str]
_ONLY = "p.order_id = %(order)s"

_ITEMS_FOLLOW = """
UPDATE packages_packageitem i SET state = p.state, modified_date = %(now)s FROM packages_package p
WHERE p.id = i.package_id AND p.order_id = %(order)s AND i.state <> p.state
"""

_TRANSFER_ITEMS_FOLLOW = """
UPDATE transfers_transferitem i SET state = t.state, modified_date = %(now)s
FROM transfers_transferorder t JOIN packages_package p ON p.id = t.package_id
WHERE t.id = i.transfer_order_id AND p.order_id = %(order)s AND i.state <> t.state
"""

_MAKE_ROWS = """
INSERT INTO inventory_stock (stock_location_id, sku, opening, unit_type, created_date, modified_date)
SELECT k.place, k.sku, 0, coalesce(g.unit_type, 'quantity'), %(now)s, %(now)s
FROM unnest(%(places)s::bigint[], %(skus)s::text[]) AS k(place, sku) LEFT JOIN catalog_product g USING (sku)
ORDER BY 1, 2 ON CONFLICT (stock_location_id, sku) DO NOTHING
"""

_SETTLE_TAKEN = f"""
WITH due AS (
    SELECT w.item, w.place, w.sku, w.expected - w.found AS units
    FROM ({TAKEN.replace("{only}", _ONLY)}) AS w(name, expected, found, order_id, place, sku, item)
), changed AS (
    UPDATE packages_packageitem i SET taken = i.taken + due.units FROM due WHERE i.id = due.item
), counted AS (
    SELECT due.* FROM due JOIN locations_stocklocation l ON l.id = due.place WHERE coalesce(l.engine, 1) = 1
), moved AS (
    INSERT INTO inventory_movement (stock_location_id, sku, delta, kind, package_item_id, created_date)
    SELECT place, sku, -units, CASE WHEN units > 0 THEN 'taken' ELSE 'put_back' END, item, %(now)s FROM counted
)
UPDATE inventory_stock s SET on_hand = s.on_hand - c.units, modified_date = %(now)s
FROM (SELECT place, sku, sum(units) AS units FROM counted GROUP BY 1, 2) c
WHERE s.stock_location_id = c.place AND s.sku = c.sku
"""  # noqa: S608 - like all below, built from constants

_DROP_PROMISES = f"""
WITH {NEEDED.replace("{only}", _ONLY)}
DELETE FROM inventory_reservation v USING differing d
WHERE v.package_item_id = d.item AND v.stock_location_id = d.place AND v.sku = d.sku
    AND (d.transfer_item = 0 OR d.transfer_item = v.transfer_item_id)
    AND (d.transfer_item <> 0 OR NOT EXISTS (
        SELECT FROM needed n WHERE n.transfer_item = v.transfer_item_id))
"""  # noqa: S608

_MAKE_PROMISES = f"""
WITH {NEEDED.replace("{only}", _ONLY)}
INSERT INTO inventory_reservation
    (stock_location_id, sku, quantity, package_item_id, transfer_item_id, created_date, modified_date)
SELECT place, sku, expected - found, item, nullif(transfer_item, 0), %(now)s, %(now)s
FROM differing WHERE expected > found ORDER BY place, sku, item
"""  # noqa: S608

_SETTLE_RESERVED = """
UPDATE inventory_stock s SET modified_date = %(now)s, reserved = coalesce((
    SELECT sum(v.quantity) FROM inventory_reservation v
    WHERE v.stock_location_id = s.stock_location_id AND v.sku = s.sku), 0)
FROM unnest(%(places)s::bigint[], %(skus)s::text[]) AS k(place, sku)
WHERE s.stock_location_id = k.place AND s.sku = k.sku
"""

_SETTLE_ON_HAND = """
UPDATE inventory_stock s SET modified_date = %(now)s, on_hand = s.opening + coalesce((
    SELECT sum(m.delta) FROM inventory_movement m
    WHERE m.stock_location_id = s.stock_location_id AND m.sku = s.sku), 0)
WHERE s.stock_location_id = %(place)s AND s.sku = %(sku)s AND s.opening IS NOT NULL
"""

_SETTLE_HOLDING = """
UPDATE packages_package SET holds_quota = state = ANY(%(holding)s), modified_date = %(now)s
WHERE order_id = %(order)s
    AND (holds_quota AND state = ANY(%(released)s) OR NOT holds_quota AND state = ANY(%(holding)s))
"""

_SETTLE_QUOTA = """
UPDATE locations_stocklocation l SET quota = (
    SELECT count(*) FROM packages_package p WHERE p.stock_location_id = l.id AND p.holds_quota)
WHERE l.id = ANY(%(places)s)
"""


def lock_packages_and_transfers(order_id: int) -> None:
    """Those of an order whose own row is locked."""
    list(Package.objects.filter(order_id=order_id).order_by("id").select_for_update().values_list("id"))
    transfers = TransferOrder.objects.filter(package__order_id=order_id).order_by("id")
    list(transfers.select_for_update(of=("self",)).values_list("id"))


def items_follow(order_id: int) -> None:
    """Items take the state of their package or transfer."""
    _run(_ITEMS_FOLLOW, order=order_id)
    _run(_TRANSFER_ITEMS_FOLLOW, order=order_id)


def make_stock_rows(places: Sequence[Place]) -> None:
    """A row for each location and SKU that has none."""
    _run(_MAKE_ROWS, **_columns(places))


def settle_taken(order_id: int) -> None:
    """What is packed leaves the shelf count, what was given up comes back to it; each as a movement."""
    _run(_SETTLE_TAKEN, order=order_id)


def settle_reservations(order_id: int) -> None:
    """Reservations as the packages need them, whatever is free: what is open was promised."""
    _run(_DROP_PROMISES, order=order_id)
    _run(_MAKE_PROMISES, order=order_id)


def settle_reserved(places: Sequence[Place]) -> None:
    """`reserved` is counted anew from the reservations."""
    _run(_SETTLE_RESERVED, **_columns(places))


def settle_on_hand(place: Place) -> None:
    """The shelf count is worked out anew from its movements."""
    _run(_SETTLE_ON_HAND, place=place[0], sku=place[1])


def settle_holding(order_id: int) -> None:
    """Packages hold their unit of quota as their states say."""
    _run(_SETTLE_HOLDING, order=order_id)


def settle_quota(locations: Sequence[int]) -> None:
    """`quota` is counted anew."""
    _run(_SETTLE_QUOTA, places=list(locations))


def _columns(places: Sequence[Place]) -> dict[str, Any]:
    return {"places": [place for place, _ in places], "skus": [sku for _, sku in places]}


def _run(statement: str, **given: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**parameters(), **given})
