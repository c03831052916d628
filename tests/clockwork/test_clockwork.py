"""What the clock runs (page 20), with a stopped clock."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from packhouse.cli.actions.worker import load_tasks
from packhouse.commands.inventory.count_stock import count_stock
from packhouse.inventory.counting import Count
from packhouse.inventory.models import Reservation
from packhouse.jobs import clockwork
from packhouse.kernel import clock, engine, outbox, settings_store
from packhouse.kernel.accounts import Actor
from packhouse.kernel.engine import Call, Outcome
from packhouse.kernel.models import ExceptionEntry, IdempotentRequest, StateTransitionLog
from packhouse.orders.messages import PlanOrder, ReschedulePackage
from packhouse.orders.models import Order
from packhouse.orders.states import OrderStatus
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from packhouse.planning.models import ExecutionPlan
from tests.builders import a_package, a_user, an_order
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
# 00:00 UTC is 03:00 in Istanbul, the default time zone.
THREE = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def waiting_since(days: float, state: P = P.WAITING) -> Package:
    return a_package(state=state, items=1, state_date=THREE - timedelta(days=days))


def test_at_three_packages_of_fifteen_days_become_stale() -> None:
    old, young = waiting_since(15), waiting_since(14.9)
    prepared = waiting_since(30, P.PREPARING)

    with clock.frozen(THREE):
        assert clockwork.mark_stale_waiting() == 1
        assert clockwork.mark_stale_waiting() == 0

    for package in (old, young, prepared):
        package.refresh_from_db()
    assert (old.state, young.state, prepared.state) == (P.STALE_WAITING, P.WAITING, P.PREPARING)
    assert not Reservation.objects.filter(package_item__package=old).exists()
    row = StateTransitionLog.objects.get(object_id=old.pk)
    assert row.attributes["command.name"] == "MarkStaleWaitingCommand"
    assert row.user_id is None


@pytest.mark.parametrize("hour", [1, 12, 23])
def test_at_another_hour_nothing_is_done(hour: int) -> None:
    package = waiting_since(40)

    with clock.frozen(THREE + timedelta(hours=hour)):
        assert clockwork.mark_stale_waiting() == 0

    package.refresh_from_db()
    assert package.state == P.WAITING


def test_the_days_are_a_setting() -> None:
    settings_store.put("MARK_STALE_WAITING_PACKAGES_DAY", 3)
    waiting_since(4)

    with clock.frozen(THREE):
        assert clockwork.mark_stale_waiting() == 1


def test_a_package_that_cannot_be_marked_is_shown_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad, good = waiting_since(20), waiting_since(20)
    real = engine.execute

    def execute(kind: str, call: Call, actor: Actor) -> Outcome:
        if call.object_id == bad.pk:
            raise ZeroDivisionError
        return real(kind, call, actor)

    with monkeypatch.context() as patch, clock.frozen(THREE):
        patch.setattr(engine, "execute", execute)
        assert clockwork.mark_stale_waiting() == 1
        assert ExceptionEntry.objects.get().subject == f"package/{bad.pk}"
    with clock.frozen(THREE + timedelta(minutes=10)):
        assert clockwork.mark_stale_waiting() == 1

    good.refresh_from_db()
    assert good.state == P.STALE_WAITING
    assert ExceptionEntry.objects.get().resolved_date is not None


# 2026-03-29: the clocks of Helsinki go from 03:00 to 04:00, at 01:00 UTC; on 2026-10-25 back from 04:00.
@pytest.mark.parametrize(
    ("at", "marked"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), 0),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), 1),
        (datetime(2026, 3, 29, 2, 0, tzinfo=UTC), 0),
        (datetime(2026, 10, 24, 23, 59, tzinfo=UTC), 0),
        (datetime(2026, 10, 25, 0, 0, tzinfo=UTC), 1),
        (datetime(2026, 10, 25, 1, 0, tzinfo=UTC), 0),
    ],
)
def test_a_night_that_skips_or_repeats_three_has_one_turn(at: datetime, marked: int) -> None:
    settings_store.put("LOCALE", {**settings_store.get("LOCALE"), "time_zone": "Europe/Helsinki"})
    settings_store.forget()
    a_package(items=1, state_date=at - timedelta(days=40))

    with clock.frozen(at):
        assert clockwork.mark_stale_waiting() == marked


@pytest.mark.parametrize(("minutes", "due"), [(29, 0), (30, 1)])
def test_out_of_stock_packages_are_planned_again_every_thirty_minutes(minutes: int, due: int) -> None:
    package = a_package(state=P.OUT_OF_STOCK, items=1)
    Package.objects.filter(pk=package.pk).update(modified_date=THREE - timedelta(minutes=minutes))

    with clock.frozen(THREE):
        assert clockwork.reschedule_out_of_stock() == due
        # Each one once: the next turn is thirty minutes later.
        assert clockwork.reschedule_out_of_stock() == 0

    assert waiting_jobs("packages.reschedule") == [{"package_id": package.pk}] * due


def test_the_minutes_are_a_setting_and_other_states_are_left_alone() -> None:
    settings_store.put("OUT_OF_STOCK_RESCHEDULE_MINUTES", 5)
    due = a_package(state=P.OUT_OF_STOCK, items=1)
    for state in (P.WAITING, P.NEEDS_RESCHEDULING, P.CANCELLED):
        a_package(state=state, items=1)
    Package.objects.update(modified_date=THREE - timedelta(minutes=6))

    with clock.frozen(THREE):
        assert clockwork.reschedule_out_of_stock() == 1

    assert waiting_jobs("packages.reschedule") == [{"package_id": due.pk}]


def test_one_that_still_waits_in_the_queue_is_not_queued_again() -> None:
    package = a_package(state=P.OUT_OF_STOCK, items=1)
    outbox.enqueue([ReschedulePackage(package_id=package.pk)])

    with clock.frozen(clock.now() + timedelta(hours=1)):
        assert clockwork.reschedule_out_of_stock() == 0

    assert len(waiting_jobs("packages.reschedule")) == 1


def test_at_once_when_stock_of_a_missing_sku_rises() -> None:
    package = a_package(state=P.OUT_OF_STOCK, items=1)
    a_package(state=P.OUT_OF_STOCK, items=1)
    sku = package.items.get().order_item.product.sku

    count_stock([Count(package.stock_location_id, sku, quantity=Decimal(3))])

    assert waiting_jobs("packages.reschedule") == [{"package_id": package.pk}]
    assert clockwork.reschedule(package.pk) == 1  # no scenario takes it yet: it stays, and nobody is told
    package.refresh_from_db()
    assert package.state == P.OUT_OF_STOCK


def test_a_package_that_has_moved_on_is_not_rescheduled() -> None:
    package = a_package(state=P.PACKED, items=1)

    assert clockwork.reschedule(package.pk) == 0

    package.refresh_from_db()
    assert package.state == P.PACKED


def a_forgotten_order(**fields: Any) -> Order:
    order = an_order(**fields)
    Order.objects.filter(pk=order.pk).update(modified_date=THREE - timedelta(minutes=6))
    return order


def queued() -> list[int]:
    with clock.frozen(THREE):
        count = clockwork.plan_waiting_orders()
    orders = [job["order_id"] for job in waiting_jobs("planning.plan_order")]
    assert len(orders) == count
    return orders


def test_forgotten_and_pending_orders_are_planned_those_tried_longest_ago_first() -> None:
    pending = [a_forgotten_order() for _ in range(3)]
    forgotten = a_forgotten_order()
    for hours, order in zip((1, 3, 2), pending, strict=True):
        plan = ExecutionPlan.objects.create(order=order, state=ExecutionPlan.State.PENDING)
        ExecutionPlan.objects.filter(pk=plan.pk).update(modified_date=THREE - timedelta(hours=hours))

    assert queued() == [forgotten.pk, pending[1].pk, pending[2].pk, pending[0].pk]


@pytest.mark.parametrize("state", ["200", "450", "100"])
def test_only_approved_orders_are_found(state: str) -> None:
    a_forgotten_order(state=OrderStatus(state))

    assert queued() == []


def test_an_order_that_has_just_come_or_has_a_package_is_left_alone() -> None:
    order = an_order()
    Order.objects.filter(pk=order.pk).update(modified_date=THREE - timedelta(minutes=4))
    a_package(order=a_forgotten_order())

    assert queued() == []


def test_an_order_whose_last_plan_was_cancelled_is_left_alone() -> None:
    order = a_forgotten_order()
    ExecutionPlan.objects.create(order=order, state=ExecutionPlan.State.COMPLETED)
    ExecutionPlan.objects.create(order=order, state=ExecutionPlan.State.CANCELLED)
    again = a_forgotten_order()
    ExecutionPlan.objects.create(order=again, state=ExecutionPlan.State.CANCELLED)
    ExecutionPlan.objects.create(order=again, state=ExecutionPlan.State.COMPLETED)

    assert queued() == [again.pk]


def test_an_order_that_waits_in_the_queue_is_not_queued_again() -> None:
    order = a_forgotten_order()
    outbox.enqueue([PlanOrder(order_id=order.pk)])

    with clock.frozen(THREE):
        assert clockwork.plan_waiting_orders() == 0


@pytest.mark.parametrize(
    ("status", "days", "kept"),
    [
        ("succeeded", 8, False),
        ("aborted", 8, False),
        ("cancelled", 8, False),
        ("failed", 8, True),
        ("todo", 8, True),
        ("succeeded", 6, True),
    ],
)
def test_finished_jobs_of_over_a_week_are_deleted(status: str, days: int, kept: bool) -> None:
    outbox.enqueue([PlanOrder(order_id=1)])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = %s::procrastinate_job_status", [status])
        cursor.execute("UPDATE procrastinate_events SET at = %s", [THREE - timedelta(days=days)])

    with clock.frozen(THREE):
        clockwork.clean()

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        assert cursor.fetchone()[0] == int(kept)


def test_the_clock_forgets_answers_that_are_too_old() -> None:
    load_tasks()
    user = a_user()
    for key, hours in (("old", 25), ("young", 23)):
        IdempotentRequest.objects.create(
            user=user, method="POST", path="/", key=key, created_date=THREE - timedelta(hours=hours)
        )
    periodic = {registered.task.name for registered in app.periodic_registry.periodic_tasks.values()}

    with clock.frozen(THREE):
        app.tasks["api.forget_answers"](timestamp=0)

    assert "api.forget_answers" in periodic
    assert [row.key for row in IdempotentRequest.objects.all()] == ["young"]
