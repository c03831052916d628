"""What planning saw of the stock, read out of the explanations it kept."""

from django.db import migrations

VIEW = """
CREATE VIEW planning_stockseen AS
SELECT (p.id << 24) + ((line.n - 1) << 14) + place.n - 1 AS id, p.id AS plan_id, p.order_id,
    (line.row ->> 0)::bigint AS order_item_id, l.id AS stock_location_id, place.row ->> 0 AS erp_code,
    line.row ->> 1 AS sku, r.unit_type, p.attempt, (seen.level ->> 0)::numeric(12, 3) AS stock_count,
    coalesce((seen.level ->> 1)::numeric(12, 3), 0) AS reservation_count, p.modified_date AS created_date
FROM planning_executionplan p
CROSS JOIN LATERAL jsonb_array_elements(p.explanation -> 'lines') WITH ORDINALITY AS line(row, n)
CROSS JOIN LATERAL jsonb_array_elements_text(p.explanation -> 'skus') WITH ORDINALITY AS column_of(sku, n)
CROSS JOIN LATERAL jsonb_array_elements(p.explanation -> 'at') WITH ORDINALITY AS place(row, n)
CROSS JOIN LATERAL (SELECT place.row -> (column_of.n + 2)::int AS level) seen
LEFT JOIN locations_stocklocation l ON l.erp_code = place.row ->> 0
LEFT JOIN catalog_product r ON r.sku = line.row ->> 1
WHERE p.state = 'completed' AND column_of.sku = line.row ->> 1 AND jsonb_typeof(seen.level) = 'array'
    AND (seen.level ->> 0)::numeric > 0
"""


class Migration(migrations.Migration):
    dependencies = [
        ("planning", "0001_initial"),
        ("catalog", "0001_initial"),
        ("locations", "0001_initial"),
    ]

    operations = [migrations.RunSQL(VIEW, "DROP VIEW planning_stockseen")]
