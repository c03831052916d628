"""The ladder of a failing delivery, and answers that steer it."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from packhouse.kernel import clock
from packhouse.kernel.models import ExceptionEntry
from packhouse.webhooks import hooks, sweeping
from packhouse.webhooks.models import Hook, Target
from tests.webhooks.builders import (
    Receiver,
    a_hook,
    an_actor,
    deliveries,
    pump,
    seconds_until,
    set_up,
    tell,
    the_delivery,
)

pytestmark = pytest.mark.usefixtures("_sending")
HOUR = timedelta(hours=1)


def pump_at(moment: datetime) -> int:
    with clock.frozen(moment):
        return pump()


def run_to_the_end(start: datetime, *, until: datetime | None = None) -> datetime:
    """What happens as time passes: every due delivery is sent, and once a minute the house is tidied."""
    moment = start
    for _ in range(300):
        pump_at(moment)
        with clock.frozen(moment):
            sweeping.tidy()
        moments = [
            row.next_attempt_date
            for row in deliveries(state__in=("waiting", "retrying"))
            if row.next_attempt_date
        ]
        opened = [target.open_until for target in Target.objects.all() if target.open_until]
        if not moments:
            break
        moment = max(moment + timedelta(seconds=1), min(moments), *opened)
        if until and moment > until:
            break
    return moment


def test_three_days_of_retries(receiver: Receiver) -> None:
    a_hook(receiver.url, retry_countdown_config={"choice": "fixed", "kwargs": {"seconds": 60}})
    receiver.fail(error_rate={"404": 1})
    tell()
    start = clock.now()

    run_to_the_end(start)

    delivery = the_delivery()
    assert (delivery.state, delivery.retry_count, delivery.error_kind) == ("dead", 18, "status")
    moments = delivery.request_datetimes[::-1]
    waits = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    assert waits[:10] == pytest.approx([60] * 10, abs=2)
    assert waits[10:] == pytest.approx([h * 3600 for h in (0.5, 2, 5, 10, 14, 20, 24)], abs=2)
    assert {request["body"] for request in receiver.requests} == {receiver.requests[0]["body"]}
    assert len(receiver.requests) == 18


def test_the_hooks_own_countdown(receiver: Receiver) -> None:
    a_hook(receiver.url, retry_countdown_config={"choice": "exponential", "kwargs": {"base": 3, "factor": 2}})
    receiver.fail(error_rate={"400": 1})
    tell()
    moment, waits = clock.now(), []

    for _ in range(4):
        with clock.frozen(moment):
            pump()
            waits.append(seconds_until(the_delivery()))
        moment = the_delivery().next_attempt_date or moment

    assert waits == pytest.approx([2, 6, 18, 54], abs=0.01)


@pytest.mark.parametrize("status", ["500", "503", "429", "400", "401", "404", "408"])
def test_everything_but_2xx_is_tried_again(status: str, receiver: Receiver) -> None:
    a_hook(receiver.url)
    receiver.fail(error_rate={status: 1})
    tell()

    pump()

    delivery = the_delivery()
    assert (delivery.state, delivery.response_http_status) == ("retrying", int(status))
    assert 28 < seconds_until(delivery) <= 30


def test_a_time_out_is_stored_as_500_with_its_text(receiver: Receiver) -> None:
    set_up(WHISPERER_REQUEST_TIMEOUT=[5, 0.2])
    a_hook(receiver.url)
    receiver.fail(silent=True)
    tell()

    pump()

    delivery = the_delivery()
    assert (delivery.state, delivery.response_http_status) == ("retrying", 500)
    assert (delivery.error_kind, delivery.response_content) == ("timeout", "No answer within 0.2 s.")


def test_a_connection_cut_off(receiver: Receiver) -> None:
    a_hook(receiver.url)
    receiver.fail(drop_connection=1)
    tell()

    pump()

    delivery = the_delivery()
    assert (delivery.state, delivery.response_http_status, delivery.error_kind) == (
        "retrying",
        500,
        "protocol",
    )


@pytest.mark.parametrize("status", ["429", "503"])
def test_retry_after_when_it_is_longer(status: str, receiver: Receiver) -> None:
    a_hook(receiver.url)
    receiver.fail(error_rate={status: 1}, retry_after=600)
    tell()

    pump()

    assert 595 < seconds_until(the_delivery()) <= 600


def test_retry_after_when_it_is_shorter(receiver: Receiver) -> None:
    a_hook(receiver.url)
    receiver.fail(error_rate={"429": 1}, retry_after=1)
    tell()

    pump()

    assert 28 < seconds_until(the_delivery()) <= 30


def test_410_ends_the_hook(receiver: Receiver) -> None:
    owner = an_actor()
    hook = a_hook(receiver.url, owner=owner)
    tell(times=3, package=1)
    tell(package=2)
    receiver.fail(error_rate={"410": 1})

    pump()

    hook.refresh_from_db()
    assert (hook.is_active, hook.disabled_reason) == (False, "The receiver answered 410 (gone).")
    assert {(row.state, row.error_kind) for row in deliveries()} == {("dead", "gone")}
    assert len(receiver.requests) <= 2
    told = ExceptionEntry.objects.get(kind="webhook_gone")
    assert (told.subject, told.detail["owner"]) == (f"hook/{hook.pk}", owner.user_id)
    assert ExceptionEntry.objects.get(kind="webhook_dead").subject == f"hook/{hook.pk}"
    tell(package=3)
    assert len(deliveries()) == 4


def test_410_leaves_the_other_hooks_alone(receiver: Receiver) -> None:
    gone = a_hook(receiver.url + "/gone")
    well = a_hook(receiver.url + "/well")
    receiver.fail(error_rate={"410": 1}, paths=["/gone"])
    tell(times=3)

    pump()

    well.refresh_from_db()
    gone.refresh_from_db()
    assert (gone.is_active, well.is_active) == (False, True)
    assert {row.state for row in deliveries(hook=well)} == {"delivered"}


def test_dead_letters_are_reported_and_counted_by_hook(receiver: Receiver) -> None:
    hook = a_hook(receiver.url)
    receiver.fail(error_rate={"400": 1})
    for package in (1, 2, 3):
        tell(package=package)

    run_to_the_end(clock.now())

    entry = ExceptionEntry.objects.get(kind="webhook_dead")
    assert entry.subject == f"hook/{hook.pk}"
    assert entry.action == "replay"
    assert receiver.url in entry.message
    assert len(deliveries(state="dead")) == 3


def test_ten_failures_in_a_row_leave_the_target_alone(receiver: Receiver) -> None:
    a_hook(receiver.url)
    receiver.fail(error_rate={"503": 1})
    for package in range(1, 41):
        tell(package=package)
    start = clock.now()

    pump_at(start)

    # Ten are under way at once, and what has not begun goes back.
    tried = len(deliveries(retry_count__gt=0))
    assert 10 <= tried <= 20
    assert len(receiver.requests) == tried
    target = Target.objects.get()
    assert target.open_until == start + timedelta(seconds=60)
    assert pump_at(start + timedelta(seconds=59)) == 0

    assert pump_at(start + timedelta(seconds=61)) == 1
    target.refresh_from_db()
    assert target.open_until == start + timedelta(seconds=61 + 120)

    receiver.fail()
    pump_at(start + timedelta(seconds=61 + 121))
    target.refresh_from_db()
    assert (target.open_until, target.failures) == (None, 0)
    assert {row.state for row in deliveries()} == {"delivered"}


def test_answers_to_single_messages_do_not_open_it(receiver: Receiver) -> None:
    a_hook(receiver.url)
    receiver.fail(error_rate={"404": 1})
    for package in range(1, 31):
        tell(package=package)

    assert pump() == 30

    assert Target.objects.get().open_until is None


def test_the_hours_of_the_ladder_run_on_while_the_target_is_left_alone(receiver: Receiver) -> None:
    a_hook(receiver.url, retry_countdown_config={"choice": "fixed", "kwargs": {"seconds": 60}})
    receiver.fail(error_rate={"503": 1})
    for package in range(1, 16):
        tell(package=package)
    start = clock.now()

    end = run_to_the_end(start)

    rows = deliveries()
    assert {row.state for row in rows} == {"dead"}
    assert timedelta(hours=75.4) < end - start < timedelta(hours=77)
    # One probe each half hour among fifteen: hardly any took all its steps.
    assert min(row.retry_count for row in rows) < 18
    assert len(receiver.requests) == sum(row.retry_count for row in rows)
    assert len(receiver.requests) < 180


def test_a_step_that_falls_under_it_is_taken_when_it_closes(receiver: Receiver) -> None:
    a_hook(receiver.url)
    receiver.fail(error_rate={"503": 1})
    for package in range(1, 11):
        tell(package=package)
    start = clock.now()
    pump_at(start)
    Target.objects.update(open_until=start + 5 * HOUR)

    assert pump_at(start + 4 * HOUR) == 0
    receiver.fail()
    assert pump_at(start + 5 * HOUR) == 10

    assert {row.state for row in deliveries()} == {"delivered"}


def test_when_we_were_late_ourselves_the_ladder_is_whole(receiver: Receiver) -> None:
    a_hook(receiver.url)
    receiver.fail(error_rate={"503": 1})
    tell()
    late = clock.now() + 100 * HOUR

    pump_at(late)

    delivery = the_delivery()
    assert (delivery.state, delivery.ladder_date) == ("retrying", late)


def test_what_a_hook_still_has_is_kept_a_day_when_it_is_switched_off(receiver: Receiver) -> None:
    actor = an_actor()
    hook = a_hook(receiver.url, owner=actor)
    tell(times=2)
    start = clock.now()
    with clock.frozen(start):
        hooks.unsubscribe(hook.pk)

    assert pump_at(start + HOUR) == 0
    assert {row.state for row in deliveries()} == {"held"}
    assert sweeping.bury_abandoned(start + 23 * HOUR) == 0
    with clock.frozen(start + 23 * HOUR):
        hooks.change(hook.pk, actor, {"is_active": True})
    assert pump_at(start + 23 * HOUR) == 2

    assert {row.state for row in deliveries()} == {"delivered"}


def test_after_a_day_it_is_dead(receiver: Receiver) -> None:
    hook = a_hook(receiver.url)
    tell(times=2)
    start = clock.now()
    with clock.frozen(start):
        hooks.unsubscribe(hook.pk)

    assert sweeping.bury_abandoned(start + 24 * HOUR) == 2

    assert {(row.state, row.error_kind) for row in deliveries()} == {("dead", "hook_inactive")}


def test_a_hook_that_is_switched_off_holds_nobody(receiver: Receiver) -> None:
    owner = an_actor()
    off = a_hook(receiver.url, owner=owner)
    on = a_hook(receiver.url, "package.status.packed", owner=owner)
    receiver.fail(error_rate={"400": 1})
    tell("package.created", "package.status.packed")
    start = clock.now()
    pump_at(start)
    receiver.fail()
    assert [row.state for row in deliveries()] == ["retrying", "held"]

    with clock.frozen(start):
        hooks.unsubscribe(off.pk)
    pump_at(start)

    assert [row.state for row in deliveries(hook=on)] == ["delivered"]


def test_a_new_address_gets_what_still_waits(receiver: Receiver) -> None:
    actor = an_actor()
    hook = a_hook(receiver.url + "/old", owner=actor)
    receiver.fail(error_rate={"400": 1}, paths=["/old"])
    tell(times=3)
    pump()

    hooks.change(hook.pk, actor, {"target_url": receiver.url + "/new"})
    pump()

    assert {row.state for row in deliveries()} == {"delivered"}
    assert [request["path"] for request in receiver.requests] == ["/old", "/new", "/new", "/new"]
    assert Hook.objects.get(pk=hook.pk).subscriber.target_url.endswith("/new")
