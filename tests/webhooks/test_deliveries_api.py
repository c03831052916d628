"""The delivery log over HTTP: lists, retry, skip, replay."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType

from packhouse.kernel import clock
from packhouse.kernel.models import Event, ExceptionEntry, Payload, Role
from packhouse.webhooks import hooks, letters, sweeping
from packhouse.webhooks.models import Delivery, Gap
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
from tests.webhooks.calls import Caller

pytestmark = pytest.mark.usefixtures("_sending")


@pytest.fixture
def caller() -> Caller:
    return Caller(an_actor())


def make_dead(delivery: Delivery) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(state="dead", next_attempt_date=None, retry_count=18)
    Gap.objects.get_or_create(subscriber_id=delivery.subscriber_id, subject=delivery.subject)


def test_what_waits_is_in_the_queue_and_what_was_tried_in_the_log(caller: Caller, receiver: Receiver) -> None:
    hook = a_hook(receiver.url, owner=caller.actor)
    [event] = tell(document={"id": 501, "city": "İzmir"})

    [row] = caller.get("event_queues/").json()["results"]
    assert caller.get("hook_events/").json()["results"] == []
    delivery = the_delivery()
    assert row == {
        "id": delivery.pk,
        "created_date": row["created_date"],
        "modified_date": row["modified_date"],
        "uuid": delivery.uuid.hex,
        "hook_id": hook.pk,
        "event_type": "package.created",
        "app_label": "packages",
        "model_name": "package",
        "object_id": "501",
        "instance_dict": {"id": 501, "city": "İzmir"},
    }
    assert caller.get(f"event_queues/{row['id']}/").json() == row

    pump()

    assert caller.get("event_queues/").json()["results"] == []
    assert caller.get(f"event_queues/{row['id']}/").status_code == 404
    [logged] = caller.get("hook_events/").json()["results"]
    assert logged == {
        "id": delivery.pk,
        "created_date": logged["created_date"],
        "modified_date": logged["modified_date"],
        "uuid": delivery.uuid.hex,
        "webhook": caller.get(f"hooks/{hook.pk}/").json(),
        "request_payload": body_of(receiver.requests[0]),
        "response_content": '{"received": true}',
        "response_http_status": 200,
        "response_time": logged["response_time"],
        "delivered": True,
        "request_datetimes": logged["request_datetimes"],
        "retry_count": 1,
        "content_type": ContentType.objects.get_by_natural_key("packages", "package").pk,
        "object_id": "501",
        "state": "delivered",
        "event_id": event.uuid.hex,
        "subject": "package/501",
        "sequence": 1,
        "next_attempt_date": None,
        "error_kind": None,
    }
    assert logged["response_time"].startswith("00:00:0")
    assert len(logged["response_time"]) == len("00:00:00.123456")
    assert len(logged["request_datetimes"]) == 1
    assert caller.get(f"hook_events/{delivery.pk}/").json() == logged


def test_secrets_of_the_hook_are_masked_in_the_log(caller: Caller, receiver: Receiver) -> None:
    a_hook(receiver.url, owner=caller.actor, secret_key="topsecret", additional_headers={"X-Token": "t0k"})
    tell()
    pump()

    text = caller.get("hook_events/").content.decode()

    assert "topsecret" not in text
    assert "t0k" not in text
    assert text.count("********") == 2


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"event_type": "Package.CREATED"}, 3),
        ({"delivered": "true"}, 2),
        ({"delivered": "false"}, 2),
        ({"state": "dead"}, 1),
        ({"state": "retrying"}, 1),
        ({"subject": "package/2"}, 1),
        ({"object_id": 2}, 1),
        ({"response_http_status": 400}, 2),
        ({"response_http_status": 400, "state": "dead"}, 1),
        ({"created_date__gte": "2020-01-01"}, 4),
        ({"created_date__lt": "2020-01-01"}, 0),
        ({"id__gt": 0}, 4),
    ],
)
def test_filters(query: dict[str, Any], count: int, caller: Caller, receiver: Receiver) -> None:
    a_hook(receiver.url, owner=caller.actor)
    a_hook(receiver.url, "order.planned", owner=caller.actor)
    tell(package=1)
    tell("order.planned", package=4)
    pump()
    receiver.fail(error_rate={"400": 1})
    tell(package=2)
    tell(package=3)
    pump()
    make_dead(the_delivery(subject="package/3"))

    assert caller.get("hook_events/", **query).json()["count"] == count


def test_filters_by_ids(caller: Caller, receiver: Receiver) -> None:
    hook = a_hook(receiver.url, owner=caller.actor)
    a_hook(receiver.url + "/2", owner=caller.actor)
    [event] = tell()
    pump()
    delivery = the_delivery(hook=hook)

    def count(**query: Any) -> int:
        return int(caller.get("hook_events/", **query).json()["count"])

    assert count(webhook=hook.pk) == 1
    assert count(uuid=delivery.uuid.hex) == count(uuid=str(delivery.uuid)) == 1
    assert count(event_id=event.uuid.hex) == 2
    assert count(content_type=delivery.content_type_id) == 2
    assert count(content_type=delivery.content_type_id + 1000) == 0


@pytest.mark.parametrize("query", [{"uuid": "x"}, {"state": "lost"}, {"delivered": "maybe"}, {"hook": 1}])
def test_unreadable_filters_are_refused(query: dict[str, str], caller: Caller) -> None:
    answer = caller.get("hook_events/", **query)

    assert answer.status_code == 400
    assert set(answer.json()) == {*query, "code"}


def test_any_field_sorts(caller: Caller, receiver: Receiver) -> None:
    a_hook(receiver.url, owner=caller.actor)
    tell(times=2)
    queued = caller.get("event_queues/").json()["results"][0]
    for field in set(queued) - {"instance_dict"}:
        assert caller.get("event_queues/", sort=field).status_code == 200, field
    pump()

    logged = caller.get("hook_events/", sort="sequence").json()["results"]
    assert [row["sequence"] for row in logged] == [1, 2]
    for field in set(logged[0]) - {"request_payload"}:
        assert caller.get("hook_events/", sort=f"-{field}").status_code == 200, field


def test_others_rows_are_not_there(caller: Caller, receiver: Receiver) -> None:
    a_hook(receiver.url, owner=an_actor())
    tell()
    queued = the_delivery().pk
    assert caller.get("event_queues/").json()["count"] == 0
    assert caller.get(f"event_queues/{queued}/").status_code == 404
    pump()

    assert caller.get("hook_events/").json()["count"] == 0
    for answer in (
        caller.get(f"hook_events/{queued}/"),
        caller.post(f"hook_events/{queued}/retry/"),
        caller.post(f"hook_events/{queued}/skip/"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "event_100_1")
    replay = caller.post("hook_events/replay/", {"ids": [queued], "delivered": True})
    assert replay.json() == {"replayed": 0}
    assert Caller(an_actor(Role.ADMIN)).get("hook_events/").json()["count"] == 1


def test_a_narrowed_key_sees_what_it_might_have_subscribed_to(caller: Caller, receiver: Receiver) -> None:
    a_hook(receiver.url, owner=caller.actor)
    for package, channel in ((1, 4), (2, 5)):
        tell(package=package, channel_id=channel)
    narrowed = Caller(caller.actor, channel_ids=[4])

    assert [row["object_id"] for row in narrowed.get("event_queues/").json()["results"]] == ["1"]
    pump()
    assert [row["object_id"] for row in narrowed.get("hook_events/").json()["results"]] == ["1"]
    hidden = the_delivery(object_id=2).pk
    assert narrowed.get(f"hook_events/{hidden}/").status_code == 404
    replay = narrowed.post("hook_events/replay/", {"ids": [hidden], "delivered": True})
    assert replay.json() == {"replayed": 0}


# Retry


def failing(receiver: Receiver, caller: Caller) -> Delivery:
    a_hook(receiver.url, owner=caller.actor)
    tell()
    receiver.fail(error_rate={"500": 1})
    pump()
    return the_delivery()


def test_a_retry_that_delivers(caller: Caller, receiver: Receiver) -> None:
    delivery = failing(receiver, caller)
    receiver.fail()

    answer = caller.post(f"hook_events/{delivery.pk}/retry/", {"force": True})

    assert answer.status_code == 200
    body = answer.json()
    assert (body["detail"], body["response_status"], body["delivered"]) == (
        "Webhook event delivered successfully",
        200,
        True,
    )
    assert (body["response_content"], body["response_time"][:6]) == ('{"received": true}', "00:00:")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.retry_count, delivery.claimed_until) == ("delivered", 2, None)
    assert [request["headers"]["x-oms-attempt"] for request in receiver.requests] == ["1", "2"]
    assert receiver.requests[0]["body"] == receiver.requests[1]["body"]


def test_a_retry_that_fails_leaves_the_ladder_as_it_was(caller: Caller, receiver: Receiver) -> None:
    before = failing(receiver, caller)

    answer = caller.post(f"hook_events/{before.pk}/retry/", {"force": True})

    assert (answer.status_code, answer.json()["delivered"]) == (406, False)
    assert answer.json()["detail"] == "Webhook event delivery failed"
    assert answer.json()["response_status"] == 500
    after = the_delivery()
    assert (after.state, after.next_attempt_date, after.step) == ("retrying", before.next_attempt_date, 1)
    assert after.retry_count == 2


def test_a_dead_letter_is_retried_without_force(caller: Caller, receiver: Receiver) -> None:
    delivery = failing(receiver, caller)
    make_dead(delivery)
    assert caller.post(f"hook_events/{delivery.pk}/retry/").status_code == 406
    assert (the_delivery().state, the_delivery().retry_count) == ("dead", 19)
    receiver.fail()

    assert caller.post(f"hook_events/{delivery.pk}/retry/").status_code == 200

    assert (the_delivery().state, the_delivery().retry_count) == ("delivered", 20)
    assert not Gap.objects.exists()


@pytest.mark.parametrize("force", [True, False])
def test_delivered_already(force: bool, caller: Caller, receiver: Receiver) -> None:
    a_hook(receiver.url, owner=caller.actor)
    tell()
    pump()

    answer = caller.post(f"hook_events/{the_delivery().pk}/retry/", {"force": force})

    assert (answer.status_code, answer.json()) == (
        406,
        {"code": "event_100_3", "en": "Webhook event already delivered"},
    )
    assert len(receiver.requests) == 1


def test_still_in_its_own_retries(caller: Caller, receiver: Receiver) -> None:
    delivery = failing(receiver, caller)

    for count, status in ((1, 406), (10, 406), (11, 406)):
        Delivery.objects.update(retry_count=count)
        answer = caller.post(f"hook_events/{delivery.pk}/retry/")
        assert answer.status_code == status
        is_refused = answer.json().get("code") == "event_100_6"
        assert is_refused == (count < 11)


def test_an_attempt_under_way(caller: Caller, receiver: Receiver) -> None:
    delivery = failing(receiver, caller)
    Delivery.objects.update(claimed_until=clock.now() + timedelta(seconds=20))

    for path in ("retry", "skip"):
        answer = caller.post(f"hook_events/{delivery.pk}/{path}/", {"force": True} if path == "retry" else {})
        assert (answer.status_code, answer.json()["code"]) == (406, "event_100_6")
    assert len(receiver.requests) == 1


def test_a_retry_lets_those_behind_go_on(caller: Caller, receiver: Receiver) -> None:
    a_hook(receiver.url, owner=caller.actor)
    tell(times=3)
    receiver.fail(error_rate={"500": 1})
    pump()
    receiver.fail()

    caller.post(f"hook_events/{deliveries()[0].pk}/retry/", {"force": True})
    assert [row.state for row in deliveries()] == ["delivered", "waiting", "waiting"]
    pump()

    assert [message["sequence"] for message in receiver.messages] == [1, 2, 3]


def test_a_retry_closes_an_open_breaker(caller: Caller, receiver: Receiver) -> None:
    a_hook(receiver.url, owner=caller.actor)
    receiver.fail(error_rate={"503": 1})
    for package in range(1, 13):
        tell(package=package)
    pump()
    receiver.fail()

    tried = deliveries(retry_count__gt=0)[0]
    assert caller.post(f"hook_events/{tried.pk}/retry/", {"force": True}).status_code == 200

    assert caller.get("hooks/").json()["results"][0]["breaker"] == "closed"


def test_a_bad_force(caller: Caller, receiver: Receiver) -> None:
    delivery = failing(receiver, caller)

    assert caller.post(f"hook_events/{delivery.pk}/retry/", {"force": "x"}).status_code == 400
    assert caller.post(f"hook_events/{delivery.pk}/retry/", {"forced": True}).status_code == 400
    assert caller.post("hook_events/999999999/retry/").status_code == 404


def test_a_retry_with_an_idempotency_key_is_sent_once(caller: Caller, receiver: Receiver) -> None:
    delivery = failing(receiver, caller)
    receiver.fail()

    answers = [
        caller.post(f"hook_events/{delivery.pk}/retry/", {"force": True}, **{"Idempotency-Key": "k"})
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len(receiver.requests) == 2


# Skip


def test_skipping_frees_the_held_ones(caller: Caller, receiver: Receiver) -> None:
    a_hook(receiver.url, owner=caller.actor)
    tell(times=3)
    receiver.fail(error_rate={"500": 1})
    pump()
    receiver.fail()

    answer = caller.post(f"hook_events/{deliveries()[0].pk}/skip/")
    pump()

    assert (answer.status_code, answer.json()["state"], answer.json()["error_kind"]) == (
        200,
        "dead",
        "skipped",
    )
    assert [row.state for row in deliveries()] == ["dead", "delivered", "delivered"]
    assert not Gap.objects.exists()


def test_what_is_delivered_is_not_skipped(caller: Caller, receiver: Receiver) -> None:
    a_hook(receiver.url, owner=caller.actor)
    tell()
    pump()

    answer = caller.post(f"hook_events/{the_delivery().pk}/skip/")

    assert (answer.status_code, answer.json()["code"]) == (406, "event_100_3")
    assert the_delivery().state == "delivered"


# Replay


def all_dead(receiver: Receiver, caller: Caller, packages: int = 3, times: int = 2) -> list[Delivery]:
    a_hook(receiver.url, owner=caller.actor)
    for package in range(1, packages + 1):
        tell(times=times, package=package)
    pump()
    for row in deliveries():
        make_dead(row)
    receiver.reset()
    return deliveries()


Selection = Callable[[list[Delivery]], dict[str, Any]]
SELECTIONS: list[tuple[Selection, int]] = [
    (lambda rows: {"ids": [rows[0].pk, rows[1].pk]}, 2),
    (lambda _rows: {"state": "dead"}, 6),
    (lambda _rows: {"filter": {"subject": "package/2"}}, 2),
    (lambda rows: {"webhook": rows[0].hook_id, "object_id": 3}, 2),
    (lambda _rows: {"created_date__gte": "2020-01-01", "created_date__lt": "2100-01-01"}, 6),
    (lambda rows: {"filter": {"id__in": [rows[0].pk, rows[5].pk]}}, 2),
    (lambda _rows: {"subject": "package/77"}, 0),
]


@pytest.mark.parametrize(("selection", "count"), SELECTIONS)
def test_replaying_a_selection(selection: Selection, count: int, caller: Caller, receiver: Receiver) -> None:
    rows = all_dead(receiver, caller)

    answer = caller.post("hook_events/replay/", selection(rows))
    pump()

    assert (answer.status_code, answer.json()) == (202, {"replayed": count})
    assert receiver.report()["unique"] == count
    assert len(deliveries(state="delivered")) == count


def test_replayed_in_order_with_the_same_uuid_and_bytes(caller: Caller, receiver: Receiver) -> None:
    a_hook(receiver.url, owner=caller.actor)
    tell(times=12)
    pump()
    before = [request["body"] for request in receiver.requests]
    receiver.reset()

    answer = caller.post("hook_events/replay/", {"subject": "package/501", "delivered": True})
    pump()

    assert answer.json() == {"replayed": 12}
    assert [request["body"] for request in receiver.requests] == before
    assert {row.retry_count for row in deliveries()} == {2}


def test_delivered_ones_only_when_asked_for(caller: Caller, receiver: Receiver) -> None:
    a_hook(receiver.url, owner=caller.actor)
    tell()
    pump()

    assert caller.post("hook_events/replay/", {"subject": "package/501"}).json() == {"replayed": 0}


def test_what_was_blanked_for_a_customers_sake_is_not_sent_again(caller: Caller, receiver: Receiver) -> None:
    rows = all_dead(receiver, caller)
    event = Event.objects.get(pk=rows[0].event_id)
    own = Payload.objects.create(body="{}", is_blanked=True)
    Event.objects.filter(pk=event.pk).update(payload=own)

    replayed = caller.post("hook_events/replay/", {"state": "dead"})
    by_hand = caller.post(f"hook_events/{rows[0].pk}/retry/", {"force": True})
    pump()

    assert replayed.json() == {"replayed": 5}
    assert (by_hand.status_code, by_hand.json()) == (
        406,
        {"code": "undefined", "en": "Webhook event was anonymised"},
    )
    rows[0].refresh_from_db()
    assert (rows[0].state, receiver.report()["unique"]) == ("dead", 5)


def test_a_replayed_one_has_a_whole_ladder_again(caller: Caller, receiver: Receiver) -> None:
    all_dead(receiver, caller, packages=1, times=1)
    receiver.fail(error_rate={"400": 1})

    caller.post("hook_events/replay/", {"state": "dead"})
    pump()

    assert (the_delivery().state, the_delivery().step) == ("retrying", 1)


def test_nothing_goes_to_a_hook_that_is_switched_off(caller: Caller, receiver: Receiver) -> None:
    rows = all_dead(receiver, caller)
    hooks.unsubscribe(rows[0].hook_id)

    assert caller.post("hook_events/replay/", {"state": "dead"}).json() == {"replayed": 0}
    assert {row.state for row in deliveries()} == {"dead"}


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({}, "ids"),
        ({"delivered": True}, "ids"),
        ({"ids": []}, "ids"),
        ({"ids": ["x"]}, "ids"),
        ({"ids": [1], "state": "dead"}, "state"),
        ({"nonsense": 1}, "nonsense"),
        ({"state": "lost"}, "state"),
        ({"filter": {}}, "filter"),
        ({"filter": {"state": {"x": 1}}}, "state"),
        ({"delivered": "x", "ids": [1]}, "delivered"),
        ([1, 2], "non_field_errors"),
    ],
)
def test_a_selection_that_is_none(body: Any, key: str, caller: Caller, receiver: Receiver) -> None:
    all_dead(receiver, caller)

    answer = caller.post("hook_events/replay/", body)

    assert answer.status_code == 400
    assert key in answer.json()
    assert {row.state for row in deliveries()} == {"dead"}


def test_too_many_at_once(caller: Caller, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    all_dead(receiver, caller)
    monkeypatch.setattr(letters, "MOST_REPLAYED", 5)

    answer = caller.post("hook_events/replay/", {"state": "dead"})

    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_rows")
    assert {row.state for row in deliveries()} == {"dead"}


def test_the_exception_closes_when_no_dead_letter_is_left(caller: Caller, receiver: Receiver) -> None:
    a_hook(receiver.url, owner=caller.actor)
    tell()
    receiver.fail(error_rate={"500": 1})
    pump()
    caller.post(f"hook_events/{the_delivery().pk}/skip/")
    assert ExceptionEntry.objects.filter(kind="webhook_dead", resolved_date=None).count() == 1
    sweeping.tidy()
    assert ExceptionEntry.objects.filter(kind="webhook_dead", resolved_date=None).count() == 1
    receiver.fail()

    caller.post("hook_events/replay/", {"state": "dead"})
    pump()
    sweeping.tidy()

    assert ExceptionEntry.objects.filter(kind="webhook_dead", resolved_date=None).count() == 0


@pytest.mark.parametrize("rows", [1, 30])
def test_a_page_takes_the_same_number_of_statements(
    rows: int, caller: Caller, receiver: Receiver, django_assert_max_num_queries: Any
) -> None:
    a_hook(receiver.url, owner=caller.actor)
    for package in range(1, rows + 1):
        tell(package=package)
    pump()
    caller.get("hook_events/")

    with django_assert_max_num_queries(5):
        assert len(caller.get("hook_events/", limit=50).json()["results"]) == rows
