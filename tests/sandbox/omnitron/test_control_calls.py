"""The customers' side by control call: orders placed, paid, changed, cancelled; stores; seeding anew."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from sandbox.serve import Running
from tests.sandbox.omnitron.conftest import Api, Json, sandbox


@pytest.fixture(autouse=True)
def _unharmed(api: Api) -> Iterator[None]:
    yield
    api.control("DELETE", "faults/")


def _adds_up(order: Json) -> bool:
    gross = sum(Decimal(each["price"]) - Decimal(each["discount_amount"]) for each in order["orderitem_set"])
    return bool(gross + Decimal(order["shipping_amount"]) == Decimal(order["amount"]))


def test_placing_many(api: Api) -> None:
    count = api.get("orders/")["count"]

    placed = api.control("POST", "orders/", {"count": 120})["placed"]

    assert len({each["number"] for each in placed}) == 120
    assert api.get("orders/")["count"] == count + 120
    orders = [api.order(each["pk"]) for each in placed[:40]]
    assert all(_adds_up(order) for order in orders)
    assert {len(order["orderitem_set"]) for order in orders} >= {1, 2}
    assert api.control("POST", "orders/", {})["placed"]


def test_placing_one_that_is_given(api: Api) -> None:
    body = {
        "channel": 1,
        "order": {"number": "G-1", "status": "300"},
        "order_item": [{"product": 20001, "price": 5}],
    }

    order = api.control("POST", "orders/", body, status=201)

    assert (order["number"], order["status"], order["amount"]) == ("G-1", "300", "5.00")
    assert api.control("POST", "orders/", body, status=406)["error_code"] == "OrderAlreadyExists"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": "x"}, "count"),
        ({"channel": 9}, "channel"),
        ({"order": 5}, "order"),
    ],
)
def test_what_cannot_be_placed_is_400(api: Api, body: Json, field: str) -> None:
    assert api.control("POST", "orders/", body, status=400)["field"] == field


def test_paying(api: Api) -> None:
    order = api.place(channel=1, status="300")

    assert api.control("POST", f"orders/{order['pk']}/pay/")["status"] == "400"
    assert api.control("POST", "orders/999999/pay/", status=404)


def test_another_address_is_another_row(api: Api, order: Json) -> None:
    before = api.get(f"channel/1/addresses/{order['shipping_address']}/")

    changed = api.control(
        "POST", f"orders/{order['number']}/change/", {"address": {"city": 6, "line": "Elsewhere 1"}}
    )

    after = api.get(f"channel/1/addresses/{changed['shipping_address']}/")
    assert (after["city"], after["line"], after["last_name"]) == (6, "Elsewhere 1", before["last_name"])
    assert api.get(f"channel/1/addresses/{before['pk']}/") == before
    assert changed["modified_date"] > order["modified_date"]
    again = api.control("POST", f"orders/{order['pk']}/change/", {"address": {"line": "Elsewhere 1"}})
    assert again["shipping_address"] == changed["shipping_address"]


def test_items_change_vanish_and_are_added(api: Api, order: Json) -> None:
    first, second = (each["pk"] for each in order["orderitem_set"][:2])
    body: Json = {
        "items": [
            {"id": first, "price": "10.00", "discount_amount": 0, "attributes": {"quantity": 2}},
            {"id": second, "remove": True},
        ],
        "add_items": [{"product": 20009, "price": "7.50", "tax_rate": 20}],
    }

    changed = api.control("POST", f"orders/{order['pk']}/change/", body)

    items = {each["pk"]: each for each in changed["orderitem_set"]}
    assert second not in items
    assert (items[first]["price"], items[first]["attributes"]) == ("10.00", {"quantity": 2})
    assert changed["orderitem_set"][-1]["product"] == 20009
    assert _adds_up(changed)


def test_a_status_for_all_items(api: Api, order: Json) -> None:
    changed = api.control("POST", f"orders/{order['pk']}/change/", {"status": "shipped"})

    assert {each["status"] for each in changed["orderitem_set"]} == {"500"}
    assert api.control("POST", f"orders/{order['pk']}/change/", {"status": "x"}, status=400)["status"]
    assert api.control("POST", f"orders/{order['pk']}/change/", {"items": [{"id": 1}]}, status=400)["items"]


@pytest.mark.parametrize("path", ["cancel/", "orders/{pk}/cancel/"])
def test_the_customer_cancels(api: Api, order: Json, path: str) -> None:
    item = order["orderitem_set"][0]["pk"]

    plan = api.control(
        "POST", path.format(**order), {"order": order["pk"], "cancel_items": [item]}, status=201
    )

    assert plan["cancellation_items"] == [{"order_item": item, "reason": 10}]
    refusal = api.control("POST", path.format(**order), {"order": order["pk"]}, status=406)
    assert refusal["error_code"] == "OrderCancellationAlreadyWaitingException"


def test_stores_are_opened_and_changed(api: Api) -> None:
    opened = api.control("POST", "stores/", {"name": "Popup", "erp_code": "P9", "township": 1001}, status=201)
    closed = api.control("POST", "stores/", {"erp_code": "P9", "is_active": False}, status=200)

    assert (closed["pk"], closed["is_active"]) == (opened["pk"], False)
    assert closed in api.control("GET", "stores/")
    assert (
        api.control("POST", "stores/", {"pk": opened["pk"], "name": "Later"}, status=200)["name"] == "Later"
    )
    assert api.control("POST", "stores/", {}, status=400)["name"]
    assert api.control("POST", "stores/", {"pk": 99999}, status=404)


def test_what_clients_sent_is_listed_oldest_first(api: Api) -> None:
    api.control("DELETE", "requests/")
    api.get("orders/?limit=1&status=400")
    api.patch("orders/1002/", {"is_send": True})

    first, second = api.control("GET", "requests/")

    assert (first["method"], first["path"], first["query"], first["status"]) == (
        "GET",
        "/api/v1/orders/",
        "limit=1&status=400",
        200,
    )
    assert (second["body"], second["headers"]["authorization"][:6]) == ('{"is_send":true}', "Token ")


def test_faults_reach_the_wire_and_not_the_control_desk(api: Api) -> None:
    api.control("PUT", "faults/", {"error_rate": {"503": 1}, "paths": ["order_items/"]})

    assert api.http.get("order_items/").status_code == 503
    assert api.http.get("orders/").status_code == 200
    api.control("PUT", "faults/", {"preset": "outage", "drop_connection": 0})
    assert api.http.get("orders/").status_code == 503
    api.control("PUT", "faults/", {"preset": "calm"})
    assert api.http.get("orders/").status_code == 200


@pytest.mark.parametrize("preset", ["calm", "rough", "outage", "silent-webhooks"])
def test_presets(api: Api, preset: str) -> None:
    faults = api.control("PUT", "faults/", {"preset": preset, "latency_ms": 0})

    assert ("webhook" in faults) == (preset != "calm")
    assert ("error_rate" in faults) == (preset in ("rough", "outage"))
    assert api.control("GET", "faults/") == faults


# Anew


@pytest.fixture
def own() -> Iterator[Api]:
    with Running(sandbox().app) as running:
        yield Api(running.url)


def test_reset_makes_it_as_it_was(own: Api) -> None:
    before = own.control("GET", "state/")["counts"]
    own.control("POST", "orders/", {"count": 5})
    own.post("whisperer/hooks/", {"target_url": "http://127.0.0.1:9/", "event_type": "order.updated"})

    own.control("POST", "reset/")

    assert own.get("orders/", expect=401)
    own.login()
    after = own.control("GET", "state/")["counts"]
    assert {**after, "token": 0} == {**before, "token": 0}
    assert own.place(channel=1)["pk"] == 1201


def test_seeding_anew(own: Api) -> None:
    state = own.control("POST", "seed/", {"seed": 3, "orders": 20, "day": "2026-04-01"})

    assert (state["seed"], state["size"], state["day"], state["counts"]["order"]) == (
        3,
        "small",
        "2026-04-01",
        20,
    )
    for body, field in (({"size": "huge"}, "size"), ({"day": "x"}, "day"), ({"orders": -1}, "orders")):
        assert own.control("POST", "seed/", body, status=400)["field"] == field
    assert own.control("GET", "state/")["counts"]["order"] == 20


def test_without_control_nothing_answers_there() -> None:
    closed = sandbox(control=False)

    with Running(closed.app) as running:
        api = Api(running.url)
        assert api.control("GET", "state/", status=404)
        assert api.get("orders/")["count"] == 200
