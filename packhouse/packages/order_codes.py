"""The code that an order item must have (page 10): what follows from its packages and from what is cancelled."""

# Codes that stand by themselves: a wish to cancel and a refund are decided elsewhere, never by packing.
_DUE = """
held AS (
    SELECT i.order_item_id,
        min(i.order_code::int) FILTER (WHERE i.state NOT IN ('900', '1100')) AS code,
        min(i.order_code::int) FILTER (WHERE i.state = '1100') AS closed,
        coalesce(sum(i.quantity) FILTER (WHERE i.state <> '900'), 0) AS units
    FROM packages_packageitem i JOIN orders_orderitem oi ON oi.id = i.order_item_id
    WHERE {which} GROUP BY 1
), due AS (
    SELECT oi.id, oi.order_id, CASE
        WHEN oi.cancelled_quantity >= oi.quantity THEN '100'
        WHEN oi.state IN ('50', '100', '600') THEN oi.state
        WHEN held.code IS NOT NULL AND held.units >= oi.quantity - oi.cancelled_quantity THEN held.code::text
        WHEN held.code IS NOT NULL THEN least(held.code, 400)::text
        WHEN held.closed IS NOT NULL THEN held.closed::text
        WHEN held.order_item_id IS NOT NULL AND oi.state::int > 400 AND oi.state <> '425' THEN '400'
        ELSE oi.state END AS state
    FROM orders_orderitem oi LEFT JOIN held ON held.order_item_id = oi.id WHERE {which}
)
"""


def due_codes(which: str) -> str:
    """Two common table expressions, `held` and `due` (id, order_id, state): one row per order item.

    `which`: an SQL condition on `oi`, the order item.
    """
    return _DUE.format(which=which)
