"""Units that are not where the count says, and units that came back (page 40)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from packhouse.inventory.services import lock_stock
from packhouse.kernel import clock


@dataclass(frozen=True, slots=True)
class Missing:
    """Units of a package item that are no good. `untaken`: those among them that the count still holds.

    `nothing_left`: none was found, so that nothing free is left either.
    """

    package_item_id: int | None
    sku: str
    untaken: Decimal
    nothing_left: bool = False
    transfer_item_id: int | None = None


_CORRECT = """
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s)
        AS g(sku text, untaken numeric, nothing_left bool, package_item bigint, transfer_item bigint)
), per AS (
    SELECT sku, coalesce(sum(untaken) FILTER (WHERE NOT nothing_left), 0) AS lost,
        bool_or(nothing_left) AS nothing_left, min(package_item) AS package_item, min(transfer_item) AS transfer_item
    FROM given GROUP BY sku
), due AS (
    SELECT s.id, s.sku, per.package_item, per.transfer_item, CASE WHEN per.nothing_left
        THEN least(s.on_hand - per.lost, s.reserved) - s.on_hand ELSE -per.lost END AS delta
    FROM per JOIN inventory_stock s ON s.sku = per.sku AND s.stock_location_id = %(location)s
    JOIN locations_stocklocation l ON l.id = s.stock_location_id WHERE coalesce(l.engine, 1) = 1
), changed AS (
    UPDATE inventory_stock s SET on_hand = s.on_hand + due.delta, modified_date = %(now)s
    FROM due WHERE s.id = due.id AND due.delta <> 0
)
INSERT INTO inventory_movement
    (stock_location_id, sku, delta, kind, package_item_id, transfer_item_id, created_date)
SELECT %(location)s, sku, delta, 'corrected', package_item, transfer_item, %(now)s FROM due WHERE delta <> 0
"""

_RETURN = """
WITH given AS (
    SELECT i.id, r.sku, i.taken FROM packages_packageitem i
    JOIN orders_orderitem oi ON oi.id = i.order_item_id JOIN catalog_product r ON r.id = oi.product_id
    WHERE i.id = ANY(%(items)s) AND i.taken > 0
), given_back AS (
    UPDATE packages_packageitem i SET taken = 0 FROM given WHERE i.id = given.id
), per AS (
    SELECT sku, sum(taken) AS quantity FROM given GROUP BY sku
), changed AS (
    UPDATE inventory_stock s SET on_hand = s.on_hand + per.quantity, modified_date = %(now)s
    FROM per, locations_stocklocation l
    WHERE s.sku = per.sku AND s.stock_location_id = %(location)s AND l.id = %(location)s
        AND coalesce(l.engine, 1) = 1
    RETURNING s.sku
)
INSERT INTO inventory_movement (stock_location_id, sku, delta, kind, package_item_id, created_date)
SELECT %(location)s, given.sku, given.taken, 'returned', given.id, %(now)s FROM given JOIN changed USING (sku)
"""


def correct(location_id: int, missing: Sequence[Missing]) -> None:
    """Bring the count of a location to what was found there.

    Not found: what others have reserved there remains, nothing free. Damaged or wrong: the untaken units are
    off. The promises on the missing units must have been given up before.
    """
    lock_stock([(location_id, each.sku) for each in missing])
    rows = [
        {
            "sku": each.sku,
            "untaken": str(each.untaken),
            "nothing_left": each.nothing_left,
            "package_item": each.package_item_id,
            "transfer_item": each.transfer_item_id,
        }
        for each in missing
    ]
    with connection.cursor() as cursor:
        cursor.execute(_CORRECT, {"rows": json.dumps(rows), "location": location_id, "now": clock.now()})


def put_returned_back(location_id: int, package_items: Sequence[tuple[int, str]]) -> None:
    """The units of these package items (id, SKU) came back from the customer and lie on the shelf again."""
    lock_stock([(location_id, sku) for _, sku in package_items])
    ids = [item_id for item_id, _ in package_items]
    with connection.cursor() as cursor:
        cursor.execute(_RETURN, {"items": ids, "location": location_id, "now": clock.now()})
