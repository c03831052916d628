"""One statement per invariant. Rows: object, expected, found, order id, location id, SKU, subject id."""

from dataclasses import dataclass

from packhouse.packages.order_codes import due_codes


@dataclass(frozen=True, slots=True)
class Check:
    """`text` names what must agree. `sql` has `{only}` where the rows of one order are picked."""

    kind: str
    text: str
    sql: str
    only: str | None = "p.order_id"

    @property
    def of_orders(self) -> bool:
        return self.only is not None

    def statement(self, *, one_order: bool) -> str:
        """The whole statement, for all orders or for the one named by the parameter `order`."""
        return self.sql.replace("{only}", f"{self.only} = %(order)s" if one_order else "true")


_ITEM = "'package ' || p.number || ', item ' || i.id || ' (' || r.sku || ')'"
_ITEMS = """
packages_packageitem i JOIN packages_package p ON p.id = i.package_id
    JOIN orders_orderitem oi ON oi.id = i.order_item_id JOIN catalog_product r ON r.id = oi.product_id
"""

ITEM_STATE = f"""
SELECT {_ITEM}, p.state, i.state, p.order_id, NULL, NULL, i.id FROM {_ITEMS}
WHERE i.state <> p.state AND {{only}} ORDER BY i.id
"""  # noqa: S608 - like all below, built from constants of this file

# A parcel that came back damaged is cancelled and keeps what it took. One that was delivered although it was stale
# was never packed here: its reservations were given up then, and that leaves the shelf count alone (page 40).
TAKEN = f"""
WITH due AS (
    SELECT i.id AS item, p.state = ANY(%(packed)s) AND (p.packed_date IS NOT NULL OR p.state = '450') AS packed
    FROM {_ITEMS} WHERE {{only}}
)
SELECT {_ITEM}, CASE WHEN due.packed THEN i.quantity ELSE 0 END, i.taken, p.order_id,
    p.stock_location_id, r.sku, i.id
FROM {_ITEMS} JOIN due ON due.item = i.id
WHERE CASE
    WHEN due.packed THEN i.taken <> i.quantity
    WHEN p.state = ANY(%(reserving)s) OR i.taken = 0 THEN false
    ELSE NOT EXISTS (
        SELECT FROM kernel_statetransitionlog g
        JOIN kernel_state n ON n.id = g.new_state_id JOIN kernel_state o ON o.id = g.old_state_id
        WHERE g.object_id = p.id AND n.enum_class = 'PackageStatus' AND n.enum_value = '900'
            AND o.enum_value = ANY(%(handed_over)s)) END
ORDER BY i.id
"""  # noqa: S608

# What each item needs: at a source until its transfer is dispatched, nowhere on the road, the rest at home.
NEEDED = f"""
coming AS (
    SELECT t.id, t.package_item_id, t.quantity, o.source_id, o.state IN ('waiting', 'ready_to_shipment') AS at_source
    FROM transfers_transferitem t JOIN transfers_transferorder o ON o.id = t.transfer_order_id
    WHERE o.state IN ('waiting', 'ready_to_shipment', 'in_transit')
), on_the_way AS (
    SELECT package_item_id, sum(quantity) AS quantity FROM coming GROUP BY 1
), needed AS (
    SELECT i.id AS item, p.stock_location_id AS place, r.sku, 0::bigint AS transfer_item,
        i.quantity - i.taken - coalesce(w.quantity, 0) AS units
    FROM {_ITEMS} LEFT JOIN on_the_way w ON w.package_item_id = i.id
    WHERE p.state = ANY(%(reserving)s) AND {{only}}
        AND i.quantity - i.taken - coalesce(w.quantity, 0) > 0
    UNION ALL
    SELECT i.id, c.source_id, r.sku, c.id, c.quantity FROM {_ITEMS} JOIN coming c ON c.package_item_id = i.id
    WHERE p.state = ANY(%(reserving)s) AND c.at_source AND {{only}}
), promised AS (
    SELECT v.package_item_id AS item, v.stock_location_id AS place, v.sku,
        CASE WHEN o.state IN ('waiting', 'ready_to_shipment') THEN v.transfer_item_id ELSE 0 END AS transfer_item,
        sum(v.quantity) AS units
    FROM inventory_reservation v JOIN packages_packageitem i ON i.id = v.package_item_id
    JOIN packages_package p ON p.id = i.package_id
    LEFT JOIN transfers_transferitem t ON t.id = v.transfer_item_id
    LEFT JOIN transfers_transferorder o ON o.id = t.transfer_order_id
    WHERE {{only}} GROUP BY 1, 2, 3, 4
), differing AS (
    SELECT item, place, sku, transfer_item, coalesce(n.units, 0) AS expected, coalesce(v.units, 0) AS found
    FROM needed n FULL JOIN promised v USING (item, place, sku, transfer_item)
    WHERE coalesce(n.units, 0) <> coalesce(v.units, 0)
)
"""  # noqa: S608

RESERVATION = f"""
WITH {NEEDED}
SELECT 'package ' || p.number || ', item ' || d.item || ' (' || d.sku || ' at ' || l.erp_code || ')',
    d.expected, d.found, p.order_id, d.place, d.sku, d.item
FROM differing d JOIN packages_packageitem i ON i.id = d.item JOIN packages_package p ON p.id = i.package_id
JOIN locations_stocklocation l ON l.id = d.place ORDER BY d.item, d.place
"""  # noqa: S608

RESERVED = """
SELECT 'stock of ' || sku || ' at ' || l.erp_code, coalesce(v.units, 0), coalesce(s.reserved, 0), NULL, place, sku, NULL
FROM (SELECT stock_location_id AS place, sku, reserved FROM inventory_stock WHERE reserved <> 0) s
FULL JOIN (SELECT stock_location_id AS place, sku, sum(quantity) AS units FROM inventory_reservation GROUP BY 1, 2) v
    USING (place, sku)
JOIN locations_stocklocation l ON l.id = place
WHERE coalesce(v.units, 0) <> coalesce(s.reserved, 0) ORDER BY place, sku
"""

# Only where we count ourselves, and since the row knows what it began with.
ON_HAND = """
SELECT 'stock of ' || s.sku || ' at ' || l.erp_code, s.opening + coalesce(m.units, 0), s.on_hand, NULL,
    s.stock_location_id, s.sku, NULL
FROM inventory_stock s JOIN locations_stocklocation l ON l.id = s.stock_location_id
LEFT JOIN (SELECT stock_location_id, sku, sum(delta) AS units FROM inventory_movement GROUP BY 1, 2) m
    USING (stock_location_id, sku)
WHERE s.opening IS NOT NULL AND coalesce(l.engine, 1) = 1 AND s.on_hand <> s.opening + coalesce(m.units, 0)
ORDER BY s.stock_location_id, s.sku
"""

HOLDS_QUOTA = """
SELECT 'package ' || p.number, p.state = ANY(%(holding)s), p.holds_quota, p.order_id, p.stock_location_id, NULL, p.id
FROM packages_package p
WHERE {only} AND (p.holds_quota AND p.state = ANY(%(released)s) OR NOT p.holds_quota AND p.state = ANY(%(holding)s))
ORDER BY p.id
"""

QUOTA = """
SELECT 'location ' || l.erp_code, coalesce(h.held, 0), l.quota, NULL, l.id, NULL, l.id
FROM locations_stocklocation l
LEFT JOIN (SELECT stock_location_id, count(*) AS held FROM packages_package WHERE holds_quota GROUP BY 1) h
    ON h.stock_location_id = l.id
WHERE l.quota <> coalesce(h.held, 0) ORDER BY l.id
"""

ORDER_ITEM = f"""
WITH {due_codes("{only}")}
SELECT 'order ' || o.number || ', item ' || oi.id, due.state, oi.state, o.id, NULL, NULL, oi.id
FROM due JOIN orders_orderitem oi ON oi.id = due.id JOIN orders_order o ON o.id = due.order_id
WHERE oi.state <> due.state ORDER BY oi.id
"""  # noqa: S608

ORDER = """
SELECT 'order ' || o.number, coalesce(low.code, 100)::text, o.state, o.id, NULL, NULL, o.id
FROM orders_order o
JOIN (SELECT order_id, min(state::int) FILTER (WHERE state <> '100') AS code FROM orders_orderitem GROUP BY 1) low
    ON low.order_id = o.id
WHERE {only} AND o.state <> coalesce(low.code, 100)::text ORDER BY o.id
"""

UNITS = """
SELECT 'order ' || o.number || ', item ' || oi.id, oi.quantity, held.units + oi.cancelled_quantity, o.id, NULL, NULL,
    oi.id
FROM (SELECT order_item_id, sum(quantity) AS units FROM packages_packageitem WHERE state <> '900' GROUP BY 1) held
JOIN orders_orderitem oi ON oi.id = held.order_item_id JOIN orders_order o ON o.id = oi.order_id
WHERE {only} AND held.units + oi.cancelled_quantity > oi.quantity ORDER BY oi.id
"""

# Units that nobody plans: not held by a package, and no plan, no job and no person waits for the order.
NOT_PLANNED = """
WITH held AS (
    SELECT order_item_id, sum(quantity) AS units FROM packages_packageitem WHERE state <> '900' GROUP BY 1
), lacking AS (
    SELECT oi.order_id, sum(oi.quantity - oi.cancelled_quantity - coalesce(held.units, 0)) AS units
    FROM orders_orderitem oi LEFT JOIN held ON held.order_item_id = oi.id
    WHERE (oi.state = '400' OR held.units IS NOT NULL AND oi.state::int BETWEEN 401 AND 599 AND oi.state <> '425')
        AND oi.quantity > oi.cancelled_quantity + coalesce(held.units, 0)
    GROUP BY 1
)
SELECT 'order ' || o.number, 0, lacking.units, o.id, NULL, NULL, o.id
FROM lacking JOIN orders_order o ON o.id = lacking.order_id JOIN catalog_channel c ON c.id = o.channel_id
WHERE {only} AND c.is_active AND c.is_installed
    AND (%(partly)s OR NOT EXISTS (
        SELECT FROM orders_orderitem w WHERE w.order_id = o.id AND w.state IN ('200', '300', '350')))
    AND coalesce((SELECT e.state FROM planning_executionplan e WHERE e.order_id = o.id ORDER BY e.id DESC LIMIT 1),
        'completed') = 'completed'
    AND NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing')
        AND j.args ->> 'order_id' = o.id::text)
    AND NOT EXISTS (SELECT FROM kernel_exceptionentry x WHERE x.kind = 'planning_failed'
        AND x.subject = 'order/' || o.id AND x.resolved_date IS NULL)
ORDER BY o.date_placed
"""

TRANSFER_ITEM_STATE = """
SELECT 'transfer ' || t.number || ', item ' || i.id, t.state, i.state, p.order_id, NULL, NULL, i.id
FROM transfers_transferitem i JOIN transfers_transferorder t ON t.id = i.transfer_order_id
JOIN packages_package p ON p.id = t.package_id
WHERE i.state <> t.state AND {only} ORDER BY i.id
"""

# Left alone by what it was to become part of, or waited for.
ORPHAN_TRANSFER = """
SELECT 'transfer ' || t.number, 'a package that waits for it', 'package ' || p.number || ' in state ' || p.state,
    p.order_id, NULL, NULL, t.id
FROM transfers_transferorder t JOIN packages_package p ON p.id = t.package_id
WHERE t.state IN ('waiting', 'ready_to_shipment') AND p.state NOT IN ('300', '50') AND {only} ORDER BY t.id
"""

WAITING_IN_VAIN = """
SELECT 'package ' || p.number, 'a transfer on its way', NULL, p.order_id, NULL, NULL, p.id
FROM packages_package p
WHERE p.state = '300' AND {only} AND NOT EXISTS (
    SELECT FROM transfers_transferorder t
    WHERE t.package_id = p.id AND t.state IN ('waiting', 'ready_to_shipment', 'in_transit'))
ORDER BY p.id
"""

EMPTY_PACKAGE = """
SELECT 'package ' || p.number, 'items', NULL, p.order_id, NULL, NULL, p.id
FROM packages_package p
WHERE p.state = ANY(%(open)s) AND {only}
    AND NOT EXISTS (SELECT FROM packages_packageitem i WHERE i.package_id = p.id)
ORDER BY p.id
"""

CHECKS = {
    check.kind: check
    for check in (
        Check("item_state", "a package's items are in its state", ITEM_STATE),
        Check("transfer_item_state", "a transfer's items are in its state", TRANSFER_ITEM_STATE),
        Check("taken", "what is packed has left the shelf count, what is given up has not", TAKEN),
        Check(
            "reservation", "open packages have what they need reserved, nobody else has anything", RESERVATION
        ),
        Check("reserved", "a stock row's `reserved` is the sum of its reservations", RESERVED, only=None),
        Check("on_hand", "a shelf count is what it began with plus its movements", ON_HAND, only=None),
        Check("holds_quota", "a package holds its unit of quota as its state says", HOLDS_QUOTA),
        Check("quota", "a location's quota is the number of packages that hold a unit", QUOTA, only=None),
        Check(
            "order_item",
            "an order item has the code that its packages give it",
            ORDER_ITEM,
            only="oi.order_id",
        ),
        Check("order", "an order has the lowest code of its items", ORDER, only="o.id"),
        Check("units", "no more units are planned or cancelled than were ordered", UNITS, only="o.id"),
        Check(
            "not_planned", "approved units are planned, or somebody waits for them", NOT_PLANNED, only="o.id"
        ),
        Check("waiting_in_vain", "a package that waits for transfers has one on its way", WAITING_IN_VAIN),
        Check("orphan_transfer", "a transfer that is not sent yet has a package that waits", ORPHAN_TRANSFER),
        Check("empty_package", "an open package holds something", EMPTY_PACKAGE),
    )
}
