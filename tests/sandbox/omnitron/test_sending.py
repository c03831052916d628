"""Webhooks on the wire: what is sent, how it is signed, when it is sent again, how it is lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.omnitron.app import create
from sandbox.omnitron.box import Settings
from sandbox.omnitron.hooks.recorder import envelope
from sandbox.omnitron.hooks.sender import signature
from sandbox.omnitron.seeding.plan import SeedPlan
from sandbox.serve import Running
from tests.sandbox.omnitron.conftest import DAY, Api, Json
from tests.sandbox.omnitron.receiver import Received, Receiver, wait_until

SECRET = "topsecret"
SOON = {"choice": "fixed", "kwargs": {"seconds": 6}}


@pytest.fixture(scope="module")
def speedy() -> Iterator[Api]:
    """A sandbox whose minutes are seconds."""
    with Running(create(SeedPlan(day=DAY), settings=Settings(time_scale=60)).app) as running:
        yield Api(running.url)


@pytest.fixture
def receiver() -> Iterator[tuple[Receiver, str]]:
    receiver = Receiver()
    with Running(receiver.app) as running:
        yield receiver, running.url


def _subscribe(api: Api, url: str, *events: str, **more: Any) -> list[int]:
    body = {"target_url": f"{url}/hook/", "secret_key": SECRET, "retry_countdown_config": SOON, **more}
    return [api.post("whisperer/hooks/", {**body, "event_type": event})["id"] for event in events]


def _touch(api: Api, pk: int = 1002) -> Json:
    return api.patch(f"orders/{pk}/", {"is_send": True})


def test_the_signature_is_that_of_the_published_example() -> None:
    payload = '{"id": 501, "city": "\\u0130zmir"}'

    body = envelope("package.created", "00112233445566778899aabbccddeeff", payload)

    assert signature(SECRET, body.encode()) == (
        "sha256=27f80727c7fc5b7aa5e26cebf74fe61f2034eb912a43df5ba3e9c2500540cba6"
    )


def test_an_event_is_sent_signed_and_escaped(speedy: Api, receiver: tuple[Receiver, str]) -> None:
    headers = {"Authorization": "Token key-of-the-oms", "X-Own": "1"}
    auth = {"auth": {"auth_type": "basic", "username": "u", "password": "p"}}
    (hook,) = _subscribe(speedy, receiver[1], "order.updated", additional_headers={"X-Own": "1"}, config=auth)

    speedy.patch("orders/1002/", {"is_send": True})
    (sent,) = receiver[0].wait_for(1)

    expected = "sha256=" + hmac.new(SECRET.encode(), sent.body, hashlib.sha256).hexdigest()
    assert sent.headers["x-whisperer-signature"] == expected
    assert sent.headers["x-whisperer-event"] == "order.updated"
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["x-own"] == "1"
    assert sent.headers["authorization"] == "Basic " + base64.b64encode(b"u:p").decode()
    assert sent.body.isascii()
    assert sent.body.startswith(b'{"event": {"type": "order.updated", "uuid": "')
    assert len(sent.uuid) == 32
    assert "-" not in sent.uuid
    speedy.patch(f"whisperer/hooks/{hook}/", {"additional_headers": headers, "config": {}})
    _touch(speedy)
    assert receiver[0].wait_for(2)[1].headers["authorization"] == "Token key-of-the-oms"


def test_the_payload_is_the_row_with_its_items(speedy: Api, receiver: tuple[Receiver, str]) -> None:
    _subscribe(speedy, receiver[1], "order.created", "order.updated")

    order = speedy.place()
    created = receiver[0].wait_for(1)[0].json
    item = order["orderitem_set"][0]["pk"]
    speedy.patch("order_items/bulk_status_update/", {"orderitem_set": [{"id": item, "status": "450"}]})
    updated = receiver[0].wait_for(2)[1].json

    assert created["event"]["type"] == "order.created"
    assert created["payload"] == order
    assert updated["event"]["type"] == "order.updated"
    assert updated["payload"] == speedy.order(order["pk"])


def test_several_items_of_an_order_make_one_event(speedy: Api, receiver: tuple[Receiver, str]) -> None:
    orders = [speedy.place() for _ in range(3)]
    items = [each["pk"] for order in orders for each in order["orderitem_set"]]
    _subscribe(speedy, receiver[1], "order.updated")

    body = {"orderitem_set": [{"id": each, "status": "450"} for each in items]}
    speedy.patch("order_items/bulk_status_update/", body)

    receiver[0].wait_for(3)
    time.sleep(0.2)
    assert sorted(each.json["payload"]["pk"] for each in receiver[0].received) == [
        each["pk"] for each in orders
    ]


def test_a_refused_call_tells_nobody(speedy: Api, receiver: tuple[Receiver, str]) -> None:
    item = speedy.place()["orderitem_set"][0]["pk"]
    _subscribe(speedy, receiver[1], "order.updated")

    body = {"orderitem_set": [{"id": item, "status": "450"}, {"id": 1}]}
    speedy.patch("order_items/bulk_status_update/", body, status=400)
    _touch(speedy)

    receiver[0].wait_for(1)
    assert [each.json["payload"]["pk"] for each in receiver[0].received] == [1002]


def test_plans_and_stores_are_told_of(speedy: Api, receiver: tuple[Receiver, str]) -> None:
    events = (
        "cancellation_plan.created",
        "cancellation_plan.updated",
        "retail_store.created",
        "retail_store.updated",
    )
    _subscribe(speedy, receiver[1], *events)
    order = speedy.place(channel=1)

    speedy.post(f"orders/{order['pk']}/cancel/", {"is_all": True}, status=200)
    for each in order["orderitem_set"]:
        speedy.patch(f"order_items/{each['pk']}/", {"status": "100", "cancel_status": "approved"})
    store = speedy.post("retail_stores/", {"name": "New"})
    speedy.patch(f"retail_stores/{store['pk']}/", {"name": "Newer"})

    sent = {each.json["event"]["type"]: each.json["payload"] for each in receiver[0].wait_for(4)}
    assert set(sent) == set(events)
    plan = sent["cancellation_plan.created"]
    assert (plan["plan_type"], plan["status"], plan["order"]["pk"]) == ("cancel", "waiting", order["pk"])
    assert sent["cancellation_plan.updated"]["status"] == "completed"
    assert (sent["retail_store.created"]["name"], sent["retail_store.updated"]["name"]) == ("New", "Newer")


def test_a_failure_is_tried_again_with_the_same_bytes(speedy: Api, receiver: tuple[Receiver, str]) -> None:
    receiver[0].statuses = [500, 404, 301]
    _subscribe(speedy, receiver[1], "order.updated")

    _touch(speedy)
    sent = receiver[0].wait_for(4)
    _touch(speedy)
    receiver[0].wait_for(5)

    assert {each.body for each in sent} == {sent[0].body}
    assert receiver[0].received[4].uuid != sent[0].uuid
    wait_until(lambda: _event(speedy, sent[0])["delivered"])
    event = _event(speedy, sent[0])
    assert (event["retry_count"], event["response_http_status"], event["response_content"]) == (
        4,
        200,
        "taken",
    )
    assert event["request_datetimes"] == sorted(event["request_datetimes"], reverse=True)
    assert len(event["request_datetimes"]) == 4
    assert event["response_time"].startswith("00:00:0")
    assert event["request_payload"] == sent[0].json


def _event(api: Api, sent: Received) -> Json:
    (event,) = api.rows("whisperer/hook_events/", uuid=sent.uuid)
    return event


def test_a_receiver_that_is_not_there_counts_as_500(speedy: Api) -> None:
    (hook,) = _subscribe(speedy, "http://127.0.0.1:9", "order.updated")

    _touch(speedy)
    wait_until(lambda: speedy.get("whisperer/hook_events/", webhook=hook)["count"] == 1)

    (event,) = speedy.rows("whisperer/hook_events/", webhook=hook)
    assert (event["response_http_status"], event["delivered"]) == (500, False)
    assert "Connect" in event["response_content"]
    assert event["webhook"]["id"] == hook
    speedy.call("DELETE", f"whisperer/hooks/{hook}/", 204)


def test_a_delivery_is_retried_by_hand(speedy: Api, receiver: tuple[Receiver, str]) -> None:
    receiver[0].statuses = [500, 503]
    slow = {"choice": "fixed", "kwargs": {"seconds": 100_000}}
    _subscribe(speedy, receiver[1], "order.updated", retry_countdown_config=slow)
    _touch(speedy)
    (sent,) = receiver[0].wait_for(1)
    wait_until(lambda: speedy.get("whisperer/hook_events/", uuid=sent.uuid)["count"] == 1)
    path = f"whisperer/hook_events/{_event(speedy, sent)['id']}/retry/"

    assert speedy.post(path, {}, status=406)["code"] == "event_100_6"
    failed = speedy.post(path, {"force": True}, status=406)
    delivered = speedy.post(path, {"force": True}, status=200)

    assert (failed["detail"], failed["response_status"]) == ("Webhook event delivery failed", 503)
    assert (delivered["detail"], delivered["delivered"]) == ("Webhook event delivered successfully", True)
    assert {each.body for each in receiver[0].received} == {sent.body}
    assert speedy.post(path, {"force": True}, status=406)["code"] == "event_100_3"


def test_an_inactive_hook_is_sent_nothing(speedy: Api, receiver: tuple[Receiver, str]) -> None:
    (hook,) = _subscribe(speedy, receiver[1], "order.updated")
    speedy.patch(f"whisperer/hooks/{hook}/", {"is_active": False})
    _touch(speedy)

    speedy.patch(f"whisperer/hooks/{hook}/", {"is_active": True})
    _touch(speedy, 1003)

    assert receiver[0].wait_for(1)[0].json["payload"]["pk"] == 1003


def test_a_receiver_that_hangs_holds_nobody_up(speedy: Api, receiver: tuple[Receiver, str]) -> None:
    hanging = Receiver(pause_s=30)
    with Running(hanging.app) as running:
        _subscribe(speedy, running.url, "order.updated")
        _subscribe(speedy, receiver[1], "order.updated")

        started = time.monotonic()
        for _ in range(40):
            _touch(speedy)
        receiver[0].wait_for(40, seconds=5)

        assert time.monotonic() - started < 5
        assert 0 < len(hanging.received) <= 16


# Faults


@pytest.fixture
def calm(speedy: Api) -> Iterator[None]:
    yield
    speedy.control("DELETE", "faults/")


@pytest.mark.usefixtures("calm")
def test_dropped_events_never_arrive(speedy: Api, receiver: tuple[Receiver, str]) -> None:
    _subscribe(speedy, receiver[1], "order.updated")
    speedy.control("PUT", "faults/", {"preset": "silent-webhooks"})
    lost = _touch(speedy)
    speedy.control("PUT", "faults/", {"preset": "calm"})
    _touch(speedy, 1003)

    assert receiver[0].wait_for(1)[0].json["payload"]["pk"] == 1003
    dropped = speedy.control("GET", "deliveries/?state=dropped")
    assert dropped[-1]["object_id"] == str(lost["pk"])
    assert dropped[-1]["uuid"] not in [row["uuid"] for row in speedy.rows("whisperer/event_queues/")]


@pytest.mark.usefixtures("calm")
def test_duplicates_carry_the_same_uuid(speedy: Api, receiver: tuple[Receiver, str]) -> None:
    _subscribe(speedy, receiver[1], "order.updated")
    speedy.control("PUT", "faults/", {"webhook": {"duplicate": 1}})

    _touch(speedy)
    first, second = receiver[0].wait_for(2)

    assert first.body == second.body
    assert first.headers["x-whisperer-signature"] == second.headers["x-whisperer-signature"]


@pytest.mark.usefixtures("calm")
def test_shuffled_events_overtake_one_another(speedy: Api, receiver: tuple[Receiver, str]) -> None:
    _subscribe(speedy, receiver[1], "order.updated")
    speedy.control("PUT", "faults/", {"webhook": {"shuffle_s": 30, "delay_s": [1, 5]}, "rng": 1})

    dates = [_touch(speedy)["modified_date"] for _ in range(12)]
    arrived = [each.json["payload"]["modified_date"] for each in receiver[0].wait_for(12)]

    assert arrived != dates
    assert sorted(arrived) == dates


@pytest.mark.usefixtures("calm")
def test_the_same_rng_loses_the_same_events(speedy: Api, receiver: tuple[Receiver, str]) -> None:
    _subscribe(speedy, receiver[1], "order.updated")

    def lost() -> list[bool]:
        speedy.control("DELETE", "faults/")
        _touch(speedy)
        speedy.control("PUT", "faults/", {"webhook": {"drop": 0.5}, "rng": 7})
        before = len(speedy.control("GET", "deliveries/"))
        for _ in range(20):
            _touch(speedy)
        return [row["state"] == "dropped" for row in speedy.control("GET", "deliveries/")[before:]]

    first = lost()
    assert first == lost()
    assert {True, False} == set(first)


@pytest.fixture(autouse=True)
def _unsubscribed(speedy: Api) -> Iterator[None]:
    yield
    for hook in speedy.rows("whisperer/hooks/", is_active=True):
        speedy.call("DELETE", f"whisperer/hooks/{hook['id']}/", 204)
