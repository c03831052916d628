"""The feed: every event once, in one order, from any point on."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections, transaction

from packhouse.kernel import outbox
from packhouse.kernel.models import Event, Role
from packhouse.locations.models import StockLocation
from packhouse.webhooks import feed
from packhouse.webhooks.feed import Batch, Wanted
from packhouse.webhooks.models import FeedStart
from tests.webhooks.builders import an_actor, tell
from tests.webhooks.calls import Caller

EVENTS = "/api/v1/oms/events/"


@pytest.fixture(autouse=True)
def _fresh_horizon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_horizon", feed._Horizon())


@contextmanager
def elsewhere() -> Iterator["Elsewhere"]:
    """Another connection, in a thread of its own, that runs what it is told."""
    other = Elsewhere()
    try:
        yield other
    finally:
        other.end()


class Elsewhere:
    """Holds a transaction open in which an event was written."""

    def __init__(self) -> None:
        self._written, self._go, self._done = threading.Event(), threading.Event(), threading.Event()
        self._commit = True
        self._thread = threading.Thread(target=self._run)

    def write(self, package: int) -> None:
        self._package = package
        self._thread.start()
        assert self._written.wait(5)

    def commit(self) -> None:
        self._finish(commit=True)

    def roll_back(self) -> None:
        self._finish(commit=False)

    def _finish(self, *, commit: bool) -> None:
        self._commit = commit
        self._go.set()
        assert self._done.wait(5)

    def end(self) -> None:
        self._go.set()
        self._thread.join(5)

    def _run(self) -> None:
        try:
            with transaction.atomic():
                outbox.record(events=[an_event(self._package)])
                self._written.set()
                self._go.wait(30)
                transaction.set_rollback(not self._commit)
        finally:
            connections.close_all()
            self._done.set()


def an_event(package: int, sequence: int = 1) -> outbox.NewEvent:
    return outbox.NewEvent(
        type="package.created", kind="package", object_id=package, sequence=sequence, document={"id": package}
    )


def subjects(batch: Batch) -> list[str]:
    return [row.subject for row in batch.rows]


@pytest.mark.usefixtures("_committing")
def test_an_event_waits_for_a_lower_cursor_that_may_still_appear() -> None:
    tell(package=1)
    shown = feed.read(Wanted())
    with elsewhere() as other:
        other.write(package=2)
        tell(package=3)

        assert subjects(feed.read(Wanted())) == ["package/1"]
        assert subjects(feed.read(Wanted(after=shown.next_after))) == []

        other.commit()
        assert subjects(feed.read(Wanted(after=shown.next_after))) == ["package/2", "package/3"]


@pytest.mark.usefixtures("_committing")
def test_a_lower_cursor_of_a_younger_transaction_is_waited_for_too() -> None:
    """The one that comparing transaction ids gets wrong."""
    ready, written = threading.Event(), threading.Event()

    def older() -> None:
        with transaction.atomic():
            FeedStart.objects.update(expired_cursor=0)  # has its transaction id now, before the other
            ready.set()
            assert written.wait(5)
            outbox.record(events=[an_event(3)])
        connections.close_all()

    tell(package=1)
    assert subjects(feed.read(Wanted())) == ["package/1"]
    thread = threading.Thread(target=older)
    thread.start()
    assert ready.wait(5)
    with elsewhere() as other:
        other.write(package=2)
        written.set()
        thread.join(5)

        assert subjects(feed.read(Wanted())) == ["package/1"]
        other.commit()
        assert subjects(feed.read(Wanted())) == ["package/1", "package/2", "package/3"]


@pytest.mark.usefixtures("_committing")
def test_a_cursor_that_was_rolled_back_holds_nobody() -> None:
    with elsewhere() as other:
        other.write(package=1)
        tell(package=2)
        assert subjects(feed.read(Wanted())) == []

        other.roll_back()
        assert subjects(feed.read(Wanted())) == ["package/2"]


@pytest.mark.usefixtures("_committing")
def test_a_long_transaction_that_writes_no_event_holds_nobody() -> None:
    begun, end = threading.Event(), threading.Event()

    def busy() -> None:
        with transaction.atomic():
            FeedStart.objects.update(expired_cursor=0)
            begun.set()
            end.wait(10)
        connections.close_all()

    thread = threading.Thread(target=busy)
    thread.start()
    assert begun.wait(5)
    tell(package=1)

    assert subjects(feed.read(Wanted())) == ["package/1"]

    end.set()
    thread.join(5)


@pytest.mark.usefixtures("_committing")
def test_nothing_is_missed_in_a_storm() -> None:
    writers, each = 4, 40
    stop = threading.Event()

    def write(number: int) -> None:
        try:
            for turn in range(1, each + 1):
                with transaction.atomic():
                    outbox.record(events=[an_event(number * 1000 + turn)])
                    time.sleep(0.002 * (number % 3))
                    if turn % 10 == 0:
                        transaction.set_rollback(True)
        finally:
            connections.close_all()

    seen: list[int] = []

    def follow() -> None:
        after = 0
        try:
            while True:
                ended = stop.is_set()
                batch = feed.read(Wanted(after=after, limit=7))
                assert all(row.cursor > after for row in batch.rows)
                seen.extend(row.cursor for row in batch.rows)
                after = batch.next_after
                if ended and not batch.rows:
                    return
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    reader = threading.Thread(target=follow)
    reader.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    stop.set()
    reader.join(60)

    assert seen == sorted(seen)
    assert seen == list(Event.objects.order_by("cursor").values_list("cursor", flat=True))
    assert len(seen) == writers * each * 9 // 10


@pytest.mark.usefixtures("_committing")
def test_waiting_ends_with_the_first_event() -> None:
    answers: list[Batch] = []

    def wait() -> None:
        try:
            answers.append(feed.read(Wanted(), wait=10))
        finally:
            connections.close_all()

    thread = threading.Thread(target=wait)
    started = time.monotonic()
    thread.start()
    time.sleep(0.4)
    tell(package=1)
    thread.join(10)

    assert subjects(answers[0]) == ["package/1"]
    assert 0.4 <= time.monotonic() - started < 3


@pytest.mark.usefixtures("_committing")
def test_only_so_many_wait_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_waiting", threading.BoundedSemaphore(1))
    assert feed._waiting.acquire(blocking=False)

    started = time.monotonic()
    assert subjects(feed.read(Wanted(), wait=10)) == []
    assert time.monotonic() - started < 2

    feed._waiting.release()
    started = time.monotonic()
    assert subjects(feed.read(Wanted(), wait=0.5)) == []
    assert time.monotonic() - started >= 0.5


@pytest.fixture
def caller() -> Caller:
    return Caller(an_actor())


@pytest.mark.usefixtures("_sending")
def test_the_feed_over_http(caller: Caller) -> None:
    first, second = tell("package.created", "package.status.packed", document={"id": 501, "city": "İzmir"})

    body = caller.get(EVENTS).json()

    assert body == {
        "results": [
            {
                "cursor": event.cursor,
                "id": event.uuid.hex,
                "type": event.type,
                "subject": "package/501",
                "sequence": event.sequence,
                "created_date": event.created_date.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "payload": {"id": 501, "city": "İzmir"},
            }
            for event in (first, second)
        ],
        "next_after": second.cursor,
    }
    again = caller.get(EVENTS, after=body["next_after"]).json()
    assert again == {"results": [], "next_after": second.cursor}


@pytest.mark.usefixtures("_sending")
def test_limit_type_and_subject(caller: Caller) -> None:
    for package in (1, 2, 3):
        tell("package.created", "package.status.packed", package=package)

    def get(**query: Any) -> list[tuple[str, str]]:
        found = caller.get(EVENTS, **query).json()["results"]
        return [(row["subject"], row["type"]) for row in found]

    assert get(subject="package/2") == [
        ("package/2", "package.created"),
        ("package/2", "package.status.packed"),
    ]
    assert get(type="package.created", limit=2) == [
        ("package/1", "package.created"),
        ("package/2", "package.created"),
    ]
    assert get(subject="package/2", type="nothing.such") == []
    assert len(get(limit=99999)) == 6


@pytest.mark.usefixtures("_sending")
def test_a_filter_that_finds_nothing_moves_on_all_the_same(caller: Caller) -> None:
    [event] = tell()

    assert caller.get(EVENTS, type="nothing.such").json() == {"results": [], "next_after": event.cursor}


@pytest.mark.usefixtures("_sending")
@pytest.mark.parametrize(
    ("query", "key"),
    [
        ({"after": "x"}, "after"),
        ({"after": -1}, "after"),
        ({"after": 2**70}, "after"),
        ({"limit": 0}, "limit"),
        ({"limit": "1.5"}, "limit"),
        ({"wait": 31}, "wait"),
        ({"wait": "long"}, "wait"),
        ({"since": 1}, "since"),
    ],
)
def test_bad_parameters(query: dict[str, Any], key: str, caller: Caller) -> None:
    answer = caller.get(EVENTS, **query)

    assert (answer.status_code, set(answer.json())) == (400, {key, "code"})


@pytest.mark.usefixtures("_sending")
def test_a_cursor_older_than_the_retention(caller: Caller) -> None:
    events = tell(times=4)
    expired = events[1].cursor
    Event.objects.filter(cursor__lte=expired).delete()
    FeedStart.objects.update(expired_cursor=expired)

    answer = caller.get(EVENTS, after=expired - 1)

    assert (answer.status_code, answer.json()["code"]) == (410, "cursor_expired")
    assert answer.json()["oldest"] == events[2].cursor
    assert len(caller.get(EVENTS, after=expired).json()["results"]) == 2
    assert len(caller.get(EVENTS, after=0).json()["results"]) == 2


@pytest.mark.usefixtures("_sending")
@pytest.mark.parametrize(
    ("role", "status"), [(Role.ADMIN, 200), (Role.INTEGRATION, 200), (Role.OPERATOR, 403), (Role.STORE, 403)]
)
def test_who_may_read_it(role: str, status: int) -> None:
    assert Caller(an_actor(role)).get(EVENTS).status_code == status


@pytest.mark.usefixtures("_sending")
def test_a_narrowed_key_sees_its_own_channels_and_locations() -> None:
    location = StockLocation.objects.create(erp_code="369", name="Store")
    tell(package=1, channel_id=4, erp_codes=("369",))
    tell(package=2, channel_id=5, erp_codes=("369",))
    tell(package=3, channel_id=4, erp_codes=("WH-1",))
    tell(package=4)

    def seen(**narrowed: Any) -> list[str]:
        found = Caller(an_actor(), **narrowed).get(EVENTS).json()["results"]
        return [row["subject"] for row in found]

    assert seen(channel_ids=[4]) == ["package/1", "package/3"]
    assert seen(location_ids=[location.pk]) == ["package/1", "package/2"]
    assert seen(channel_ids=[4], location_ids=[location.pk]) == ["package/1"]
