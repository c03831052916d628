"""A brand to plan on, written by set-based SQL: many locations, up to millions of stock rows, orders of real shape."""

import csv
import gzip
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.db import connection

from packhouse.commands.planning import scenarios
from packhouse.kernel.accounts import SYSTEM
from packhouse.planning.models import Scenario

LOCATIONS = 2000
ROWS_PER_SKU = 20
"""On the average: two warehouses have everything; of the stores 60 have the 2 % that sell best, 30 the next 18 %,
14 the others."""

_PLACES = """
INSERT INTO catalog_country (name, folded_name, code, is_active, remote_data, created_date, modified_date)
    VALUES ('Türkiye', 'turkiye', 'tr', true, '{}', now(), now());
INSERT INTO catalog_city (name, folded_name, is_active, country_id, longitude, latitude, remote_data, created_date,
        modified_date)
    SELECT 'CITY ' || n, 'city ' || n, true, id, 26 + (n * 7 %% 81) * 0.22, 36 + (n * 13 %% 81) * 0.07, '{}', now(),
        now()
    FROM catalog_country, generate_series(1, 81) n;
INSERT INTO catalog_channel (omnitron_id, name, channel_type, conf, configuration, currency, is_active, is_installed,
        remote_data, created_date, modified_date)
    VALUES (1, 'Web shop', 'web', '{}', '{}', 'try', true, true, '{}', now(), now());
INSERT INTO catalog_cargocompany (omnitron_id, name, erp_code, shipping_company, configuration, is_active, remote_data,
        created_date, modified_date)
    VALUES (1, 'Example Kargo', 'example-kargo', 'example', '{"adaptor": "http"}', true, '{}', now(), now());
INSERT INTO locations_stocklocationaddress (title, line, is_active, country_id, city_id, longitude, latitude,
        created_date, modified_date)
    SELECT 'Store ' || n, n || ' Example St', true, c.country_id, c.id,
        c.longitude + (n * 31 %% 100) * 0.002, c.latitude + (n * 17 %% 100) * 0.002, now(), now()
    FROM generate_series(1, %(locations)s) n
    JOIN LATERAL (SELECT * FROM catalog_city OFFSET n %% 81 LIMIT 1) c ON true;
INSERT INTO locations_stocklocation (omnitron_id, name, stock_location_type, erp_code, address_id,
        is_fulfillment_center, is_pickup_location, is_delivery_location, is_fast_delivery_available,
        is_return_available, is_active, priority, conf, email, fax_number, daytime_phone, evening_phone,
        working_hours, local_fields, max_quota, remote_data, created_date, modified_date)
    SELECT a.id, a.title, CASE WHEN a.id > %(locations)s - 2 THEN 'warehouse' ELSE 'store' END, 'S' || a.id,
        a.id, true, false, true, false, true, true, a.id %% 5, '{}', '', '', '', '', '{}', '{}', 100000, '{}', now(),
        now()
    FROM locations_stocklocationaddress a;
"""

_PRODUCTS = """
INSERT INTO catalog_product (omnitron_id, sku, base_code, name, barcode, barcodes, unit_type, attributes,
        attributes_kwargs, extra_attributes, is_active, remote_data, created_date, modified_date)
    SELECT n, 'SKU-' || n, 'BASE-' || n, 'Product ' || n, 'B' || n, ARRAY['B' || n], 'quantity',
        '{"size": "M"}', '{"size": {"label": "Size", "value": "M", "data_type": "dropdown"}}', '{}', true, '{}',
        now(), now()
    FROM generate_series(1, %(products)s) n;
INSERT INTO inventory_stock (stock_location_id, sku, on_hand, safety_stock, created_date, modified_date)
    SELECT l.id, p.sku, %(shelf)s, 1, now(), now()
    FROM (
        SELECT sku, omnitron_id AS n, CASE WHEN omnitron_id <= %(products)s * 0.02 THEN 60
            WHEN omnitron_id <= %(products)s * 0.2 THEN 30 ELSE 14 END AS stores FROM catalog_product
    ) p
    CROSS JOIN LATERAL generate_series(0, least(p.stores, %(locations)s - 2) - 1) h
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM locations_stocklocation
        WHERE stock_location_type = 'store') l ON l.place = (p.n * 7919 + h * 31) %% (%(locations)s - 2);
INSERT INTO inventory_stock (stock_location_id, sku, on_hand, safety_stock, created_date, modified_date)
    SELECT l.id, p.sku, 20 * %(shelf)s, 5, now(), now()
    FROM catalog_product p, locations_stocklocation l WHERE l.stock_location_type = 'warehouse';
"""

# Nobody else writes here while orders are made, so ids are counted on from the last.
_ORDERS = """
CREATE TEMP TABLE fresh AS
    SELECT row_number() OVER () AS n, nextval('catalog_customer_id_seq') AS customer,
        nextval('catalog_customeraddress_id_seq') AS address, nextval('orders_order_id_seq') AS "order", b.basket
    FROM (SELECT DISTINCT basket FROM basket_lines ORDER BY basket) b;
INSERT INTO catalog_customer (id, omnitron_id, channel_id, email, first_name, last_name, attributes, remote_data,
        created_date, modified_date)
    SELECT customer, customer, c.id, 'customer' || customer || '@example.com', 'Ada', 'Example',
        '{}', '{}', now(), now()
    FROM fresh, catalog_channel c;
INSERT INTO catalog_customeraddress (id, omnitron_id, customer_id, address_type, title, first_name, last_name, email,
        phone_number, country_id, city_id, line, e_bill_taxpayer, hash_data, extra_field, is_active, created_date,
        modified_date)
    SELECT address, address, customer, 'customer', 'Home', 'Ada', 'Example', '', '05000000000', c.country_id, c.id,
        '5 Sample St', false, '', '{}', true, now(), now()
    FROM fresh JOIN LATERAL (SELECT * FROM catalog_city OFFSET n * 37 %% 81 LIMIT 1) c ON true;
INSERT INTO orders_order (id, omnitron_id, number, channel_id, customer_id, shipping_address_id, billing_address_id,
        cargo_company_id, state, date_placed, currency, amount, discount_amount, shipping_amount, refund_amount,
        installment_count, installment_interest_amount, payment_type, delivery_type, is_send, has_gift_box,
        client_type, language_code, extra_field, content_hash, warnings, is_imported, remote_data, created_date,
        modified_date)
    SELECT "order", "order", (100000000000 + "order")::text, c.id, customer, address, address, g.id, '400',
        now() - interval '1 day' + n * interval '1 second',
        'try', 259, 0, 9, 0, 1, 0, 'credit_card', 'standard', true, false, 'default', 'tr-tr', '{}', '', '[]', false,
        '{}', now(), now()
    FROM fresh, catalog_channel c, catalog_cargocompany g;
INSERT INTO orders_orderitem (omnitron_id, order_id, product_id, state, quantity, cancelled_quantity, price,
        price_currency, tax_rate, discount_amount, installment_interest_amount, attributes, attributes_kwargs,
        extra_field, content_hash, remote_data, created_date, modified_date)
    SELECT f."order" * 1000 + l.line, f."order", p.id, '400', l.quantity, 0, 125 * l.quantity, 'try', 20, 0, 0,
        '{}', '{}', '{}', '', '{}', now(), now()
    FROM fresh f JOIN basket_lines l USING (basket) JOIN catalog_product p ON p.omnitron_id = l.product
    ORDER BY f.n, l.line;
"""

_DRAWN = """
CREATE TEMP TABLE basket_lines AS
    SELECT basket, line, product, CASE WHEN random() < 0.8 THEN 1 ELSE 2 END AS quantity
    FROM (
        SELECT DISTINCT ON (basket, product) basket, line, product FROM (
            SELECT basket, line, 1 + floor(%(products)s * random() ^ 3)::int AS product
            FROM generate_series(1, %(count)s) basket, generate_series(1, 5) line WHERE line <= 1 + basket %% 5
        ) drawn
    ) once;
"""


def seed(*, stock_rows: int, locations: int = LOCATIONS, shelf: int = 50) -> int:
    """Locations, products, stock, one scenario; the number of products."""
    products = stock_rows // ROWS_PER_SKU
    with connection.cursor() as cursor:
        _run(cursor, _PLACES, {"locations": locations})
        _run(cursor, _PRODUCTS, {"products": products, "locations": locations, "shelf": shelf})
        cursor.execute("SELECT setseed(0.5)")
    if not Scenario.objects.exists():
        scenarios.create({**SCENARIO, "default_location": f"S{locations}"}, SYSTEM)
    return products


def add_orders(count: int, products: int) -> list[int]:
    """`count` more approved orders of 1 to 5 lines, few products selling most; their ids, oldest first."""
    with connection.cursor() as cursor:
        _run(cursor, _DRAWN, {"count": count, "products": products})
    return orders_of_baskets()


def add_real_orders(path: Path, count: int, products: int) -> list[int]:
    """Orders with the baskets of a file of order lines (`order_number`, `sku`, `quantity`); their ids."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE basket_lines (basket int, line int, product int, quantity int)")
        with cursor.copy("COPY basket_lines FROM STDIN") as copy:
            for row in _real_lines(path, count, products):
                copy.write_row(row)
    return orders_of_baskets()


def orders_of_baskets() -> list[int]:
    """Approved orders of what stands in the temporary table `basket_lines`; their ids, oldest first."""
    with connection.cursor() as cursor:
        _run(cursor, _ORDERS, {"": ""})
        cursor.execute('SELECT "order" FROM fresh ORDER BY n')
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute("DROP TABLE fresh")
        cursor.execute("DROP TABLE basket_lines")
        for table in ("orders_order", "orders_orderitem", "catalog_customer", "catalog_customeraddress"):
            cursor.execute(f"ANALYZE {table}")
    return ids


def _real_lines(path: Path, count: int, products: int) -> Iterator[Sequence[int]]:
    """(basket, line, product, quantity): what sells best gets the lowest product, as in the drawn orders."""
    baskets = read_baskets(path, count)
    sold: dict[str, int] = {}
    for basket in baskets:
        for sku in basket:
            sold[sku] = sold.get(sku, 0) + 1
    ranks = {sku: n for n, sku in enumerate(sorted(sold, key=sold.__getitem__, reverse=True))}
    spread = max(products // max(len(ranks), 1), 1)
    for number, basket in enumerate(baskets):
        for line, (sku, quantity) in enumerate(basket.items(), start=1):
            yield number, line, 1 + ranks[sku] * spread % products, quantity


def read_baskets(path: Path, count: int) -> list[dict[str, int]]:
    """The first baskets of a gzipped CSV of order lines, cancellations left out; quantities of up to 3."""
    baskets: dict[str, dict[str, int]] = {}
    with gzip.open(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            quantity = int(row["quantity"])
            if quantity <= 0 or row["order_number"].startswith("C"):
                continue
            if row["order_number"] not in baskets and len(baskets) == count:
                break
            lines = baskets.setdefault(row["order_number"], {})
            lines[row["sku"]] = min(lines.get(row["sku"], 0) + quantity, 3)
    return list(baskets.values())


SCENARIO = {
    "name": "Nearest, then few",
    "status": "active",
    "rules": [
        {
            "name": "one place nearby",
            "product_condition": "all_products",
            "location_conditions": [{"code": "SELECT_BY_QUOTA"}],
            "sort": [{"key": "DISTANCE"}, {"key": "PACKAGE_DENSITY"}],
        },
        {
            "name": "few places",
            "strategy": "fewest_packages",
            "location_conditions": [{"code": "SELECT_BY_QUOTA"}],
            "sort": [{"key": "DISTANCE"}, {"key": "PRIORITY"}],
        },
    ],
}


def _run(cursor, statements: str, parameters: dict[str, object]) -> None:  # type: ignore[no-untyped-def]
    """Statement by statement: a prepared statement holds only one."""
    for statement in (statements % parameters).split(";"):
        if statement.strip():
            cursor.execute(statement)
