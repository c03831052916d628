"""Deliveries to a real receiver."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest

from packhouse.kernel import clock
from packhouse.kernel.models import Event, Payload
from packhouse.webhooks import hooks
from sandbox.signatures import is_signed
from tests.webhooks.builders import (
    Receiver,
    a_hook,
    an_actor,
    body_of,
    deliveries,
    pump,
    tell,
    the_delivery,
)

pytestmark = pytest.mark.usefixtures("_sending")


def test_a_delivery(receiver: Receiver) -> None:
    hook = a_hook(receiver.url + "/hooks?x=1", secret_key="topsecret")
    [event] = tell(document={"id": 501, "city": "İzmir", "notes": None})

    assert pump() == 1

    [request] = receiver.requests
    delivery = the_delivery()
    assert (request["path"], request["query"]) == ("/hooks", "x=1")
    assert request["body"] == (
        f'{{"event": {{"type": "package.created", "uuid": "{delivery.uuid.hex}", "id": "{event.uuid.hex}", '
        f'"subject": "package/501", "sequence": 1, "created_date": "{event.created_date:%Y-%m-%dT%H:%M:%S.%fZ}"}}, '
        '"payload": {"id": 501, "city": "\\u0130zmir", "notes": null}}'
    )
    assert is_signed(request["headers"], request["body"].encode(), ["topsecret"], clock.now().timestamp())
    assert not is_signed(request["headers"], request["body"].encode(), ["other"], clock.now().timestamp())
    assert request["headers"]["x-whisperer-event"] == "package.created"
    hook.refresh_from_db()
    assert hook.last_delivered_date is not None


def test_what_is_kept_of_it(receiver: Receiver) -> None:
    a_hook(receiver.url, secret_key="s", additional_headers={"X-Api-Key": "k", "X-Shop": "7"})
    before = clock.now()
    tell()

    pump()

    delivery = the_delivery()
    assert (delivery.state, delivery.retry_count, delivery.step) == ("delivered", 1, 1)
    assert (delivery.response_http_status, delivery.response_content) == (200, '{"received": true}')
    assert delivery.response_time is not None
    assert timedelta(0) < delivery.response_time < timedelta(seconds=5)
    assert before <= delivery.request_datetimes[0] <= clock.now()
    assert (delivery.error_kind, delivery.next_attempt_date, delivery.claimed_until) == (None, None, None)
    assert delivery.request_headers["X-Api-Key"] == "********"
    assert delivery.request_headers["X-Shop"] == "7"
    assert delivery.response_headers["content-type"] == "application/json"


def test_the_published_envelope(receiver: Receiver) -> None:
    a_hook(receiver.url, config={"envelope": "published"})
    tell()

    pump()

    body = body_of(receiver.requests[0])
    assert set(body) == {"event", "payload"}
    assert set(body["event"]) == {"type", "uuid"}


def test_basic_auth(receiver: Receiver) -> None:
    a_hook(receiver.url, config={"auth": {"auth_type": "basic", "username": "ada", "password": "wörd"}})
    tell()

    pump()

    assert receiver.requests[0]["headers"]["authorization"] == "Basic YWRhOnfDtnJk"
    assert the_delivery().request_headers["Authorization"] == "********"


def test_a_payload_is_stored_once_and_frozen(receiver: Receiver) -> None:
    owner = an_actor()
    for type_ in ("package.created", "package.status.transitioned"):
        a_hook(receiver.url, type_, owner=owner)
        a_hook(receiver.url + "/b", type_, owner=owner)
    document = {"id": 501, "state": "before"}
    tell("package.created", "package.status.transitioned", document=document)
    document["state"] = "after"

    pump()

    assert Payload.objects.count() == 1
    assert len(receiver.requests) == 4
    assert {body_of(request)["payload"]["state"] for request in receiver.requests} == {"before"}


def test_ids_tell_repeats_and_events_apart(receiver: Receiver) -> None:
    a_hook(receiver.url + "/a")
    a_hook(receiver.url + "/b")
    [event] = tell()

    pump()

    events = [body_of(request)["event"] for request in receiver.requests]
    assert {told["id"] for told in events} == {event.uuid.hex}
    assert len({told["uuid"] for told in events}) == 2
    assert all(len(told["uuid"]) == 32 for told in events)
    headers = [request["headers"]["webhook-id"] for request in receiver.requests]
    assert headers == [told["uuid"] for told in events]


def test_an_attempt_again_has_the_same_uuid_and_bytes(receiver: Receiver) -> None:
    a_hook(receiver.url, secret_key="s")
    [event] = tell()
    start = clock.now()
    receiver.fail(error_rate={"500": 1})

    for minute in range(3):
        with clock.frozen(start + timedelta(minutes=minute)):
            assert pump() == 1
    # Nothing of what the message is made of is looked up again.
    Event.objects.update(created_date=event.created_date)
    receiver.fail()
    with clock.frozen(start + timedelta(minutes=3)):
        assert pump() == 1

    assert len({request["body"] for request in receiver.requests}) == 1
    assert [request["headers"]["x-oms-attempt"] for request in receiver.requests] == ["1", "2", "3", "4"]
    stamps = {request["headers"]["webhook-timestamp"] for request in receiver.requests}
    assert len(stamps) == 4
    delivery = the_delivery()
    assert (delivery.state, delivery.retry_count) == ("delivered", 4)
    assert delivery.request_datetimes == sorted(delivery.request_datetimes, reverse=True)


def test_a_changed_secret_signs_the_next_attempt(receiver: Receiver) -> None:
    actor = an_actor()
    hook = a_hook(receiver.url, secret_key="old", owner=actor)
    tell()
    start = clock.now()
    receiver.fail(error_rate={"500": 1})
    with clock.frozen(start):
        pump()
    receiver.fail()

    hooks.change(hook.pk, actor, {"secret_key": "new"})
    with clock.frozen(start + timedelta(minutes=1)):
        pump()

    request = receiver.requests[-1]
    at = (start + timedelta(minutes=1)).timestamp()
    body = request["body"].encode()
    # The published header has room for one signature; the standard one for both.
    assert is_signed(request["headers"], body, ["new"], at)
    assert not is_signed(request["headers"], body, ["old"], at)
    standard_only = {
        key: value for key, value in request["headers"].items() if key != "x-whisperer-signature"
    }
    assert is_signed(standard_only, body, ["old"], at)
    assert len(request["headers"]["webhook-signature"].split()) == 2


def test_a_secret_that_does_not_open_is_a_failure_of_its_own_hook_only(
    receiver: Receiver, settings: object
) -> None:
    broken = a_hook(receiver.url + "/a", secret_key="s")
    a_hook(receiver.url + "/b")
    type(broken).objects.filter(pk=broken.pk).update(secret_key="gAAAA-nonsense")
    tell()

    pump()

    states = {row.hook_id: (row.state, row.error_kind) for row in deliveries()}
    assert states[broken.pk] == ("retrying", "not_configured")
    assert [request["path"] for request in receiver.requests] == ["/b"]


def test_answers_of_every_kind_are_kept_as_text(receiver: Receiver) -> None:
    a_hook(receiver.url)
    tell()
    receiver.fail(answer="html", error_rate={"502": 1})

    pump()

    delivery = the_delivery()
    assert (delivery.state, delivery.response_http_status, delivery.error_kind) == ("retrying", 502, "status")
    assert "<html" in str(delivery.response_content)


def test_the_payload_is_the_stored_text_untouched(receiver: Receiver) -> None:
    a_hook(receiver.url)
    [event] = tell()
    text = '{"b":1,   "a": 1.10, "c": "\\u0130"}'
    Payload.objects.filter(pk=event.payload_id).update(body=text)

    pump()

    body = receiver.requests[0]["body"]
    assert body.endswith(f', "payload": {text}}}')
    assert json.loads(body)["payload"] == {"b": 1, "a": 1.1, "c": "İ"}


def test_a_receiver_that_signs_what_it_has_parsed_comes_to_the_same(receiver: Receiver) -> None:
    """The published library writes bodies with `json.dumps`, so receivers may do that too instead of keeping bytes."""
    a_hook(receiver.url, secret_key="topsecret")
    tell(
        document={"city": "İzmir", "price": "9.90", "share": 0.1, "none": None, "list": [], "quote": 'a"b\\'}
    )

    pump()

    [request] = receiver.requests
    again = json.dumps(json.loads(request["body"]))
    expected = hmac.new(b"topsecret", again.encode(), hashlib.sha256).hexdigest()
    assert request["headers"]["x-whisperer-signature"] == f"sha256={expected}"
