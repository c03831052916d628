"""What has served its time is deleted; what waits never is."""

from datetime import timedelta

import pytest
from django.db import connection

from packhouse.kernel import clock
from packhouse.kernel.models import Event, Payload
from packhouse.webhooks import retention, waking
from packhouse.webhooks.models import Delivery, FeedStart, Gap
from tests.webhooks.builders import Receiver, a_hook, deliveries, pump, set_up, tell

pytestmark = pytest.mark.usefixtures("_sending")


def clean_after(**span: float) -> None:
    with clock.frozen(clock.now() + timedelta(**span)):
        retention.clean()


def test_delivered_and_dead_ones_go_after_twelve_weeks(receiver: Receiver) -> None:
    a_hook(receiver.url)
    tell(package=1)
    pump()
    tell(package=2)
    Delivery.objects.filter(subject="package/2").update(state="dead")
    Gap.objects.create(subscriber_id=deliveries()[0].subscriber_id, subject="package/2")
    for package, state in ((3, "waiting"), (4, "retrying"), (5, "held")):
        tell(package=package)
        Delivery.objects.filter(subject=f"package/{package}").update(state=state)

    clean_after(weeks=11.9)
    assert Delivery.objects.count() == 5

    clean_after(weeks=12.1)
    assert [row.state for row in deliveries()] == ["waiting", "retrying", "held"]
    assert not Gap.objects.exists()
    # Their events are needed still; the others are out of the feed.
    assert list(Event.objects.order_by("cursor").values_list("subject", flat=True)) == [
        "package/3",
        "package/4",
        "package/5",
    ]
    assert Payload.objects.count() == 3


def test_a_shared_payload_stays_until_the_last_event(receiver: Receiver) -> None:
    a_hook(receiver.url)
    first, second = tell("package.created", "package.status.packed", document={"id": 1})
    assert first.payload_id == second.payload_id

    clean_after(weeks=13)

    assert [event.type for event in Event.objects.all()] == ["package.created"]
    assert Payload.objects.count() == 1


def test_the_feed_knows_where_it_begins() -> None:
    events = tell(times=3)

    clean_after(days=85)

    assert Event.objects.count() == 0
    assert FeedStart.objects.get().expired_cursor == events[-1].cursor


def test_the_settings_say_how_long(receiver: Receiver) -> None:
    set_up(
        WEBHOOKS={"retention_weeks": 1, "allowed_private_targets": ["127.0.0.1"]}, RETENTION={"feed_days": 30}
    )
    a_hook(receiver.url)
    tell()
    pump()

    clean_after(days=8)
    assert (Delivery.objects.count(), Event.objects.count()) == (0, 1)

    clean_after(days=31)
    assert Event.objects.count() == 0


def test_a_feed_kept_for_ever() -> None:
    set_up(RETENTION={"feed_days": None})
    tell()

    clean_after(days=4000)

    assert Event.objects.count() == 1


def test_in_batches(monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> None:
    monkeypatch.setattr(retention, "BATCH", 7)
    a_hook(receiver.url)
    tell(times=20)
    pump()
    Delivery.objects.filter(sequence=10).update(state="waiting")

    clean_after(weeks=13)

    assert (Delivery.objects.count(), Event.objects.count(), Payload.objects.count()) == (1, 1, 1)


def test_finished_jobs_go_within_the_hour() -> None:
    waking.queue_pump()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded'")
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '2 hours'")
        waking.queue_pump()

        retention.clean_jobs()

        cursor.execute("SELECT status::text FROM procrastinate_jobs")
        assert cursor.fetchall() == [("todo",)]
