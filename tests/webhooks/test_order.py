"""One delivery of a subject at a time, in sequence, across all hooks of one address."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from packhouse.kernel import clock
from packhouse.webhooks import sweeping
from packhouse.webhooks.models import Delivery, Gap
from tests.webhooks.builders import (
    Receiver,
    a_hook,
    an_actor,
    deliveries,
    pump,
    tell,
)

pytestmark = pytest.mark.usefixtures("_sending")
PACKED, MOVED, MADE = "package.status.packed", "package.status.transitioned", "package.created"


def states(subject: str = "package/501") -> list[str]:
    return [row.state for row in Delivery.objects.filter(subject=subject).order_by("sequence")]


def sequences(receiver: Receiver, subject: str = "package/501") -> list[int]:
    return [message["sequence"] for message in receiver.messages if message["subject"] == subject]


def pump_at(moment: datetime) -> int:
    with clock.frozen(moment):
        return pump()


def make_dead(start: datetime) -> datetime:
    """Let time pass until the ladder has ended; returns when."""
    for _ in range(40):
        due = Delivery.objects.filter(state="retrying").order_by("next_attempt_date").first()
        if due is None or due.next_attempt_date is None:
            break
        start = due.next_attempt_date
        pump_at(start)
    return start


def test_events_of_one_package_arrive_in_sequence(receiver: Receiver) -> None:
    owner = an_actor()
    for type_ in (MADE, MOVED, PACKED):
        a_hook(receiver.url + "/hooks", type_, owner=owner)
    for package in range(1, 6):
        tell(MADE, MOVED, PACKED, MOVED, MADE, package=package)
    tell(*[MOVED] * 30, package=3)

    assert pump() == 55

    report = receiver.report()
    assert (report["unique"], report["duplicates"], report["out_of_order"], report["missing"]) == (
        55,
        0,
        0,
        0,
    )
    assert sequences(receiver, "package/3") == list(range(1, 36))


def test_a_failing_one_holds_the_later_ones_of_its_package_only(receiver: Receiver) -> None:
    owner = an_actor()
    a_hook(receiver.url + "/hooks", MADE, owner=owner)
    a_hook(receiver.url + "/hooks", PACKED, owner=owner)
    tell(MADE, PACKED, MADE, package=1)
    receiver.fail(error_rate={"400": 1})
    start = clock.now()
    pump_at(start)

    tell(PACKED, package=1)
    tell(MADE, PACKED, package=2)
    receiver.fail()
    pump_at(start + timedelta(seconds=10))

    assert states("package/1") == ["retrying", "held", "held", "held"]
    assert states("package/2") == ["delivered", "delivered"]

    pump_at(start + timedelta(seconds=31))

    assert states("package/1") == ["delivered"] * 4
    assert sequences(receiver, "package/1") == [1, 2, 3, 4]


def test_other_addresses_and_other_owners_are_not_held(receiver: Receiver) -> None:
    owner = an_actor()
    failing = a_hook(receiver.url + "/failing", owner=owner)
    other_address = a_hook(receiver.url + "/well", owner=owner)
    other_owner = a_hook(receiver.url + "/well", owner=an_actor())
    receiver.fail(error_rate={"400": 1}, paths=["/failing"])
    tell(times=3)

    pump()

    assert _states_by_hook() == {
        failing.pk: ["retrying", "held", "held"],
        other_address.pk: ["delivered"] * 3,
        other_owner.pk: ["delivered"] * 3,
    }


def _states_by_hook() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in Delivery.objects.order_by("hook_id", "sequence"):
        found.setdefault(row.hook_id, []).append(row.state)
    return found


def test_without_an_order_nothing_is_held(receiver: Receiver) -> None:
    a_hook(receiver.url, config={"ordering": "none"})
    receiver.fail(error_rate={"400": 1})
    tell(times=3)
    start = clock.now()
    pump_at(start)
    assert states() == ["retrying"] * 3

    receiver.fail()
    tell()
    pump_at(start + timedelta(seconds=5))

    assert states() == ["retrying", "retrying", "retrying", "delivered"]


def test_behind_a_dead_letter_each_gets_one_attempt_until_one_is_delivered(receiver: Receiver) -> None:
    start = clock.now()
    a_hook(receiver.url)
    receiver.fail(error_rate={"400": 1})
    with clock.frozen(start):
        tell(times=3)
    pump_at(start)
    end = make_dead(start)

    # The head had its whole ladder, those behind it one attempt each, at once.
    assert [row.retry_count for row in deliveries()] == [18, 1, 1]
    assert states() == ["dead", "dead", "dead"]
    assert timedelta(hours=75) < end - start < timedelta(hours=76)

    with clock.frozen(end):
        tell()
    pump_at(end)
    assert states()[3:] == ["dead"]

    receiver.fail()
    with clock.frozen(end):
        tell()
    pump_at(end)
    assert states()[4:] == ["delivered"]
    assert not Gap.objects.exists()

    receiver.fail(error_rate={"400": 1})
    with clock.frozen(end):
        tell()
    pump_at(end)
    assert states()[5:] == ["retrying"]


def test_the_ladder_of_a_held_one_begins_when_the_one_before_is_delivered(receiver: Receiver) -> None:
    start = clock.now()
    a_hook(receiver.url)
    receiver.fail(error_rate={"400": 1})
    with clock.frozen(start):
        tell(times=2)
    pump_at(start)
    later = start + timedelta(hours=60)
    Delivery.objects.filter(state="retrying").update(next_attempt_date=later)
    receiver.fail()

    pump_at(later)

    assert states() == ["delivered", "delivered"]
    assert Delivery.objects.get(sequence=2).ladder_date == later


def test_a_deep_backlog_of_one_package_lets_the_others_through(receiver: Receiver) -> None:
    a_hook(receiver.url)
    tell(times=300, package=1)
    for package in range(2, 12):
        tell(package=package)
    receiver.fail(latency_ms=5)

    assert pump() == 310

    report = receiver.report()
    assert (report["unique"], report["out_of_order"], report["missing"]) == (310, 0, 0)
    order = [message["subject"] for message in receiver.messages]
    # Not behind the three hundred: within the first quarter of all.
    assert max(order.index(f"package/{package}") for package in range(2, 12)) < 80


def test_what_is_held_behind_nothing_is_picked_up_after_a_while(receiver: Receiver) -> None:
    a_hook(receiver.url)
    tell(times=2)
    Delivery.objects.update(state="held")
    now = clock.now()

    assert sweeping.pick_up_forgotten(now + timedelta(seconds=100)) == 0
    assert sweeping.pick_up_forgotten(now + timedelta(seconds=361)) == 1
    assert states() == ["waiting", "held"]
    pump_at(now + timedelta(seconds=362))

    assert states() == ["delivered", "delivered"]


@pytest.mark.parametrize("fault", [{"error_rate": {"500": 0.3}, "rng": 7}, {"drop_answer": 0.3, "rng": 7}])
def test_order_holds_under_random_failures(fault: dict[str, Any], receiver: Receiver) -> None:
    owner, moment = an_actor(), clock.now()
    countdown = {"choice": "fixed", "kwargs": {"seconds": 1}}
    for type_ in (MADE, MOVED):
        a_hook(receiver.url + "/hooks", type_, owner=owner, retry_countdown_config=countdown)
    with clock.frozen(moment):
        for package in range(1, 9):
            tell(*[MADE, MOVED] * 6, package=package)
    receiver.fail(**fault)

    for _ in range(200):
        pump_at(moment)
        moment += timedelta(seconds=61)
        if not Delivery.objects.exclude(state="delivered").exists():
            break

    report = receiver.report()
    assert (report["unique"], report["out_of_order"], report["missing"]) == (96, 0, 0)
    assert report["changed_bytes"] == 0
