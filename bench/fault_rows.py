"""What is left of a life, row by row, on both sides, and where two lives or two sides differ."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from django.db import connection

# Nothing of these rows may ever be older than it was: the database itself watches.
_WATCH = """
CREATE TABLE bench_went_back (kind text, id bigint);
CREATE FUNCTION bench_watch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO bench_went_back VALUES (TG_TABLE_NAME, OLD.id);
    RETURN NULL;
END $$;
CREATE TRIGGER bench_order_went_back AFTER UPDATE ON orders_order FOR EACH ROW
    WHEN (NEW.remote_modified_date < OLD.remote_modified_date) EXECUTE FUNCTION bench_watch();
CREATE TRIGGER bench_item_went_back AFTER UPDATE ON orders_orderitem FOR EACH ROW
    WHEN (NEW.remote_modified_date < OLD.remote_modified_date) EXECUTE FUNCTION bench_watch();
"""

# Rows by what names them on both sides; ids and times of ours are those of one life.
TABLES = {
    "orders": """
        SELECT o.number, o.omnitron_id, c.omnitron_id, o.state, o.amount, o.discount_amount, o.shipping_amount,
            o.payment_type, o.pay_on_delivery_amount, o.delivery_type, o.cancellation_info::text, k.email, a.line,
            a.township_id IS NOT NULL, g.erp_code, o.warnings::text
        FROM orders_order o JOIN catalog_channel c ON c.id = o.channel_id
        LEFT JOIN catalog_customer k ON k.id = o.customer_id
        LEFT JOIN catalog_customeraddress a ON a.id = o.shipping_address_id
        LEFT JOIN catalog_cargocompany g ON g.id = o.cargo_company_id""",
    "order items": """
        SELECT i.omnitron_id, o.number, p.sku, i.state, i.omnitron_status, i.cancel_status, i.quantity,
            i.cancelled_quantity, i.price, i.tax_amount, i.net_amount, i.tracking_number, i.delivered_date IS NULL
        FROM orders_orderitem i JOIN orders_order o ON o.id = i.order_id
        JOIN catalog_product p ON p.id = i.product_id""",
    "packages": """
        SELECT p.number, o.number, l.erp_code, p.state, p.holds_quota, p.sequence, q.number, p.cancellation_failed
        FROM packages_package p JOIN orders_order o ON o.id = p.order_id
        JOIN locations_stocklocation l ON l.id = p.stock_location_id
        LEFT JOIN packages_package q ON q.id = p.previous_package_id""",
    "package items": """
        SELECT p.number, i.omnitron_id, n.quantity, n.taken, n.state, n.order_code
        FROM packages_packageitem n JOIN packages_package p ON p.id = n.package_id
        JOIN orders_orderitem i ON i.id = n.order_item_id""",
    "events": """
        SELECT e.sequence, e.type, p.number FROM kernel_event e
        JOIN packages_package p ON e.subject = 'package/' || p.id""",
    "stock": """
        SELECT l.erp_code, s.sku, s.on_hand, s.reserved FROM inventory_stock s
        JOIN locations_stocklocation l ON l.id = s.stock_location_id""",
    "reservations": """
        SELECT l.erp_code, r.sku, r.quantity, i.omnitron_id FROM inventory_reservation r
        JOIN locations_stocklocation l ON l.id = r.stock_location_id
        JOIN packages_packageitem n ON n.id = r.package_item_id
        JOIN orders_orderitem i ON i.id = n.order_item_id""",
    "quotas": "SELECT erp_code, quota FROM locations_stocklocation",
    "shipments": """
        SELECT p.number, s.status, s.registration, g.erp_code FROM shipments_shipment s
        JOIN packages_package p ON p.id = s.package_id
        LEFT JOIN catalog_cargocompany g ON g.id = s.cargo_company_id""",
    "statuses told": """
        SELECT i.omnitron_id, r.status, r.state,
            row_number() OVER (PARTITION BY r.order_item_id ORDER BY r.id)
        FROM orders_statusreport r JOIN orders_orderitem i ON i.id = r.order_item_id""",
    "cancellation plans": """
        SELECT p.omnitron_id, p.state, i.omnitron_id, n.decision, p.answered_date IS NULL
        FROM orders_cancellationplan p JOIN orders_cancellationplanitem n ON n.plan_id = p.id
        JOIN orders_orderitem i ON i.id = n.order_item_id""",
    "open exceptions": "SELECT kind, count(*) FROM kernel_exceptionentry WHERE resolved_date IS NULL GROUP BY kind",
    "rows that went back": "SELECT kind, id FROM bench_went_back",
}
FAR_KEYS = ("pk", "status", "cancel_status", "tracking_number", "shipping_company")

Row = Sequence[str]
State = Mapping[str, Sequence[Row]]


class Far(Protocol):
    """The back office's own API."""

    def rows(self, path: str) -> list[dict[str, Any]]:
        """All rows of a collection."""
        ...


def watch() -> None:
    """From now on the database notes every order and item whose remote date goes back."""
    with connection.cursor() as cursor:
        cursor.execute(_WATCH)


def state_of(far: Far) -> State:
    """Every row of both sides, sorted; times and ids of our own left out."""
    state: dict[str, list[Row]] = {}
    with connection.cursor() as cursor:
        for name, statement in TABLES.items():
            cursor.execute(statement)
            state[name] = sorted([str(value) for value in row] for row in cursor.fetchall())
    state["items there"] = sorted([str(row[key]) for key in FAR_KEYS] for row in far.rows("order_items/"))
    state["orders there"] = sorted([str(row["pk"]), str(row["status"])] for row in far.rows("orders/"))
    return state


def differences(one: State, other: State) -> dict[str, list[tuple[str, ...]]]:
    """Rows that only one of two states has, by table; empty when they are equal."""
    counted = {name: (Counter(map(tuple, one[name])), Counter(map(tuple, other[name]))) for name in one}
    found = {
        name: sorted(((ours - theirs) + (theirs - ours)).elements())
        for name, (ours, theirs) in counted.items()
    }
    return {name: rows for name, rows in found.items() if rows}


def disagreements(state: State, told: dict[int, list[str]]) -> list[str]:
    """What is wrong within one state: an order that is missing or differs there, a step told out of its order."""
    wrong = []
    there = {row[0]: row[1] for row in state["items there"]}
    for item in state["order items"]:
        pk, ours, disagreement = item[0], item[3], item[4]
        if there.pop(pk, None) != ours or disagreement != "None":
            wrong.append(f"item {pk} is {ours} here")
    wrong += [f"item {pk} is not here" for pk in there]
    wrong += [
        f"item {pk} was told {path}" for pk, path in told.items() if path != sorted(path, key=_on_the_way)
    ]
    wrong += [f"{kind} {pk} went back" for kind, pk in state["rows that went back"]]
    return wrong


def _on_the_way(code: str) -> int:
    """Cancelling ends every way."""
    return 1000 if code == "100" else int(code)
