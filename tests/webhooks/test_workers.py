"""Several senders at once, and senders that are killed."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections

from packhouse.kernel import clock
from packhouse.webhooks import desk, sweeping, waking
from packhouse.webhooks.models import Delivery, Pump, Target
from packhouse.webhooks.pump import Pump as Sender
from sandbox.receiver.app import NOTE, ReceiverSandbox
from sandbox.serve import Running
from tests.webhooks.builders import Receiver, a_hook, an_actor, deliveries, set_up, tell
from tests.webhooks.worker import Worker, wait_until

pytestmark = pytest.mark.usefixtures("_committing")


def is_done() -> bool:
    connection.ensure_connection()
    return not Delivery.objects.exclude(state="delivered").exists()


@pytest.fixture
def workers() -> Iterator[list[Worker]]:
    running: list[Worker] = []
    yield running
    for worker in running:
        worker.kill()


def test_a_killed_worker_delays_but_loses_nothing(receiver: Receiver, workers: list[Worker]) -> None:
    set_up(WHISPERER_REQUEST_TIMEOUT=2)
    owner = an_actor()
    for type_ in ("package.created", "package.status.transitioned"):
        a_hook(receiver.url + "/hooks", type_, owner=owner, secret_key="s")
    receiver.fail(latency_ms=30)
    for package in range(1, 41):
        tell(*["package.created", "package.status.transitioned"] * 4, package=package)

    workers.append(Worker())
    wait_until(lambda: receiver.report()["unique"] >= 60, 20)
    workers[-1].kill()
    assert not is_done()
    workers.append(Worker())
    wait_until(is_done, 30)

    report = receiver.report()
    assert (report["unique"], report["out_of_order"], report["missing"]) == (320, 0, 0)
    assert report["changed_bytes"] == 0
    # What had been sent and not written down when the worker died came again, and nothing else.
    assert report["duplicates"] <= 40
    assert report["received"] == 320 + report["duplicates"]
    assert {row.retry_count for row in deliveries()} == {1}


@pytest.mark.parametrize("sent_before", [0, 1, 7])
def test_a_sender_that_dies_before_it_writes_results_down(
    sent_before: int, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_hook(receiver.url, secret_key="s")
    for package in range(1, 6):
        tell(times=2, package=package)
    serve = desk.serve

    def dying(turn: desk.Turn, *args: Any) -> desk.Taken:
        if len(turn.attempts) > sent_before:
            raise KeyboardInterrupt
        return serve(turn, *args)

    monkeypatch.setattr(desk, "serve", dying)
    with pytest.raises(KeyboardInterrupt):
        Sender().run(linger=0, longest=30)
    monkeypatch.setattr(desk, "serve", serve)
    before = receiver.report()["unique"]
    assert 0 < before <= 10
    with clock.frozen(clock.now() + timedelta(seconds=30)):
        Sender().run(linger=0, longest=30)

    report = receiver.report()
    assert is_done()
    assert (report["unique"], report["changed_bytes"], report["out_of_order"]) == (10, 0, 0)
    assert report["duplicates"] > 0


def test_two_workers_never_send_one_delivery_at_the_same_time_nor_out_of_order(
    receiver: Receiver, workers: list[Worker]
) -> None:
    for path in ("/a", "/b"):
        a_hook(receiver.url + path)
    receiver.fail(latency_ms=5)
    workers.extend([Worker(), Worker()])

    for _round in range(5):
        for package in range(1, 16):
            tell(times=2, package=package)
        time.sleep(0.3)
    wait_until(is_done, 25)

    report = receiver.report()
    assert (report["unique"], report["duplicates"]) == (300, 0)
    assert (report["out_of_order"], report["missing"]) == (0, 0)


def test_many_pumps_at_once_share_the_work(receiver: Receiver) -> None:
    with ExitStack() as stack:
        urls = [receiver.url]
        sandboxes = [receiver.sandbox]
        for _ in range(3):
            sandbox = ReceiverSandbox()
            urls.append(stack.enter_context(Running(sandbox.app)).url)
            sandboxes.append(sandbox)
        for url in urls:
            a_hook(url + "/a")
            a_hook(url + "/b")
        for package in range(1, 26):
            tell(times=3, package=package)
        sent: list[int] = []

        def pump() -> None:
            try:
                sent.append(Sender().run(linger=0.5, longest=30))
            finally:
                connections.close_all()

        threads = [threading.Thread(target=pump) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)

    assert sum(sent) == 25 * 3 * 8
    assert is_done()
    for sandbox in sandboxes:
        report = sandbox.ledger.report()
        assert (report["unique"], report["duplicates"], report["out_of_order"]) == (150, 0, 0)
    assert not Pump.objects.exists()
    assert set(Target.objects.values_list("lease", flat=True)) == {None}


def test_at_most_ten_requests_at_once_to_one_target(receiver: Receiver) -> None:
    for number in range(3):
        a_hook(f"{receiver.url}/{number}")
    for package in range(1, 16):
        tell(package=package)
    receiver.fail(latency_ms=50)

    Sender().run(linger=0, longest=30)

    assert is_done()
    assert _most_at_once(receiver) == 10


def _most_at_once(receiver: Receiver) -> int:
    """Requests that had begun within 45 ms of each other cannot have been answered before the last began."""
    moments = sorted(datetime.fromisoformat(request["at"]) for request in receiver.requests)
    window = timedelta(milliseconds=45)
    return max(sum(1 for other in moments if moment <= other < moment + window) for moment in moments)


def test_a_slow_address_holds_nobody_else(receiver: Receiver) -> None:
    slow = ReceiverSandbox()
    slow.control.set_faults({"latency_ms": 3000})
    with Running(slow.app) as running:
        a_hook(running.url + "/slow")
        a_hook(receiver.url + "/well")
        for package in range(1, 61):
            tell(package=package)
        started = time.monotonic()
        with _pumping():
            wait_until(lambda: receiver.report()["unique"] == 60, 5)
            took = time.monotonic() - started

    assert took < 2.5
    assert slow.ledger.report()["unique"] > 0


def test_a_slow_path_leaves_places_for_the_others_of_its_target(receiver: Receiver) -> None:
    a_hook(receiver.url + "/slow")
    a_hook(receiver.url + "/well")
    receiver.fail(latency_ms=3000, paths=["/slow"])
    for package in range(1, 61):
        tell(package=package)
    with _pumping():
        wait_until(lambda: _answered(receiver)["/well"] == 60, 2.5)
        assert _answered(receiver)["/slow"] == 0


def _answered(receiver: Receiver) -> Counter[str]:
    return Counter(request["path"] for request in list(receiver.requests) if NOTE in request)


@contextmanager
def _pumping() -> Iterator[None]:
    """A pump in a thread of its own within the block."""
    stop = threading.Event()

    def pump() -> None:
        try:
            Sender(stopping=stop.is_set).run(linger=30, longest=30)
        finally:
            connections.close_all()

    thread = threading.Thread(target=pump)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)


def test_first_attempts_follow_the_commit_within_a_second(receiver: Receiver, workers: list[Worker]) -> None:
    a_hook(receiver.url)
    workers.append(Worker())

    tell(package=1)
    wait_until(is_done, 20)
    for package in range(2, 42):
        # Longer than a pump lingers, now and then, so that some have to be woken.
        time.sleep(3.5 if package in (10, 20) else 0.05)
        tell(package=package)
    wait_until(is_done, 10)

    rows = deliveries()[1:]
    delays = sorted((row.request_datetimes[0] - row.created_date).total_seconds() for row in rows)
    assert delays[int(0.95 * len(delays))] < 1
    assert delays[-1] < 3


def test_retries_are_found_by_the_sweep(receiver: Receiver, workers: list[Worker]) -> None:
    a_hook(receiver.url, retry_countdown_config={"choice": "fixed", "kwargs": {"seconds": 6}})
    receiver.fail(error_rate={"500": 1})
    tell()
    workers.append(Worker())
    wait_until(lambda: len(receiver.requests) == 1, 20)
    receiver.fail()

    wait_until(is_done, 20)

    [delivery] = deliveries()
    waited = (delivery.request_datetimes[0] - delivery.request_datetimes[1]).total_seconds()
    assert 6 <= waited < 14


def test_sigterm_ends_a_worker_without_losing_what_is_under_way(
    receiver: Receiver, workers: list[Worker]
) -> None:
    a_hook(receiver.url)
    receiver.fail(latency_ms=20)
    for package in range(1, 31):
        tell(times=5, package=package)
    workers.append(Worker())
    wait_until(lambda: receiver.report()["unique"] > 20, 20)

    workers[-1].end()

    report = receiver.report()
    assert report["duplicates"] == 0
    assert len(deliveries(state="delivered")) == report["unique"]
    assert not deliveries(claimed_until__isnull=False)


def test_untended_work_gets_a_pump(receiver: Receiver) -> None:
    a_hook(receiver.url)
    tell()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")

        sweeping.find_untended()
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone() == (0,)  # not due for a second yet

        with clock.frozen(clock.now() + timedelta(seconds=2)):
            waking.say_alive(Sender().id)
            sweeping.find_untended()
        cursor.execute("SELECT task_name FROM procrastinate_jobs")
        assert cursor.fetchall() == [("webhooks.pump",)]


def test_the_claim_of_a_dead_pump_runs_out(receiver: Receiver) -> None:
    a_hook(receiver.url)
    tell(times=2)
    now = clock.now()
    Delivery.objects.filter(sequence=1).update(claimed_until=now + timedelta(seconds=25))
    Target.objects.update(lease=Sender().id, leased_until=now + timedelta(seconds=5))

    assert Sender().run(linger=0, longest=5) == 0
    with clock.frozen(now + timedelta(seconds=6)):
        assert Sender().run(linger=0, longest=5) == 0
    with clock.frozen(now + timedelta(seconds=26)):
        assert Sender().run(linger=0, longest=5) == 2

    assert receiver.report()["out_of_order"] == 0
