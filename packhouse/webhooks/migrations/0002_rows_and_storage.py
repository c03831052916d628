"""The one row of the feed's start; deliveries change three times each, so their table is kept tidy more eagerly."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO webhooks_feedstart (id, expired_cursor) VALUES (1, 0)",
            "DELETE FROM webhooks_feedstart",
        ),
        migrations.RunSQL(
            "ALTER TABLE webhooks_delivery SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02,"
            " autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_cost_limit = 1000)",
            "ALTER TABLE webhooks_delivery RESET (fillfactor, autovacuum_vacuum_scale_factor,"
            " autovacuum_analyze_scale_factor, autovacuum_vacuum_cost_limit)",
        ),
    ]
