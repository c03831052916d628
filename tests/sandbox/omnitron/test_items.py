"""Order items: patched, updated in bulk, mapped; and the stock reservations behind them."""

from __future__ import annotations

import pytest

from tests.sandbox.omnitron.conftest import Api, Json

BULK = "order_items/bulk_status_update/"


def _sold(api: Api, item: Json) -> int:
    stock = api.rows("product_stock/", product=item["product"], stock_list=item["stock_list"])[0]
    assert stock["adjusted_stock"] == stock["stock"] - stock["sold_quantity_unreported"]
    return int(stock["sold_quantity_unreported"])


def test_patch_merges_extra_field_and_replaces_attributes(api: Api, order: Json) -> None:
    path = f"channel/1/order_items/{order['orderitem_set'][0]['pk']}/"
    api.patch(path, {"extra_field": {"a": 1}, "attributes": {"x": 1, "y": 2}})

    written = api.patch(
        path, {"extra_field": {"b": 2}, "attributes": {"x": 3}, "attributes_kwargs": {"k": []}}
    )

    assert written["extra_field"] == {"id": order["orderitem_set"][0]["extra_field"]["id"], "a": 1, "b": 2}
    assert written["attributes"] == {"x": 3}
    assert written["attributes_kwargs"] == {"k": []}
    assert api.get(path) == written


def test_patch_ignores_what_is_not_its_to_change(api: Api, order: Json) -> None:
    item = order["orderitem_set"][0]

    written = api.patch(f"order_items/{item['pk']}/", {"order_number": "x", "price": "0.01", "nonsense": 1})

    changed = {name for name, value in written.items() if item[name] != value}
    assert changed == {"modified_date"}


@pytest.mark.parametrize(
    ("body", "code"),
    [({"status": "425"}, "InvalidOrderItemStatus"), ({"cancel_status": "perhaps"}, "InvalidCancelStatus")],
)
def test_a_status_that_is_none_is_406(api: Api, order: Json, body: Json, code: str) -> None:
    item = order["orderitem_set"][0]

    refusal = api.patch(f"order_items/{item['pk']}/", {**body, "tracking_number": "T"}, status=406)

    assert refusal["error_code"] == code
    assert isinstance(refusal["non_field_errors"], str)
    assert api.get(f"order_items/{item['pk']}/") == item


@pytest.mark.parametrize(
    ("first", "then", "status"),
    [
        ("approved", "confirmed", 406),
        ("waiting_for_payment", "approved", 406),
        ("waiting_for_payment", None, 406),
        ("waiting_for_payment", "waiting_for_payment", 200),
        ("waiting", "approved", 200),
        ("confirmed", "approved", 200),
        ("approved", "rejected", 200),
    ],
)
def test_moves_of_the_cancel_status(api: Api, order: Json, first: str, then: str | None, status: int) -> None:
    path = f"order_items/{order['orderitem_set'][0]['pk']}/"
    api.patch(path, {"cancel_status": first})

    answer = api.patch(path, {"cancel_status": then}, status=status)

    assert api.get(path)["cancel_status"] == (first if status == 406 else then)
    assert status == 200 or answer["error_code"] == "CancelStatusMove"


def test_statuses_are_taken_as_code_number_or_label(api: Api, order: Json) -> None:
    path = f"order_items/{order['orderitem_set'][0]['pk']}/"

    assert [api.patch(path, {"status": each})["status"] for each in ("450", 500, "delivered")] == [
        "450",
        "500",
        "550",
    ]


def test_a_changed_item_changes_its_order(api: Api, order: Json) -> None:
    api.patch(f"order_items/{order['orderitem_set'][0]['pk']}/", {"tracking_number": "T1"})

    assert api.get(f"orders/{order['pk']}/")["modified_date"] > order["modified_date"]


def test_bulk_update_writes_all(api: Api, order: Json) -> None:
    first, second = (each["pk"] for each in order["orderitem_set"][:2])
    invoice = {
        "invoice_number": "ABC2026000000001",
        "invoice_date": "2026-01-05T10:00:00Z",
        "e_archive_url": "u",
    }
    body = [
        {"id": first, "status": "450", **invoice},
        {"id": str(second), "status": "500", "tracking_number": "T1", "shipping_company": "yurtici"},
    ]

    answer = api.patch(BULK, {"orderitem_set": body})["orderitem_set"]

    assert [(each["pk"], each["status"]) for each in answer] == [(first, "450"), (second, "500")]
    assert answer[0]["invoice_date"] == "2026-01-05T10:00:00.000000Z"
    assert (answer[1]["tracking_number"], answer[1]["shipping_company"]) == ("T1", "yurtici")
    assert answer == [api.get(f"order_items/{pk}/") for pk in (first, second)]
    assert api.patch(BULK, {"orderitem_set": []})["orderitem_set"] == []


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"status": "425"}, "status"),
        ({"cancel_status": "perhaps"}, "cancel_status"),
        ({"invoice_date": "soon"}, "invoice_date"),
    ],
)
def test_bulk_update_is_all_or_nothing(api: Api, order: Json, bad: Json, field: str) -> None:
    first, second = order["orderitem_set"][:2]
    body = [{"id": first["pk"], "status": "450"}, {"id": second["pk"], **bad}, {"status": "450"}, {"id": 1}]

    refusal = api.patch(BULK, {"orderitem_set": body}, status=400)

    assert "code" in refusal
    assert [list(each) for each in refusal["orderitem_set"]] == [[], [field], ["id"], ["id"]]
    assert api.order(order["pk"]) == order


def test_bulk_update_without_its_list_is_400(api: Api) -> None:
    assert api.patch(BULK, {}, status=400) == {
        "orderitem_set": ["This field is required."],
        "code": "required",
    }


# Reservations


def test_an_order_reserves_and_a_mapping_lets_go(api: Api, order: Json) -> None:
    item = order["orderitem_set"][0]
    quantity = item["attributes"].get("quantity", 1)
    before = _sold(api, item)

    mapping = api.post(f"order_items/{item['pk']}/create_mapping/", {"update_stock": True, "code": "P1-1"})

    assert set(mapping) == {"pk", "content_type", "object_id", "integration_type", "code"}
    assert (mapping["object_id"], mapping["integration_type"], mapping["code"]) == (
        item["pk"],
        "external_company",
        "P1-1",
    )
    assert api.rows("content_types/", id=mapping["content_type"])[0]["model"] == "orderitem"
    assert _sold(api, item) == before - quantity


def test_a_second_mapping_changes_nothing_and_another_code_is_406(api: Api, order: Json) -> None:
    item = order["orderitem_set"][0]
    path = f"order_items/{item['pk']}/create_mapping/"
    mapping = api.post(path, {"code": "P2-1"})
    sold = _sold(api, item)

    assert api.post(path, {"code": "P2-1"}) == mapping
    assert api.post(path, {"code": "P2-2"}, status=406)["error_code"] == "IntegrationMappingAlreadyExists"
    assert _sold(api, item) == sold
    assert api.post(path, {}, status=400)["code"] == "required"


def test_a_mapping_may_leave_the_stock_alone(api: Api, order: Json) -> None:
    item = order["orderitem_set"][0]
    sold = _sold(api, item)

    api.post(f"order_items/{item['pk']}/create_mapping/", {"code": "P3-1", "update_stock": "False"})

    assert _sold(api, item) == sold


def test_a_cancelled_item_gives_its_reservation_back_once(api: Api, order: Json) -> None:
    item = order["orderitem_set"][0]
    quantity = item["attributes"].get("quantity", 1)
    sold = _sold(api, item)

    for _ in range(2):
        api.patch(f"order_items/{item['pk']}/", {"status": "100"})

    assert _sold(api, item) == sold - quantity
