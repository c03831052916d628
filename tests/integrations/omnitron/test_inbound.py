"""Webhooks of the back office (pages 60 and 70, A4): who is believed, what is answered, what is kept."""

import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client

from packhouse.catalog.models import Channel
from packhouse.integrations.omnitron import hook_keys, inbox, order_reads, views
from packhouse.integrations.omnitron.models import InboxEvent, OrderRead
from packhouse.kernel import clock
from packhouse.kernel.accounts import issue_key
from packhouse.kernel.models import Role, Scope
from packhouse.orders.models import Order, OrderItem
from tests.builders import a_user
from tests.fingerprint import fingerprint
from tests.integrations.omnitron.office import Office
from tests.integrations.omnitron.working import work
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
ORDERS = "/api/v1/oms/orders-webhook/"
PLANS = "/api/v1/oms/cancellation_plan/"
STORES = "/api/v1/oms/stocklocations-webhook"
ANY = "/api/v1/oms/omnitron-webhook/"


@pytest.fixture
def key() -> str:
    return hook_keys.inbound_key()


def event(type_: str = "order.updated", payload: Any = None, **changes: Any) -> dict[str, Any]:
    body = {
        "event": {"type": type_, "uuid": uuid4().hex},
        "payload": payload or {"pk": 1883, "number": "1001"},
    }
    return {**body, **changes}


def send(path: str, body: Any, key: str | None, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    if hook_keys.Connection.objects.exclude(hook_secret="").exists() and "signature" not in headers:
        headers["signature"] = hook_keys.signature(hook_keys.secret(), content)
    signature = headers.pop("signature", "")
    sent = {"HTTP_X_WHISPERER_SIGNATURE": signature} if signature else {}
    if key is not None:
        sent["HTTP_AUTHORIZATION"] = f"Token {key}"
    return Client().post(path, content, content_type="application/json", **sent, **headers)


# What is taken in


def test_an_order_event_is_kept_with_its_job(key: str) -> None:
    body = event("order.created")

    answer = send(ORDERS, body, key)

    assert (answer.status_code, answer.json()["result"]) == (200, "accepted")
    row = InboxEvent.objects.get()
    assert (row.uuid.hex, row.event_type, row.object_id, row.order_pk, row.read) == (
        body["event"]["uuid"],
        "order.created",
        1883,
        1883,
        1,
    )
    assert OrderRead.objects.get().wanted == 1
    assert waiting_jobs("omnitron.read_order") == [{"order_pk": 1883}]


def test_the_same_event_again_is_a_duplicate(key: str) -> None:
    body = event()
    send(ORDERS, body, key)
    before = fingerprint()

    dashed = body["event"]["uuid"]
    dashed = "-".join([dashed[:8], dashed[8:12], dashed[12:16], dashed[16:20], dashed[20:]])
    again = send(ORDERS, {**body, "event": {**body["event"], "uuid": dashed}}, key)

    assert again.json() == {"uuid": dashed, "result": "duplicate"}
    assert fingerprint() == before


def test_data_is_taken_for_payload_and_id_for_pk(key: str) -> None:
    body = event()
    del body["payload"]

    send(ORDERS, {**body, "data": {"id": "1884"}}, key)

    assert OrderRead.objects.get().order_pk == 1884


def test_nothing_personal_is_kept_of_a_payload(key: str) -> None:
    send(ORDERS, event(payload={"pk": 1, "number": "7", "customer": {"email": "ada@example.com"}}), key)

    assert InboxEvent.objects.get().details == {"number": "7"}


def test_events_in_the_wrong_order_say_the_same(office: Office, channels: list[Channel], key: str) -> None:
    """What they carry is not read, so the older one may come last, or twice, or before its order's creation."""
    theirs = office.place_with(1)
    old = office.order(theirs["pk"])
    office.change(theirs["pk"], address={"line": "5 Other St"})
    for type_, payload in (("order.updated", office.order(theirs["pk"])), ("order.created", old)):
        send(ORDERS, event(type_, payload), key)
        work("omnitron")
    send(ORDERS, event("order.updated", {**old, "status": "100", "orderitem_set": []}), key)
    work("omnitron")

    ours = Order.objects.get()
    assert ours.shipping_address is not None
    assert (ours.shipping_address.line, ours.state) == ("5 Other St", "400")
    assert list(ours.items.values_list("state", flat=True)) == ["400"]
    assert not InboxEvent.objects.filter(processed_date=None).exists()


def test_a_cancelled_item_of_another_order_in_a_payload_is_not_believed(
    office: Office, channels: list[Channel], key: str
) -> None:
    order, other = (office.place_with(1) for _ in range(2))
    for each in (order, other):
        order_reads.read_and_copy(each["pk"])
    payload = {
        "pk": 5,
        "order": {"pk": order["pk"]},
        "plan_type": "cancel",
        "cancellation_items": [{"order_item": other["orderitem_set"][0]["pk"]}],
    }

    send(PLANS, event("cancellation_plan.created", payload), key)
    work()

    assert set(OrderItem.objects.values_list("state", flat=True)) == {"400"}


def test_events_are_kept_for_thirteen_weeks(key: str) -> None:
    body = event()
    send(ORDERS, body, key)

    with clock.frozen(clock.now() + timedelta(weeks=13) - timedelta(minutes=1)):
        assert inbox.clean() == 0
        assert send(ORDERS, body, key).json()["result"] == "duplicate"
    with clock.frozen(clock.now() + timedelta(weeks=13, minutes=1)):
        assert inbox.clean() == 1


def test_an_order_named_by_number_alone_is_looked_up(key: str) -> None:
    send(ORDERS, event(payload={"number": "100000000077"}), key)

    assert waiting_jobs("omnitron.find_order") == [{"number": "100000000077"}]


def test_a_plan_brings_what_it_names(key: str) -> None:
    payload = {
        "pk": 5,
        "order": {"pk": 1883, "number": "1001"},
        "plan_type": "refund",
        "cancellation_items": [{"order_item": 70012, "reason": 3}, {"order_item": "70013"}, "x"],
    }

    send(PLANS, event("cancellation_plan.created", payload), key)

    assert waiting_jobs("omnitron.handle_plan") == [
        {"order_pk": 1883, "plan_pk": 5, "plan_type": "refund", "items": [70012, 70013]}
    ]


@pytest.mark.parametrize("path", [STORES, f"{STORES}/"])
def test_a_store_with_and_without_slash(path: str, key: str) -> None:
    assert send(path, event("retail_store.updated", {"pk": 108}), key).json()["result"] == "accepted"
    assert waiting_jobs("omnitron.read_store") == [{"store_pk": 108}]


@pytest.mark.parametrize("type_", [*inbox.ORDERS, *inbox.PLANS, *inbox.STORES])
def test_one_address_takes_all_six(type_: str, key: str) -> None:
    answer = send(ANY, event(type_, {"pk": 5, "order": {"pk": 6}}), key)

    assert answer.json()["result"] == "accepted"


def test_other_types_are_ignored(key: str) -> None:
    before = fingerprint()

    others = [
        (ORDERS, "cancellation_plan.created"),
        (PLANS, "order.updated"),
        (ANY, "product.updated"),
        (STORES, "x"),
    ]
    for path, type_ in others:
        answer = send(path, event(type_), key)

        assert (answer.status_code, answer.json()["result"]) == (200, "ignored"), path

    assert fingerprint() == before


# Who is believed


@pytest.mark.parametrize("given", [None, "0" * 40])
def test_without_a_known_key_nobody_is(given: str | None, key: str) -> None:
    before = fingerprint()

    answer = send(ORDERS, event(), given)

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Token"
    assert fingerprint() == before


def test_a_key_without_the_scope_is_refused() -> None:
    user = a_user(role=Role.INTEGRATION, scopes=[Scope.ORDERS])

    answer = send(ORDERS, event(), issue_key(user, name="x"))

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert not InboxEvent.objects.exists()


def test_the_signature_covers_the_raw_body(key: str) -> None:
    secret = hook_keys.secret()
    body = json.dumps(event()).encode()
    by_hand = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()

    assert send(ORDERS, body, key, signature=f"sha256={by_hand}").status_code == 200
    assert send(ORDERS, body, key, signature=by_hand.upper()).json()["result"] == "duplicate"
    assert send(ORDERS, body + b" ", key, signature=f"sha256={by_hand}").status_code == 401


def test_a_wrong_signature_stores_nothing(key: str) -> None:
    hook_keys.secret()
    before = fingerprint()

    for wrong in ["", "sha256=", "sha256=00", "ümlaut", "sha256=" + "0" * 64]:
        answer = send(ORDERS, event(), key, signature=wrong)

        assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature"), wrong

    assert fingerprint() == before


def test_the_secret_before_is_still_believed_and_the_one_before_that_is_not(key: str) -> None:
    secrets = [hook_keys.secret(), hook_keys.rotate(), hook_keys.rotate()]

    answers = []
    for secret in secrets:
        body = json.dumps(event()).encode()
        answers.append(send(ORDERS, body, key, signature=hook_keys.signature(secret, body)).status_code)

    assert answers == [401, 200, 200]


def test_the_test_vector_of_the_specification() -> None:
    body = (
        b'{"event": {"type": "package.created", "uuid": "00112233445566778899aabbccddeeff"}, '
        b'"payload": {"id": 501, "city": "\\u0130zmir"}}'
    )

    assert hook_keys.signature("topsecret", body) == (
        "sha256=27f80727c7fc5b7aa5e26cebf74fe61f2034eb912a43df5ba3e9c2500540cba6"
    )


# What is refused


NO_EVENTS: list[tuple[Any, str]] = [
    (b"", "event"),
    (b"{", "event"),
    (b"\xff", "event"),
    (b"[" * 100_000, "event"),
    (b"[]", "event"),
    (b"5", "event"),
    ({"payload": {"pk": 1}}, "event"),
    ({"event": "x", "payload": {"pk": 1}}, "event"),
    (event(payload=[1]), "payload"),
    ({"event": {"type": "order.updated", "uuid": uuid4().hex}}, "payload"),
    (event(event={"uuid": uuid4().hex}), "event.type"),
    (event(event={"type": 5, "uuid": uuid4().hex}), "event.type"),
    (event("order.updated\x00"), "event.type"),
    (event("x" * 125), "event.type"),
    (event(event={"type": "order.updated"}), "event.uuid"),
    (event(event={"type": "order.updated", "uuid": "no"}), "event.uuid"),
    (event(event={"type": "order.updated", "uuid": 5}), "event.uuid"),
    (event(payload={"customer": 5}), "payload.pk"),
    (event(payload={"pk": -1}), "payload.pk"),
    (event(payload={"pk": 10**30}), "payload.pk"),
    (event(payload={"pk": True}), "payload.pk"),
    (event(payload={"pk": "x"}), "payload.pk"),
]


def test_what_is_no_event_is_400_naming_the_field(key: str) -> None:
    before = fingerprint()

    for body, field in NO_EVENTS:
        answer = send(ORDERS, body, key)

        assert answer.status_code == 400, body
        assert list(answer.json()) == [field, "code"], body

    assert fingerprint() == before


def test_a_plan_needs_its_order_and_a_store_its_id(key: str) -> None:
    assert list(send(PLANS, event(inbox.PLANS[0], {"pk": 5}), key).json()) == ["payload.order.pk", "code"]
    assert list(send(STORES, event(inbox.STORES[0], {"name": "x"}), key).json()) == ["payload.pk", "code"]


def test_an_oversize_body_is_413(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "LARGEST_BODY", 1024 * 1024)

    answer = send(ORDERS, b"x" * (1024 * 1024 + 1), key)

    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")


@pytest.mark.parametrize("path", [ORDERS, STORES, ANY])
def test_only_posts(path: str) -> None:
    answer = Client().get(path)

    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_an_inbox_that_cannot_be_written_is_503_so_that_the_sender_comes_back(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OperationalError("disk full")

    monkeypatch.setattr(inbox, "take_in", broken)

    answer = send(ORDERS, event(), key)

    assert (answer.status_code, answer["Retry-After"]) == (503, "30")


# Speed


def test_nothing_waits_for_the_back_office_and_it_takes_few_statements(
    key: str, django_assert_max_num_queries: Any
) -> None:
    hook_keys.secret()
    send(ORDERS, event(), key)

    with django_assert_max_num_queries(12):
        send(ORDERS, event(payload={"pk": 5}), key)
    times = []
    for n in range(100):
        body = event(payload={"pk": n + 1})
        started = time.process_time()  # its own work, not what else the machine does
        send(ORDERS, body, key)
        times.append(time.process_time() - started)

    assert sorted(times)[98] < 0.1
