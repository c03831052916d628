"""What the clock runs: the same engine, as the system."""

import logging
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from packhouse.kernel import clock, engine, outbox, settings_store
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.errors import PackhouseError
from packhouse.kernel.models import IdempotentRequest
from packhouse.orders.messages import PlanOrder
from packhouse.orders.models import Order
from packhouse.orders.states import OrderStatus
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.planning.models import ExecutionPlan

log = logging.getLogger(__name__)
BATCH = 500
STALE_AT = 3
KEEP_JOBS = timedelta(days=7)


def plan_waiting_orders() -> int:
    """Queue planning for orders that are pending, and for approved ones that have no plan; oldest first."""
    pending = ExecutionPlan.objects.filter(state=ExecutionPlan.State.PENDING).values("order_id")
    unplanned = Q(
        ~Exists(Package.objects.filter(order=OuterRef("pk"))),
        state=OrderStatus.APPROVED.value,
        modified_date__lt=clock.now() - timedelta(minutes=5),
    )
    waiting = Order.objects.filter(Q(pk__in=pending) | unplanned)
    ids = list(waiting.order_by("date_placed").values_list("id", flat=True)[:BATCH])
    outbox.enqueue([PlanOrder(order_id=order_id) for order_id in ids])
    return len(ids)


def reschedule_out_of_stock() -> int:
    """Run ReschedulePackageCommand on packages out of stock that are due; how many were."""
    minutes = settings_store.get("OUT_OF_STOCK_RESCHEDULE_MINUTES")
    due = Package.objects.filter(
        state=PackageStatus.OUT_OF_STOCK.value, modified_date__lte=clock.now() - timedelta(minutes=minutes)
    )
    done = 0
    for package_id in due.order_by("modified_date").values_list("id", flat=True)[:BATCH]:
        done += reschedule(package_id)
    return done


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

    At 03:00 in the installation's time zone; at another hour nothing is done.
    """
    now = clock.now()
    if now.astimezone(ZoneInfo(settings_store.get("LOCALE")["time_zone"])).hour != STALE_AT:
        return 0
    since = now - timedelta(days=settings_store.get("MARK_STALE_WAITING_PACKAGES_DAY"))
    due = Package.objects.filter(state=PackageStatus.WAITING.value, state_date__lte=since)
    done = 0
    for package_id in due.order_by("id").values_list("id", flat=True):
        try:
            engine.execute("package", Call(package_id, slug="MarkStaleWaitingCommand"), SYSTEM)
        except PackhouseError as refusal:  # packed a moment ago
            log.info("package %s is not marked as stale: %s", package_id, refusal)
        else:
            done += 1
    return done


def clean() -> None:
    """Delete what has served its time."""
    hours = settings_store.get("API")["idempotency_hours"]
    IdempotentRequest.objects.filter(created_date__lt=clock.now() - timedelta(hours=hours)).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs j WHERE j.status = 'succeeded' AND NOT EXISTS ("
            "SELECT FROM procrastinate_events e WHERE e.job_id = j.id AND e.at > %(since)s)",
            {"since": clock.now() - KEEP_JOBS},
        )
