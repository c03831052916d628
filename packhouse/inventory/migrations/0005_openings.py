from django.db import migrations

BEGIN = """
UPDATE inventory_stock s SET opening = s.on_hand - coalesce((
    SELECT sum(m.delta) FROM inventory_movement m
    WHERE m.stock_location_id = s.stock_location_id AND m.sku = s.sku), 0)
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0004_opening")]

    operations = [migrations.RunSQL(BEGIN, migrations.RunSQL.noop)]
