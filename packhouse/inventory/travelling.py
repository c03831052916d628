"""Units of a transfer: promised at the source, off at dispatch, on and promised at arrival (page 40)."""

from typing import Any

from django.db import connection

from packhouse.kernel import clock

_GONE = """
gone AS (
    DELETE FROM inventory_reservation r USING transfers_transferitem t
    WHERE r.transfer_item_id = t.id AND t.transfer_order_id = %(transfer)s
    RETURNING r.stock_location_id, r.sku, r.quantity, r.package_item_id, r.transfer_item_id
), per AS (
    SELECT stock_location_id, sku, sum(quantity) AS quantity FROM gone GROUP BY 1, 2
), locked AS MATERIALIZED (
    SELECT s.id, per.quantity FROM inventory_stock s JOIN per USING (stock_location_id, sku)
    ORDER BY s.stock_location_id, s.sku FOR UPDATE OF s
)
"""

_RELEASE = f"""
WITH {_GONE}
UPDATE inventory_stock s SET reserved = s.reserved - locked.quantity, modified_date = %(now)s
FROM locked WHERE s.id = locked.id
"""  # noqa: S608 - built from constants of this file

_DISPATCH = f"""
WITH {_GONE}, moved AS (
    INSERT INTO inventory_movement
        (stock_location_id, sku, delta, kind, package_item_id, transfer_item_id, created_date)
    SELECT g.stock_location_id, g.sku, -g.quantity, 'dispatched', g.package_item_id, g.transfer_item_id, %(now)s
    FROM gone g JOIN locations_stocklocation l ON l.id = g.stock_location_id WHERE coalesce(l.engine, 1) = 1
)
UPDATE inventory_stock s SET reserved = s.reserved - locked.quantity, modified_date = %(now)s,
    on_hand = s.on_hand - CASE WHEN coalesce(l.engine, 1) = 1 THEN locked.quantity ELSE 0 END
FROM locked, locations_stocklocation l WHERE s.id = locked.id AND l.id = s.stock_location_id
"""  # noqa: S608 - built from constants of this file

_COMING = """
coming AS (
    SELECT t.id, t.package_item_id, t.quantity, g.sku, o.destination_id
    FROM transfers_transferitem t JOIN transfers_transferorder o ON o.id = t.transfer_order_id
    JOIN catalog_product g ON g.id = t.product_id WHERE o.id = %(transfer)s
)
"""

_SHELVES = f"""
WITH {_COMING}
INSERT INTO inventory_stock (stock_location_id, sku, opening, unit_type, created_date, modified_date)
SELECT c.destination_id, c.sku, 0, g.unit_type, %(now)s, %(now)s
FROM (SELECT DISTINCT destination_id, sku FROM coming) c JOIN catalog_product g USING (sku)
ORDER BY 1, 2 ON CONFLICT (stock_location_id, sku) DO NOTHING
"""  # noqa: S608 - built from constants of this file

_LOCK_SHELVES = f"""
WITH {_COMING}
SELECT s.id FROM inventory_stock s JOIN (SELECT DISTINCT destination_id, sku FROM coming) c
    ON c.destination_id = s.stock_location_id AND c.sku = s.sku
ORDER BY s.stock_location_id, s.sku FOR UPDATE OF s
"""  # noqa: S608 - built from constants of this file

_ARRIVE = f"""
WITH {_COMING}, promised AS (
    INSERT INTO inventory_reservation
        (stock_location_id, sku, quantity, package_item_id, transfer_item_id, created_date, modified_date)
    SELECT destination_id, sku, quantity, package_item_id, id, %(now)s, %(now)s FROM coming WHERE %(promise)s
), moved AS (
    INSERT INTO inventory_movement
        (stock_location_id, sku, delta, kind, package_item_id, transfer_item_id, created_date)
    SELECT c.destination_id, c.sku, c.quantity, 'arrived', c.package_item_id, c.id, %(now)s
    FROM coming c JOIN locations_stocklocation l ON l.id = c.destination_id WHERE coalesce(l.engine, 1) = 1
)
UPDATE inventory_stock s SET modified_date = %(now)s,
    on_hand = s.on_hand + CASE WHEN coalesce(l.engine, 1) = 1 THEN c.quantity ELSE 0 END,
    reserved = s.reserved + CASE WHEN %(promise)s THEN c.quantity ELSE 0 END
FROM (SELECT destination_id, sku, sum(quantity) AS quantity FROM coming GROUP BY 1, 2) c
JOIN locations_stocklocation l ON l.id = c.destination_id
WHERE s.stock_location_id = c.destination_id AND s.sku = c.sku
"""  # noqa: S608 - built from constants of this file


def release_transfer(transfer_id: int) -> None:
    """Give up what the transfer's items are promised at the source."""
    _run(_RELEASE, {"transfer": transfer_id})


def dispatch(transfer_id: int) -> None:
    """The promised units leave the source's count, and are promised nowhere until they arrive."""
    _run(_DISPATCH, {"transfer": transfer_id})


def arrive(transfer_id: int, *, promise: bool) -> None:
    """The units are on the destination's count; promised to their package items, or free stock."""
    parameters = {"transfer": transfer_id, "promise": promise}
    for statement in (_SHELVES, _LOCK_SHELVES, _ARRIVE):
        _run(statement, parameters)


def _run(statement: str, parameters: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**parameters, "now": clock.now()})
