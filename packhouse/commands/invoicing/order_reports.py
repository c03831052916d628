"""Invoices on their way to the back office: beside a status that still waits for them, or after it."""

from collections.abc import Mapping

from django.db import connection
from django.db.backends.postgresql.psycopg_any import Jsonb

from packhouse.kernel import clock, outbox
from packhouse.orders.messages import SyncOrderStatus

# A report that waits for the invoice is read by nobody yet, so it can still be changed; any other may be under
# way, and then the invoice follows in a row of its own.
_REPORT = """
WITH items AS (
    SELECT DISTINCT oi.id, oi.state FROM packages_packageitem i JOIN orders_orderitem oi ON oi.id = i.order_item_id
    WHERE i.package_id = %(package)s AND oi.omnitron_id IS NOT NULL
        AND EXISTS (SELECT FROM orders_statusreport r WHERE r.order_item_id = oi.id)
), merged AS (
    UPDATE orders_statusreport r SET fields = r.fields || %(fields)s::jsonb, not_before = NULL
    FROM items WHERE r.order_item_id = items.id AND r.state = 'waiting' AND r.not_before > %(now)s
    RETURNING r.order_item_id
), later AS (
    INSERT INTO orders_statusreport (order_id, order_item_id, status, fields, created_date)
    SELECT %(order)s, items.id, items.state, %(fields)s::jsonb, %(now)s FROM items
    WHERE %(fields)s::jsonb <> '{}' AND items.id NOT IN (SELECT order_item_id FROM merged) ORDER BY items.id
    RETURNING id
)
SELECT (SELECT count(*) FROM merged), (SELECT count(*) FROM later)
"""


def report_invoice(package_id: int, order_id: int, fields: Mapping[str, str]) -> bool:
    """Give `fields` to the reports of the package's items, and let those go that waited for them.

    Items that the back office is told nothing about stay so. Whether there is something to send now.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _REPORT,
            {"package": package_id, "order": order_id, "fields": Jsonb(dict(fields)), "now": clock.now()},
        )
        merged, later = cursor.fetchone()
    if merged:
        outbox.hurry(SyncOrderStatus(order_id=order_id))
    return bool(merged or later)
