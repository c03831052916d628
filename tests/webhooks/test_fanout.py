"""From events to deliveries, in the transaction of the change."""

import hashlib
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from packhouse.kernel import outbox
from packhouse.kernel.models import Event
from packhouse.locations.models import StockLocation
from packhouse.webhooks import hooks, waking
from packhouse.webhooks.models import Delivery
from tests.webhooks.builders import a_hook, an_actor, deliveries, tell

URL = "https://example.com/hooks"


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'webhooks.pump'")
        return int(cursor.fetchone()[0])


@pytest.mark.usefixtures("_sending")
def test_one_delivery_for_every_hook_of_the_type() -> None:
    owner = an_actor()
    first = a_hook(URL, owner=owner)
    second = a_hook(URL + "/b", owner=owner)
    a_hook(URL, "package.status.packed", owner=owner)

    [event] = tell("package.created")

    made = deliveries()
    assert [row.hook_id for row in made] == [first.pk, second.pk]
    assert {row.state for row in made} == {"waiting"}
    assert {(row.event_id, row.subject, row.sequence, row.object_id) for row in made} == {
        (event.cursor, "package/501", 1, 501)
    }
    assert len({row.uuid for row in made}) == 2


@pytest.mark.usefixtures("_sending")
def test_uuids_are_of_version_7_and_the_same_for_the_same_event_and_hook() -> None:
    hook = a_hook(URL)
    [event] = tell()
    [made] = deliveries()

    assert made.uuid.version == 7
    assert made.uuid.variant == uuid.RFC_4122
    own = hashlib.sha256(f"{event.uuid}/{hook.pk}".encode()).hexdigest()[-15:]
    assert made.uuid == uuid.UUID(event.uuid.hex[:17] + own)


@pytest.mark.usefixtures("_sending")
def test_inactive_hooks_get_nothing_new() -> None:
    hook = a_hook(URL)
    hooks.unsubscribe(hook.pk)

    tell()

    assert deliveries() == []


@pytest.mark.usefixtures("_sending")
def test_event_and_deliveries_go_with_the_transaction() -> None:
    a_hook(URL)
    event = outbox.NewEvent(type="package.created", kind="package", object_id=1, sequence=1, document={})

    with transaction.atomic():
        outbox.record(events=[event])
        made = Delivery.objects.count()
        transaction.set_rollback(True)

    assert made == 1
    assert (Event.objects.count(), Delivery.objects.count(), jobs()) == (0, 0, 0)


@pytest.mark.parametrize("events", [1, 40])
@pytest.mark.usefixtures("_sending")
def test_one_statement_whatever_their_number(events: int) -> None:
    for number in range(3):
        a_hook(f"{URL}/{number}")
    told = [
        outbox.NewEvent(type="package.created", kind="package", object_id=1, sequence=number, document={})
        for number in range(events)
    ]

    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        outbox.record(events=told)

    assert len(queries) == 1
    assert Delivery.objects.count() == 3 * events


@pytest.mark.parametrize(
    ("config", "channel", "codes", "matches"),
    [
        ({}, 4, ("369",), True),
        ({"channel_id": 4}, 4, (), True),
        ({"channel_id": 4}, 5, (), False),
        ({"channel": 4}, 5, (), False),
        ({"channel_id": [4, 5]}, 5, (), True),
        ({"channel_id": [4, 5]}, 6, (), False),
        ({"channel_id": 4}, None, (), True),
        ({"channel_id": None}, 5, (), True),
        ({"erp_code": ["369"]}, None, ("369",), True),
        ({"erp_code": ["369"]}, None, ("WH-1",), False),
        ({"erp_code": ["369"]}, None, ("WH-1", "369"), True),
        ({"erp_code": ["369"]}, None, (), True),
        ({"erp_code": ["369"], "channel_id": 4}, 5, ("369",), False),
        ({"anything": "else"}, 5, ("WH-1",), True),
    ],
)
@pytest.mark.usefixtures("_sending")
def test_filters(config: dict[str, Any], channel: int | None, codes: tuple[str, ...], matches: bool) -> None:
    a_hook(URL, config=config)

    tell(channel_id=channel, erp_codes=codes)

    assert len(deliveries()) == matches


@pytest.mark.parametrize(
    ("bound", "channel", "codes", "matches"),
    [
        ({"channel_ids": frozenset({4})}, 4, (), True),
        ({"channel_ids": frozenset({4})}, 5, (), False),
        ({"channel_ids": frozenset({4})}, None, (), False),
        ({"location_ids": ("369",)}, None, ("369",), True),
        ({"location_ids": ("369",)}, None, ("WH-1",), False),
        ({"location_ids": ("369",)}, None, (), False),
    ],
)
@pytest.mark.usefixtures("_sending")
def test_a_narrowed_key_hears_of_nothing_it_may_not_see(
    bound: dict[str, Any], channel: int | None, codes: tuple[str, ...], matches: bool
) -> None:
    if "location_ids" in bound:
        made = [StockLocation.objects.create(erp_code=code, name=code) for code in bound["location_ids"]]
        bound = {"location_ids": frozenset(location.pk for location in made)}
    a_hook(URL, owner=an_actor(**bound))

    tell(channel_id=channel, erp_codes=codes)

    assert len(deliveries()) == matches


@pytest.mark.usefixtures("_committing")
def test_a_commit_queues_one_pump_and_no_more() -> None:
    a_hook(URL)

    for package in range(5):
        tell(package=package + 1)

    assert jobs() == 1


@pytest.mark.usefixtures("_committing")
def test_no_pump_is_queued_while_one_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    a_hook(URL)
    pump = uuid.uuid4()

    waking.say_alive(pump)
    tell()
    assert jobs() == 0

    monkeypatch.setattr(waking._Woken, "at", float("-inf"))
    waking.say_ended(pump)
    tell()
    assert jobs() == 1


@pytest.mark.usefixtures("_committing")
def test_a_commit_without_subscribers_wakes_nobody() -> None:
    tell()

    assert jobs() == 0


@pytest.mark.usefixtures("_committing")
def test_the_wake_that_fails_does_not_fail_the_change(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> bool:
        raise RuntimeError("no")

    a_hook(URL)
    monkeypatch.setattr(waking, "is_pump_alive", fail)

    tell()

    assert len(deliveries()) == 1
    assert "Error calling" in caplog.text


@pytest.mark.django_db
def test_a_pump_that_is_queued_already_leaves_the_transaction_whole() -> None:
    waking.queue_pump()
    waking.queue_pump()

    assert jobs() == 1
