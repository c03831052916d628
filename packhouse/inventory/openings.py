"""What a shelf count began with, so that `on_hand` can be proven from its movements."""

from django.db import connection

from packhouse.inventory.models import Stock

_BEGIN = """
UPDATE inventory_stock s SET opening = s.on_hand - coalesce((
    SELECT sum(m.delta) FROM inventory_movement m
    WHERE m.stock_location_id = s.stock_location_id AND m.sku = s.sku), 0)
WHERE s.stock_location_id = %(location)s
"""


def lock_shelves(location_id: int) -> None:
    """Lock every stock row of a location, in the documented order: before the location itself."""
    rows = Stock.objects.filter(stock_location_id=location_id).order_by("sku").select_for_update()
    list(rows.values_list("id"))


def begin_count(location_id: int) -> None:
    """From here on the location's units are counted here: what its rows, locked, say now is taken as right."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, {"location": location_id})
