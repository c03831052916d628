"""Orders in every form they are read, and how they are placed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.omnitron.conftest import Api, Json

FLAT = {
    "pk", "number", "date_placed", "status", "created_date", "modified_date", "channel", "customer",
    "shipping_address", "billing_address", "currency", "amount", "shipping_amount", "shipping_tax_rate",
    "discount_amount", "net_shipping_amount", "installment_count", "installment_interest_amount",
    "shipping_interest_amount", "refund_amount", "payment_option", "payment_option_slug", "cargo_company",
    "tracking_number", "carrier_shipping_code", "defined_tracking_url", "delivery_type", "delivery_range",
    "shipping_option_slug", "notes", "has_gift_box", "gift_box_note", "language_code", "client_type", "segment",
    "external_status", "remote_addr", "extra_field", "invoice_number", "invoice_date", "e_archive_url", "is_send",
    "cancellation_info",
}  # fmt: skip
ITEM = {
    "pk", "order", "parent", "product", "status", "cancel_status", "price_list", "stock_list", "attributes",
    "attributes_kwargs", "extra_field", "image", "price", "price_currency", "retail_price", "tax_rate",
    "discount_amount", "installment_interest_amount", "net_amount", "tax_amount", "without_net_amount",
    "tracking_number", "invoice_number", "invoice_date", "e_archive_url", "carrier_shipping_code",
    "shipping_company", "delivered_date", "order_number",
}  # fmt: skip


def _new(api: Api, number: str, /, **order: Any) -> Json:
    """The body of an order of channel 1 with two items."""
    customer = api.rows("channel/1/customers/")[0]["pk"]
    address = api.rows("channel/1/addresses/", customer=customer)[0]["pk"]
    fields = {"number": number, "customer": customer, "shipping_address": address, "billing_address": address}
    return {
        "order": {**fields, "currency": "TRY", "shipping_amount": "9.90", "cargo_company": 691, **order},
        "order_item": [
            {"product": 20001, "price": "119.90", "tax_rate": "20.00", "discount_amount": "10.00"},
            {"product": 20002, "price": 50, "tax_rate": 10, "extra_field": {"id": "L-2"}},
        ],
    }


def test_a_flat_order_has_every_key(api: Api) -> None:
    order = api.get("orders/1001/")

    assert set(order) == FLAT
    assert api.rows("orders/", pk=1001) == [order]
    assert api.get(f"channel/{order['channel']}/orders/1001/") == order
    assert api.get(f"channel/{order['channel'] % 3 + 1}/orders/1001/", expect=404)


def test_an_item_has_every_key(api: Api) -> None:
    item = api.rows("order_items/", limit=1)[0]

    assert set(item) >= ITEM
    assert item["order_number"] == api.get(f"orders/{item['order']}/")["number"]
    assert "reserved" not in item


def test_v1_takes_the_pk_first_and_i1_the_number(api: Api, i1: Api) -> None:
    twin = api.post("channel/1/create_orders/", _new(api, "1001"))

    assert api.get("orders/1001/")["pk"] == 1001
    assert i1.get("orders/1001/")["pk"] == twin["pk"]
    number = api.get("orders/1002/")["number"]
    assert api.get(f"orders/{number}/")["pk"] == i1.get(f"orders/{number}/")["pk"] == 1002
    assert i1.get("orders/1003/")["pk"] == 1003
    assert api.get("orders/no-such-number/", expect=404)["code"] == "not_found"


@pytest.mark.parametrize(
    "path",
    [
        "orders/{pk}/detailed/",
        "channel/{channel}/orders/{pk}/detailed/",
        "orders_integration/{pk}/detailed_integration/",
        "order_number/{number}/",
    ],
)
def test_nested_forms_carry_what_the_order_points_at(api: Api, path: str) -> None:
    order = api.get("orders/1005/")
    nested = api.get(path.format(**order))

    assert nested["channel"]["id"] == nested["channel"]["pk"] == order["channel"]
    assert nested["customer"]["pk"] == order["customer"]
    for name in ("shipping_address", "billing_address"):
        assert nested[name]["pk"] == order[name]
        assert nested[name]["country"]["code"] == "tr"
        assert nested[name]["city"]["name"]
        assert nested[name]["township"]["city"] == nested[name]["city"]["pk"]
        assert nested[name]["district"]["township"] == nested[name]["township"]["pk"]
    items = api.rows("order_items/", order=order["pk"])
    assert [each["pk"] for each in nested["orderitem_set"]] == [each["pk"] for each in items]
    assert nested["orderitem_set"][0]["product"]["sku"].startswith("SKU-")
    assert nested["orderitem_set"][0]["product"]["productimage_set"]


def test_items_and_discounts_of_an_order_nested(api: Api) -> None:
    discount = api.rows("discount_items/detailed_integration/")[0]
    items = api.rows("order_item/detailed_integration/", order=discount["order"])

    assert items == api.rows("order_items/detailed_integration/", order=discount["order"])
    assert items[0] == api.get(f"order_item/{items[0]['pk']}/detailed_integration/")
    assert items[0]["product"]["attributes"]["barcode"]
    assert set(discount) >= {
        "pk",
        "name",
        "amount",
        "order",
        "offer_type",
        "code",
        "promotion",
        "benefitapplicant_set",
    }
    assert discount == api.get(f"discount_items/{discount['pk']}/detailed_integration/")
    assert sum(Decimal(each["amount"]) for each in discount["benefitapplicant_set"]) == Decimal(
        discount["amount"]
    )


def test_patch_of_an_order_takes_is_send_alone(api: Api, order: Json) -> None:
    written = api.patch(
        f"orders/{order['pk']}/", {"is_send": True, "status": "550", "number": "x", "amount": "1"}
    )

    changed = {name for name in FLAT if written[name] != order[name]}
    assert changed == {"is_send", "modified_date"}
    assert api.patch(f"orders/{order['pk']}/", {"status": "550"}) == written


def test_placing_an_order(api: Api) -> None:
    placed = api.post("channel/1/create_orders/", _new(api, "N-1", date_placed="2026-03-02 10:00:00"))
    items = api.rows("order_items/", order=placed["pk"], sort="id")

    assert placed["number"] == "N-1"
    assert placed["channel"] == 1
    assert placed["status"] == "400"
    assert placed["currency"] == "try"
    assert placed["date_placed"] == "2026-03-02T10:00:00.000000Z"
    assert (placed["amount"], placed["discount_amount"]) == ("169.80", "10.00")
    assert placed["extra_field"] == {"id": placed["pk"]}
    assert [each["extra_field"]["id"] for each in items] == [items[0]["pk"], "L-2"]
    assert (items[0]["tax_amount"], items[0]["net_amount"]) == ("18.32", "91.58")
    assert items[1]["price"] == "50.00"
    assert (items[1]["price_list"], items[1]["stock_list"]) == (1, 1)


def test_the_form_with_quantity_and_unit_price(api: Api) -> None:
    body = _new(api, "N-2")
    body["order_item"] = [
        {"product": 20001, "tax_rate": 20, "quantity": "3", "unit_price": "19.99"},
        {"product": 20002, "tax_rate": 20, "quantity": 2, "unit_price": "10", "total_price": "18.00"},
        {"product": 20003, "tax_rate": 20, "price": "40", "attributes": {"quantity": 4}},
    ]

    placed = api.post("channel/1/create_orders/", body)

    items = api.rows("order_items/", order=placed["pk"])
    assert [(each["price"], each["attributes"]["quantity"]) for each in items] == [
        ("59.97", 3),
        ("18.00", 2),
        ("40.00", 4),
    ]


def test_the_same_number_in_the_same_channel_is_406(api: Api) -> None:
    api.post("channel/1/create_orders/", _new(api, "N-3"))

    refusal = api.post("channel/1/create_orders/", _new(api, "N-3"), status=406)

    assert isinstance(refusal["non_field_errors"], str)
    assert refusal["error_code"] == "OrderAlreadyExists"
    assert api.get("orders/", number="N-3")["count"] == 1


def test_an_orders_status_is_the_lowest_of_its_items(api: Api) -> None:
    body = _new(api, "N-4", status="500")
    body["order_item"][0]["status"] = "100"
    body["order_item"][1]["status"] = "350"

    placed = api.post("channel/1/create_orders/", body)
    first, second = api.rows("order_items/", order=placed["pk"])

    assert placed["status"] == "350"
    api.patch(f"order_items/{second['pk']}/", {"status": "100"})
    assert api.get(f"orders/{placed['pk']}/")["status"] == "100"
    api.patch(f"order_items/{first['pk']}/", {"status": "450"})
    assert api.get(f"orders/{placed['pk']}/")["status"] == "450"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"number": ""}, "number"),
        ({"customer": 999999}, "customer"),
        ({"shipping_address": "x"}, "shipping_address"),
        ({"amount": "a lot"}, "amount"),
        ({"date_placed": "yesterday"}, "date_placed"),
        ({"status": "425"}, "status"),
    ],
)
def test_an_order_that_cannot_be_is_400_and_nothing_is_kept(api: Api, change: Json, field: str) -> None:
    count = api.get("orders/")["count"]

    refusal = api.post("channel/1/create_orders/", _new(api, "BAD", **change), status=400)

    assert refusal[field]
    assert api.get("orders/")["count"] == count


def test_items_that_cannot_be_are_400_by_position(api: Api) -> None:
    body = _new(api, "BAD-2")
    body["order_item"] += [
        {"product": 1, "price": "1"},
        {"product": 20001},
        {"product": 20001, "quantity": 0},
    ]

    errors = api.post("channel/1/create_orders/", body, status=400)["order_item"]

    assert errors[:2] == [{}, {}]
    assert [list(each) for each in errors[2:]] == [["product"], ["price"], ["quantity"]]
    assert api.get("orders/", number="BAD-2")["count"] == 0


def test_people_of_another_channel_are_refused(api: Api) -> None:
    stranger = api.rows("channel/3/customers/")[0]["pk"]

    assert api.post("channel/1/create_orders/", _new(api, "BAD-3", customer=stranger), status=400)["customer"]


def test_a_flat_order_can_be_posted_to_the_channel(api: Api) -> None:
    body = _new(api, "N-5")["order"]

    placed = api.post("channel/1/orders/", {**body, "orderitem_set": [{"product": 20001, "price": "5.00"}]})

    assert (placed["number"], placed["amount"]) == ("N-5", "14.90")
    assert len(api.rows("order_items/", order=placed["pk"])) == 1


def test_orders_are_new_to_a_channel_until_it_commits_them(api: Api) -> None:
    placed = api.post("channel/2/orders/", {"number": "N-6", "status": "400"})

    assert placed["pk"] in [row["pk"] for row in api.rows("channel/2/orders/inserts/")]
    assert placed["pk"] not in [row["pk"] for row in api.rows("channel/2/orders/updates/")]
    assert placed["pk"] not in [row["pk"] for row in api.rows("channel/1/orders/inserts/")]


def test_replacing_products_of_items(api: Api, order: Json) -> None:
    first, second = (each["pk"] for each in order["orderitem_set"][:2])
    path = f"channel/1/orders/{order['pk']}/bulk_replace_product/"

    nested = api.post(path, [{"order_item": first, "new_product_sku": "SKU-00099"}], status=200)

    skus = {each["pk"]: each["product"]["sku"] for each in nested["orderitem_set"]}
    assert skus[first] == "SKU-00099"
    errors = api.post(path, [{"order_item": first, "new_product_sku": "none"}, {}], status=400)[
        "non_field_errors"
    ]
    assert [sorted(each) for each in errors] == [["new_product_sku"], ["new_product_sku", "order_item"]]
    api.patch(f"order_items/{second}/", {"status": "500"})
    refusal = api.post(path, [{"order_item": second, "new_product_sku": "SKU-00001"}], status=406)
    assert refusal["error_code"] == "OrderItemStatusNotSuitable"


def test_what_is_paid_at_the_door(api: Api) -> None:
    rows = api.rows("pay_on_delivery_transactions/")

    assert len(rows) == 10
    for row in rows:
        answer = api.get(f"orders/{row['order']}/pay_on_delivery_transaction_amount/")
        loyalty = sum(
            Decimal(each["amount"]) for each in api.rows("loyalty_transactions/", order=row["order"])
        )
        assert answer["amount"] == api.get(f"orders/{row['order']}/")["amount"]
        assert Decimal(answer["amount"]) - loyalty == Decimal(answer["amount_without_loyalty_money"])
    assert any(api.get("loyalty_transactions/", order=row["order"])["count"] for row in rows)
    card = api.rows("orders/", payment_option_slug="credit_card")[0]["pk"]
    assert api.get(f"orders/{card}/pay_on_delivery_transaction_amount/", expect=404)["code"] == "not_found"


def test_a_new_order_brings_its_payment(api: Api) -> None:
    placed = api.post("channel/1/create_orders/", _new(api, "N-7", payment_option_slug="pay_on_delivery"))

    assert placed["payment_option"] == 62
    answer = api.get(f"orders/{placed['pk']}/pay_on_delivery_transaction_amount/")
    assert answer == {"amount": placed["amount"], "amount_without_loyalty_money": placed["amount"]}
    assert [row["transaction_type"] for row in api.rows("order_transactions/", order=placed["pk"])] == [
        "pay_on_delivery_transaction"
    ]
