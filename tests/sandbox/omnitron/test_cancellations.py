"""Cancelling an order, how its plan goes on, and what customers request."""

from __future__ import annotations

import pytest

from tests.sandbox.omnitron.conftest import Api, Json

BULK = "order_items/bulk_status_update/"


def _items(order: Json) -> list[int]:
    return [each["pk"] for each in order["orderitem_set"]]


def _plan(api: Api, order: Json) -> Json:
    return api.rows("channel/1/cancellation_plans/", order=order["pk"], sort="-id")[0]


def _stand(api: Api, item: int, status: str) -> None:
    api.patch(f"order_items/{item}/", {"status": status})


@pytest.mark.parametrize(
    "path", ["orders/{pk}/cancel/", "channel/1/orders/{pk}/cancel/", "orders/{number}/cancel/"]
)
def test_cancelling_all_of_an_order(api: Api, order: Json, path: str) -> None:
    body = {
        "order": order["pk"],
        "is_all": True,
        "cancel_items": [],
        "reasons": {},
        "forced_refund_amount": None,
    }

    answer = api.post(path.format(**order), body, status=200)

    plan = _plan(api, order)
    assert answer == api.get(f"orders/{order['pk']}/") == plan["order"]
    assert answer["status"] == "50"
    assert {(row["status"], row["cancel_status"]) for row in api.rows("order_items/", order=order["pk"])} == {
        ("50", "waiting")
    }
    assert (plan["plan_type"], plan["status"]) == ("cancel", "waiting")
    assert plan["cancellation_items"] == [{"order_item": each, "reason": 10} for each in _items(order)]
    assert answer["cancellation_info"]["plan"] == plan["pk"]


def test_cancelling_some_items_for_reasons(api: Api, order: Json) -> None:
    item = _items(order)[0]
    body = {
        "cancel_items": [str(item)],
        "reasons": {str(item): 2},
        "is_cargo_refund": "True",
        "ibans": {"1": "x"},
    }

    api.post(f"orders/{order['pk']}/cancel/", body, status=200)

    plan = _plan(api, order)
    assert plan["cancellation_items"] == [{"order_item": item, "reason": 2}]
    assert (plan["is_cargo_refund"], plan["ibans"]) == (True, {"1": "x"})
    others = [row for row in api.rows("order_items/", order=order["pk"]) if row["pk"] != item]
    assert {(row["status"], row["cancel_status"]) for row in others} == {("400", None)}


def test_shipped_items_make_a_refund_and_a_mixture_is_406(api: Api, order: Json) -> None:
    items = _items(order)
    _stand(api, items[0], "500")

    refusal = api.post(f"orders/{order['pk']}/cancel/", {"is_all": True}, status=406)
    api.post(f"orders/{order['pk']}/cancel/", {"cancel_items": items[:1]}, status=200)

    assert refusal["error_code"] == "OrderCancellationMixedItemsException"
    assert _plan(api, order)["plan_type"] == "refund"


def test_again_while_waiting_is_406(api: Api, order: Json) -> None:
    first = _items(order)[:1]
    api.post(f"orders/{order['pk']}/cancel/", {"cancel_items": first}, status=200)

    for body in ({"cancel_items": first}, {"is_all": True}):
        refusal = api.post(f"orders/{order['pk']}/cancel/", body, status=406)
        assert refusal["error_code"] == "OrderCancellationAlreadyWaitingException"
        assert isinstance(refusal["non_field_errors"], str)
    assert api.get("channel/1/cancellation_plans/", order=order["pk"])["count"] == 1


def test_what_is_cancelled_already_is_406(api: Api, order: Json) -> None:
    for item in _items(order):
        _stand(api, item, "100")

    for body in ({"is_all": True}, {"cancel_items": _items(order)[:1]}):
        refusal = api.post(f"orders/{order['pk']}/cancel/", body, status=406)
        assert refusal["error_code"] == "OrderCancellationAlreadyCancelledException"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "cancel_items"),
        ({"cancel_items": []}, "cancel_items"),
        ({"cancel_items": [1]}, "cancel_items"),
        ({"is_all": "perhaps"}, "is_all"),
        ({"is_all": True, "order": 5}, "order"),
        ({"is_all": True, "reasons": []}, None),
        ({"is_all": True, "reasons": "x"}, "reasons"),
        ({"is_all": True, "is_cargo_refund": "x"}, "is_cargo_refund"),
    ],
)
def test_what_cannot_be_cancelled_is_400_and_changes_nothing(
    api: Api, order: Json, body: Json, field: str | None
) -> None:
    if field is None:
        api.post(f"orders/{order['pk']}/cancel/", body, status=200)
        return
    assert api.post(f"orders/{order['pk']}/cancel/", body, status=400)[field]
    assert api.order(order["pk"]) == order


def test_a_reason_that_is_not_there_is_400(api: Api, order: Json) -> None:
    item = _items(order)[0]
    body = {"cancel_items": [item], "reasons": {str(item): 777}}

    assert api.post(f"orders/{order['pk']}/cancel/", body, status=400)["reasons"]


# How a plan ends


def test_a_plan_is_completed_when_its_items_are_cancelled_and_approved(api: Api, order: Json) -> None:
    items = _items(order)
    api.post(f"orders/{order['pk']}/cancel/", {"is_all": True}, status=200)
    api.patch(BULK, {"orderitem_set": [{"id": each, "status": "100"} for each in items]})

    assert _plan(api, order)["status"] == "waiting"
    for each in items:
        api.patch(f"order_items/{each}/", {"cancel_status": "approved"})

    assert _plan(api, order)["status"] == "completed"
    assert api.get(f"orders/{order['pk']}/")["status"] == "100"


def test_a_plan_is_rejected_when_its_items_are(api: Api, order: Json) -> None:
    api.post(f"orders/{order['pk']}/cancel/", {"is_all": True}, status=200)

    for each in _items(order):
        assert _plan(api, order)["status"] == "waiting"
        body = {"cancel_status": "rejected", "status": "500", "extra_field": {"oms_cancellation": "too late"}}
        api.patch(f"order_items/{each}/", body)

    assert _plan(api, order)["status"] == "rejected"
    assert api.get(f"orders/{order['pk']}/")["status"] == "500"
    api.post(f"orders/{order['pk']}/cancel/", {"is_all": True}, status=200)
    assert _plan(api, order)["plan_type"] == "refund"


def test_a_plan_that_is_partly_rejected_is_completed(api: Api, order: Json) -> None:
    first, *others = _items(order)
    api.post(f"orders/{order['pk']}/cancel/", {"is_all": True}, status=200)

    api.patch(f"order_items/{first}/", {"cancel_status": "rejected", "status": "500"})
    for each in others:
        api.patch(f"order_items/{each}/", {"cancel_status": "approved", "status": "100"})

    assert _plan(api, order)["status"] == "completed"


# Plans read


def test_plans_are_found_by_status_and_order(api: Api, order: Json) -> None:
    api.post(f"orders/{order['pk']}/cancel/", {"is_all": True}, status=200)
    plan = _plan(api, order)

    waiting = api.rows("channel/1/cancellation_plans/", cancellation_plan_status="waiting")
    assert plan in waiting
    assert {row["status"] for row in waiting} == {"waiting"}
    assert api.rows("channel/1/cancellation_plans/", order_number=order["number"]) == [plan]
    assert api.get(f"channel/1/cancellation_plans/{plan['pk']}/") == plan
    assert api.get(f"channel/2/cancellation_plans/{plan['pk']}/", expect=404)
    assert set(plan) >= {"pk", "order", "plan_type", "status", "cancellation_items"}


def test_plans_a_channel_has_not_seen(api: Api, order: Json) -> None:
    api.post(f"orders/{order['pk']}/cancel/", {"is_all": True}, status=200)
    path, plan = "channel/1/cancellation_plans/inserts_or_updates/", _plan(api, order)

    assert plan in api.rows(path)
    action = {
        "content_type": "cancellationplan",
        "object_id": plan["pk"],
        "version_date": plan["modified_date"],
    }
    api.post("channel/1/integration_actions/", action)
    assert plan not in api.rows(path)
    for each in _items(order):
        api.patch(f"order_items/{each}/", {"cancel_status": "rejected", "status": "400"})
    assert plan["pk"] in [row["pk"] for row in api.rows(path)]


# Requests


def test_a_cancellation_request_goes_by_id_and_waits_for_approval(api: Api, order: Json) -> None:
    body = {"order_item": _items(order)[0], "reason": "10", "remote_id": "CR-1", "description": "please"}

    request = api.post("channel/1/cancellation_requests/", body)

    assert "pk" not in request
    assert (request["status"], request["cancellation_type"]) == ("waiting_approval", "cancel")
    path = f"channel/1/cancellation_requests/{request['id']}/"
    assert api.get(path) == request
    assert api.patch(path, {"status": "approved"})["status"] == "approved"
    assert api.patch(path, {"status": "perhaps"}, status=406)["error_code"]
    assert api.rows("channel/1/cancellation_requests/", status="approved", order_item=body["order_item"])
    assert api.get("channel/2/cancellation_requests/")["count"] == 0


@pytest.mark.parametrize(
    "body", [{}, {"order_item": 1, "reason": 10}, {"reason": 10, "cancellation_type": "x"}]
)
def test_a_request_that_cannot_be_is_400(api: Api, order: Json, body: Json) -> None:
    assert "code" in api.post("channel/1/cancellation_requests/", body, status=400)


def test_a_request_of_another_channels_item_is_400(api: Api, order: Json) -> None:
    body = {"order_item": _items(order)[0], "reason": 10}

    assert api.post("channel/2/cancellation_requests/", body, status=400)["order_item"]


def test_the_reasons(api: Api) -> None:
    reasons = api.rows("channel/1/cancellation_reasons/")

    assert set(reasons[0]) >= {
        "pk", "cancellation_type", "subject", "is_active", "send_to_oms", "send_to_remote", "order", "translations",
        "uuid", "extra_information_needed",
    }  # fmt: skip
    assert 10 in [row["pk"] for row in reasons]
    assert reasons == api.rows("cancellation_reasons/")
    assert {row["send_to_oms"] for row in reasons} == {True, False}
