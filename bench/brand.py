"""A brand to measure on, written by set-based SQL: packages in Waiting, two items each, reserved."""

import time

from django.db import connection

from packhouse.catalog.models import CargoCompany, City, Country
from packhouse.kernel import version
from packhouse.kernel.models import Transition

LOCATIONS = 24
PRODUCTS = 500
SHELF = 1_000_000

_PLACES = """
INSERT INTO catalog_country (name, folded_name, code, is_active, remote_data, created_date, modified_date)
    VALUES ('Türkiye', 'turkiye', 'tr', true, '{}', now(), now());
INSERT INTO catalog_city (name, folded_name, is_active, country_id, remote_data, created_date, modified_date)
    SELECT 'ANKARA', 'ankara', true, id, '{}', now(), now() FROM catalog_country LIMIT 1;
"""

_SEED = """
INSERT INTO catalog_channel (omnitron_id, name, channel_type, conf, configuration, currency, is_active, is_installed,
        remote_data, created_date, modified_date)
    VALUES (1, 'Web shop', 'web', '{}', '{}', 'try', true, true, '{}', now(), now());
INSERT INTO catalog_cargocompany (omnitron_id, name, erp_code, shipping_company, configuration, is_active, remote_data,
        created_date, modified_date)
    VALUES (1, 'Example Kargo', 'example-kargo', 'example', '{"adaptor": "http"}', true, '{}', now(), now());
INSERT INTO locations_stocklocationaddress (title, line, is_active, country_id, city_id, longitude, latitude,
        created_date, modified_date)
    SELECT 'Store ' || n, n || ' Example St', true, c.country_id, c.id, 32.8, 39.9, now(), now()
    FROM generate_series(1, %(locations)s) n, (SELECT * FROM catalog_city LIMIT 1) c;
INSERT INTO locations_stocklocation (omnitron_id, name, stock_location_type, erp_code, address_id,
        is_fulfillment_center, is_pickup_location, is_delivery_location, is_fast_delivery_available,
        is_return_available, is_active, priority, conf, email, fax_number, daytime_phone, evening_phone,
        working_hours, local_fields, remote_data, created_date, modified_date)
    SELECT a.id, a.title, 'store', 'S' || a.id, a.id, true, false, true, false, true, true, 10, '{}', '', '', '', '',
        '{}', '{}', '{}', now(), now()
    FROM locations_stocklocationaddress a;
INSERT INTO catalog_product (omnitron_id, sku, base_code, name, barcode, barcodes, unit_type, attributes,
        attributes_kwargs, extra_attributes, is_active, remote_data, created_date, modified_date)
    SELECT n, 'SKU-' || n, 'BASE-' || n, 'Product ' || n, 'B' || n, ARRAY['B' || n], 'quantity',
        '{"size": "M"}', '{"size": {"label": "Size", "value": "M", "data_type": "dropdown"}}', '{}', true, '{}',
        now(), now()
    FROM generate_series(1, %(products)s) n;
INSERT INTO inventory_stock (stock_location_id, sku, on_hand, created_date, modified_date)
    SELECT l.id, p.sku, %(shelf)s, now(), now() FROM locations_stocklocation l, catalog_product p;
"""

_PACKAGES = """
CREATE TEMP TABLE fresh AS
    SELECT n, nextval('catalog_customer_id_seq') AS customer, nextval('catalog_customeraddress_id_seq') AS address,
        nextval('orders_order_id_seq') AS "order", nextval('packages_package_id_seq') AS package,
        (SELECT min(id) FROM locations_stocklocation) + n %% %(locations)s AS location,
        1 + (n * 7) %% %(products)s AS first, 1 + (n * 7 + 3) %% %(products)s AS second
    FROM generate_series(1, %(count)s) n;
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
    FROM fresh, (SELECT * FROM catalog_city LIMIT 1) c;
INSERT INTO orders_order (id, omnitron_id, number, channel_id, customer_id, shipping_address_id, billing_address_id,
        cargo_company_id, state, date_placed, currency, amount, discount_amount, shipping_amount, refund_amount,
        installment_count, installment_interest_amount, payment_type, delivery_type, is_send, has_gift_box,
        client_type, language_code, extra_field, content_hash, warnings, is_imported, remote_data, created_date,
        modified_date)
    SELECT "order", "order", (100000000000 + "order")::text, c.id, customer, address, address, g.id, '400', now(),
        'try', 259, 0, 9, 0, 1, 0, 'credit_card', 'standard', true, false, 'default', 'tr-tr', '{}', '', '[]', false,
        '{}', now(), now()
    FROM fresh, catalog_channel c, catalog_cargocompany g;
INSERT INTO packages_package (id, number, order_id, stock_location_id, state, state_date, holds_quota, created_date,
        modified_date)
    SELECT package, (100000000000 + "order")::text || 'P1', "order", location, '100', now(), true, now(), now()
    FROM fresh;
CREATE TEMP TABLE lines AS
    SELECT "order", package, location, p.id AS product, p.sku, nextval('orders_orderitem_id_seq') AS order_item,
        nextval('packages_packageitem_id_seq') AS item
    FROM fresh JOIN catalog_product p ON p.omnitron_id IN (first, second);
INSERT INTO orders_orderitem (id, omnitron_id, order_id, product_id, state, quantity, cancelled_quantity, price,
        price_currency, tax_rate, discount_amount, installment_interest_amount, attributes, attributes_kwargs,
        extra_field, content_hash, remote_data, created_date, modified_date)
    SELECT order_item, order_item, "order", product, '400', 1, 0, 125, 'try', 20, 0, 0, '{}', '{}', '{}', '', '{}',
        now(), now()
    FROM lines;
INSERT INTO packages_packageitem (id, package_id, order_item_id, state, quantity, created_date, modified_date)
    SELECT item, package, order_item, '100', 1, now(), now() FROM lines;
INSERT INTO inventory_reservation (stock_location_id, sku, quantity, package_item_id, created_date, modified_date)
    SELECT location, sku, 1, item, now(), now() FROM lines;
UPDATE inventory_stock s SET reserved = s.reserved + n.units
    FROM (SELECT location, sku, count(*) AS units FROM lines GROUP BY 1, 2) n
    WHERE n.location = s.stock_location_id AND n.sku = s.sku;
UPDATE locations_stocklocation l SET quota = l.quota + n.packages
    FROM (SELECT location, count(*) AS packages FROM fresh GROUP BY 1) n WHERE n.location = l.id;
"""


def seed() -> None:
    """Locations, products, stock."""
    with connection.cursor() as cursor:
        _run(cursor, _PLACES, {})
        _run(cursor, _SEED, {"locations": LOCATIONS, "products": PRODUCTS, "shelf": SHELF})


def connect(carrier: str, invoice: str) -> None:
    """The brand's carrier and its invoice service are at these addresses."""
    City.objects.update(omnitron_id=940)
    Country.objects.update(omnitron_id=901)
    account = {"adaptor": "http", "base_url": carrier, "username": "carrier", "password": "carrier"}
    CargoCompany.objects.update(configuration=account)
    service = {"remote_invoice_call": {"remote_url": f"{invoice}/invoices"}}
    Transition.objects.filter(command="CompletePackagingCommand").update(configuration=service)
    version.raise_version()


def forget_jobs() -> None:
    """What workers were still to do is not done any more, and circuits are closed; waits for what is under way."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE status = 'todo'")
            cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'")
            if not cursor.fetchone()[0]:
                break
            time.sleep(0.2)
        cursor.execute("DELETE FROM integrations_circuit")


def add_packages(count: int) -> list[int]:
    """`count` more packages in Waiting, of one order each; their ids."""
    with connection.cursor() as cursor:
        _run(cursor, _PACKAGES, {"locations": LOCATIONS, "products": PRODUCTS, "count": count})
        cursor.execute("SELECT package FROM fresh ORDER BY package")
        ids = [row[0] for row in cursor.fetchall()]
        _run(cursor, "DROP TABLE fresh; DROP TABLE lines; ANALYZE", {})
    return ids


def _run(cursor, statements: str, parameters: dict[str, int]) -> None:  # type: ignore[no-untyped-def]
    """Statement by statement: a prepared statement holds only one."""
    text = statements % parameters if parameters else statements
    for statement in text.split(";"):
        if statement.strip():
            cursor.execute(statement)
