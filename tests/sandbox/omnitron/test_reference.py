"""Channels, geography, carriers, products and their lists."""

from __future__ import annotations

import pytest

from tests.sandbox.omnitron.conftest import Api

CLIENT_MODELS = (
    "batchrequest", "product", "order", "orderitem", "productprice", "productstock", "integrationaction",
    "productimage", "categorytree", "categorynode", "channel", "productcategory", "marketplaceattributeset",
    "marketplaceattributesetconfig", "marketplaceattribute", "marketplaceattributeschema",
    "marketplaceattributevalue", "marketplaceattributevalueconfig", "cancellationrequest",
)  # fmt: skip


def test_two_web_shops_and_a_marketplace(api: Api) -> None:
    channels = api.rows("channels/")

    assert [each["channel_type"] for each in channels] == ["web", "web", "sales_channel"]
    assert set(channels[0]) >= {
        "pk", "id", "name", "catalog", "channel_type", "conf", "category_tree", "is_active", "schema",
    }  # fmt: skip
    assert channels[0]["conf"] == {"reason_mapping": {}, "cancellation_reason_id": 10}
    assert api.get("channels/2/") == channels[1]


def test_a_channel_is_patched(api: Api) -> None:
    changed = api.patch(
        "channels/2/", {"schema": {"a": 1}, "conf": {"reason_mapping": {"x": 1}}, "category_tree": "7"}
    )

    assert (changed["schema"], changed["category_tree"]) == ({"a": 1}, 7)
    assert api.get("channels/2/") == changed
    assert api.patch("channels/2/", {"conf": []}, status=400)["conf"]


def test_catalogs_point_at_their_lists(api: Api) -> None:
    catalog = api.get("catalogs/3/")

    assert set(catalog) >= {"pk", "name", "price_list", "stock_list"}
    assert [row["pk"] for row in api.rows("channel/3/price_lists/")] == [catalog["price_list"]]
    assert [row["pk"] for row in api.rows("channel/3/stock_lists/")] == [catalog["stock_list"]]


@pytest.mark.parametrize("model", CLIENT_MODELS)
def test_one_content_type_for_each_model_a_client_names(api: Api, model: str) -> None:
    rows = api.rows("content_types/", model=model)

    assert [set(row) for row in rows] == [{"id", "app_label", "model"}]


def test_geography_hangs_together(api: Api) -> None:
    countries, cities = api.rows("channel/1/countries/"), api.rows("channel/1/cities/")
    townships, districts = api.rows("channel/1/townships/"), api.rows("channel/1/districts/")

    assert [each["code"] for each in countries] == ["tr"]
    assert len(cities) == 10
    assert {each["country"] for each in cities} == {countries[0]["pk"]}
    assert {each["city"] for each in townships} == {each["pk"] for each in cities}
    assert {each["township"] for each in districts} == {each["pk"] for each in townships}
    for row in (*cities, *townships, *districts):
        assert 36 < float(row["latitude"]) < 42
        assert 26 < float(row["longitude"]) < 45
        assert {"pk", "name", "code", "is_active", "translations"} <= set(row)


def test_carriers_and_payment_options(api: Api) -> None:
    carrier = api.get("channel/1/cargos/691/")

    assert set(carrier) >= {"pk", "name", "erp_code", "shipping_company", "created_date", "modified_date"}
    assert {row["payment_type"] for row in api.rows("payment_options/")} == {
        "credit_card",
        "pay_on_delivery",
        "funds_transfer",
        "marketplace",
    }
    assert api.get("payment_options/62/")["slug"] == "pay_on_delivery"


def test_payments_are_listed(api: Api) -> None:
    count = api.get("order_transactions/")["count"]
    kinds = (
        "transactions",
        "pay_on_delivery_transactions",
        "loyalty_transactions",
        "funds_transfer_transactions",
    )

    assert sum(api.get(f"{kind}/")["count"] for kind in kinds) == count > 200
    for kind in (
        "bex_transactions",
        "catalog_items",
        "channel/1/extra_product_stocks",
        "channel/1/category_nodes",
    ):
        assert api.get(f"{kind}/") == {"count": 0, "next": None, "previous": None, "results": []}
    assert api.get("channel/1/category_nodes/5/", expect=404)["code"] == "not_found"


def test_products_with_barcodes_that_check(api: Api) -> None:
    products = api.rows("products/")

    assert len(products) == 300
    assert set(products[0]) >= {
        "pk", "sku", "base_code", "name", "attributes", "attributes_kwargs", "extra_attributes", "modified_date",
        "productimage_set",
    }  # fmt: skip
    assert (
        len({row["sku"] for row in products})
        == len({row["attributes"]["barcode"] for row in products})
        == 300
    )
    for row in products:
        digits = [int(digit) for digit in row["attributes"]["barcode"]]
        assert len(digits) == 13
        assert sum(digits[::2] + [3 * digit for digit in digits[1::2]]) % 10 == 0
    assert api.rows("channel/1/products/", product_type=0) == products


def test_prices_stocks_and_images_of_a_product(api: Api) -> None:
    price = api.rows("channel/3/product_prices/", product=20001)
    stock = api.rows("channel/3/product_stocks/", product=20001)

    assert [(row["price_list"], row["tax_rate"]) for row in price] == [(3, "10.00")]
    assert float(price[0]["price"]) <= float(price[0]["retail_price"])
    assert [row["stock_list"] for row in stock] == [2]
    assert set(stock[0]) >= {
        "pk", "product", "unit_type", "stock", "sold_quantity_unreported", "stock_list", "adjusted_stock",
    }  # fmt: skip
    assert api.get("product_stock/")["count"] == 600
    assert [row["product"] for row in api.rows("channel/1/product_images/", product=20001)] == [20001]
    assert api.get("channel/1/mapped_products/20001/")["mapped_attributes"]["barcode"]


def test_stocks_are_told(api: Api) -> None:
    created = api.post("stock_list/", {"name": "Extra"})
    body = {"product": 20005, "stock_list": created["pk"], "stock": "7"}

    row = api.post("product_stock/", body)
    again = api.post("product_stock/", {**body, "stock": 9}, status=200)

    assert (row["stock"], row["adjusted_stock"]) == (7, 7)
    assert (again["pk"], again["stock"]) == (row["pk"], 9)
    assert api.post("product_stock/", {"stock": 1}, status=400)["product"]


def test_every_channel_knows_every_product_by_its_sku(api: Api) -> None:
    assert api.get("channel/1/products/inserts/")["count"] == 0
    assert api.get("channel/1/products/updates/")["count"] == 0
    assert api.get("channel/1/product_prices/inserts/")["count"] == 300
    found = api.rows(
        "channel/1/integration_actions/", content_type_name="product", remote_id__in="SKU-00001,SKU-00002"
    )
    assert [(row["object_id"], row["status"]) for row in found] == [(20001, "success"), (20002, "success")]
