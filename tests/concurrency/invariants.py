"""What must hold whatever commands have run: the checks of `reconcile`, and what only holds without a stock feed."""

from django.db import connection

from packhouse.commands.reconcile.differences import find_differences

# Beside what `reconcile` finds: with no feed nobody counts less than there is, and nothing stands alone.
_BESIDE = {
    "on_hand below zero": "SELECT id FROM inventory_stock WHERE on_hand < 0",
    "more promised than there is": """
        SELECT s.id FROM inventory_stock s JOIN locations_stocklocation l ON l.id = s.stock_location_id
        WHERE coalesce(l.engine, 1) = 1 AND s.reserved > s.on_hand""",
    "item of another order": """
        SELECT i.id FROM packages_packageitem i JOIN packages_package p ON p.id = i.package_id
        JOIN orders_orderitem o ON o.id = i.order_item_id WHERE o.order_id <> p.order_id""",
    "shipment of a package that was cancelled before it was shipped": """
        SELECT s.id FROM shipments_shipment s JOIN packages_package p ON p.id = s.package_id
        JOIN LATERAL (
            SELECT o.enum_value FROM kernel_statetransitionlog g JOIN kernel_state o ON o.id = g.old_state_id
            WHERE g.object_id = p.id AND o.enum_class = 'PackageStatus' ORDER BY g.id DESC LIMIT 1) g ON true
        WHERE s.is_current AND p.state = '900' AND g.enum_value NOT IN ('600', '650', '700', '750')""",
    "gap in the events of a subject": """
        SELECT min(cursor) FROM kernel_event GROUP BY subject
        HAVING count(*) <> max(sequence) - min(sequence) + 1 OR count(DISTINCT sequence) <> count(*)""",
    "package whose log does not end in its state": """
        SELECT p.id FROM packages_package p JOIN LATERAL (
            SELECT n.enum_value FROM kernel_statetransitionlog g JOIN kernel_state n ON n.id = g.new_state_id
            WHERE g.object_id = p.id AND n.enum_class = 'PackageStatus' ORDER BY g.id DESC LIMIT 1) g ON true
        WHERE g.enum_value <> p.state""",
}


def broken() -> list[str]:
    """One line per thing that does not hold; empty when all is well."""
    found = [str(difference) for difference in find_differences()]
    with connection.cursor() as cursor:
        for name, statement in _BESIDE.items():
            cursor.execute(statement)
            found += [f"{name}: {row[0]}" for row in cursor.fetchall()]
    return found


def kinds_beside() -> list[str]:
    """The names of what is checked here beside the kinds of `reconcile`."""
    return list(_BESIDE)
