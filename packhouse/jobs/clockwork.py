"""What the clock runs: the same engine, as the system. Any number of workers may run it; what is due is done once."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from packhouse.kernel import clock, engine, exceptions, outbox, settings_store
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.errors import PackhouseError
from packhouse.kernel.outbox import Message
from packhouse.orders.messages import PlanOrder, ReschedulePackage
from packhouse.orders.models import Order
from packhouse.orders.states import OrderStatus
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.planning.models import ExecutionPlan

log = logging.getLogger(__name__)

BATCH: Final = 500
STALE_AT: Final = 3
STALE_WINDOW: Final = timedelta(hours=1)
# A copied order is planned at once; one that nobody has planned for this long was forgotten.
FORGOTTEN: Final = timedelta(minutes=5)
KEEP_JOBS: Final = timedelta(days=7)


def plan_waiting_orders() -> int:
    """Queue planning for orders that are pending, and for approved ones that nobody planned; how many.

    What was tried longest ago comes first, so that orders nobody can plan do not keep the others waiting. An
    order whose last plan somebody cancelled is left alone, and so is one that waits in the queue already.
    """
    pending = ExecutionPlan.objects.filter(state=ExecutionPlan.State.PENDING).order_by("modified_date", "id")
    ids = [*_never_planned(), *pending.values_list("order_id", flat=True)[:BATCH]]
    return _queue([PlanOrder(order_id=order_id) for order_id in ids])


def _never_planned() -> list[int]:
    """Approved orders without a package, oldest first, but those that somebody took out of planning."""
    last_plan = ExecutionPlan.objects.filter(order=OuterRef("pk")).order_by("-id").values("state")[:1]
    orders = (
        Order.objects.filter(
            ~Exists(Package.objects.filter(order=OuterRef("pk"))),
            state=OrderStatus.APPROVED.value,
            modified_date__lt=clock.now() - FORGOTTEN,
        )
        .alias(last_plan=Coalesce(Subquery(last_plan), Value("")))
        .exclude(last_plan__in=(ExecutionPlan.State.CANCELLED, ExecutionPlan.State.PENDING))
    )
    return list(orders.order_by("date_placed", "id").values_list("id", flat=True)[:BATCH])


# The date is the claim: of several workers one finds the package due, and a job that dies is due again next time.
_CLAIM_OUT_OF_STOCK = """
UPDATE packages_package SET modified_date = %(now)s WHERE id IN (
    SELECT id FROM packages_package WHERE state = %(state)s AND modified_date <= %(due)s
    ORDER BY modified_date LIMIT %(batch)s FOR NO KEY UPDATE SKIP LOCKED
) RETURNING id
"""


def reschedule_out_of_stock() -> int:
    """Queue ReschedulePackageCommand for packages out of stock that are due, each for one worker; how many."""
    now = clock.now()
    parameters = {
        "now": now,
        "due": now - timedelta(minutes=settings_store.get("OUT_OF_STOCK_RESCHEDULE_MINUTES")),
        "state": PackageStatus.OUT_OF_STOCK.value,
        "batch": BATCH,
    }
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM_OUT_OF_STOCK, parameters)
            ids = sorted(row[0] for row in cursor.fetchall())
        return _queue([ReschedulePackage(package_id=package_id) for package_id in ids])


def reschedule(package_id: int) -> int:
    """Run ReschedulePackageCommand as the system; 0 when the package is no longer in a state for it."""
    try:
        engine.execute("package", Call(package_id, slug="ReschedulePackageCommand"), SYSTEM)
    except PackhouseError as refusal:
        log.info("package %s is not rescheduled: %s", package_id, refusal)
        return 0
    return 1


def mark_stale_waiting() -> int:
    """Run MarkStaleWaitingCommand on packages that wait for `MARK_STALE_WAITING_PACKAGES_DAY` days; how many.

    Within the hour after 03:00 in the installation's time zone; at another time nothing is done. A package that
    cannot be marked is shown to a person, and the others go on.
    """
    three = _three_o_clock()
    if not three <= clock.now() < three + STALE_WINDOW:
        return 0
    since = clock.now() - timedelta(days=settings_store.get("MARK_STALE_WAITING_PACKAGES_DAY"))
    due = Package.objects.filter(state=PackageStatus.WAITING.value, state_date__lte=since)
    return sum(_mark_stale(package_id) for package_id in due.order_by("id").values_list("id", flat=True))


def _three_o_clock() -> datetime:
    """Today's, in UTC. The first of two; in a night that skips it, the moment when it would have been."""
    zone = ZoneInfo(settings_store.get("LOCALE")["time_zone"])
    local = clock.now().astimezone(zone).replace(hour=STALE_AT, minute=0, second=0, microsecond=0, fold=0)
    return local.astimezone(ZoneInfo("UTC"))


def _mark_stale(package_id: int) -> int:
    subject = f"package/{package_id}"
    try:
        engine.execute("package", Call(package_id, slug="MarkStaleWaitingCommand"), SYSTEM)
    except PackhouseError as refusal:  # packed a moment ago, or marked by another worker
        log.info("package %s is not marked as stale: %s", package_id, refusal)
        return 0
    except Exception as fault:  # one that cannot be marked must not keep the others from it
        log.exception("package %s could not be marked as stale", package_id)
        exceptions.report("stale_marking_failed", subject, f"{type(fault).__name__}: {fault}")
        return 0
    exceptions.resolve("stale_marking_failed", subject)
    return 1


def clean() -> None:
    """Delete jobs that have served their time; those that failed stay for a person to look at."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs j WHERE j.status IN ('succeeded', 'aborted', 'cancelled')"
            " AND NOT EXISTS (SELECT FROM procrastinate_events e WHERE e.job_id = j.id AND e.at > %(since)s)",
            {"since": clock.now() - KEEP_JOBS},
        )


_IN_QUEUE = """
SELECT lock FROM procrastinate_jobs WHERE status = 'todo' AND task_name = %(task)s AND lock = ANY(%(locks)s)
"""


def _queue(messages: Sequence[Message]) -> int:
    """Put them into the queue, but those that stand there already; how many."""
    if not messages:
        return 0
    with connection.cursor() as cursor:
        locks = [message.lock() for message in messages]
        cursor.execute(_IN_QUEUE, {"task": messages[0].task, "locks": locks})
        waiting = {row[0] for row in cursor.fetchall()}
    new = [message for message in messages if message.lock() not in waiting]
    outbox.enqueue(new)
    return len(new)
