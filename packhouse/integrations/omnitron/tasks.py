"""The connector's jobs. Tasks are named in messages; what they do stands in the modules they call."""

import logging
from collections.abc import Sequence
from typing import Any

from procrastinate import JobContext
from procrastinate.contrib.django import app

from packhouse.commands.orders import large_imports
from packhouse.commands.orders.follow_up_order import follow_up_order
from packhouse.integrations import advisory, http
from packhouse.integrations.failures import text_of
from packhouse.integrations.omnitron import (
    cancellations,
    catch_up,
    conf,
    inbox,
    order_reads,
    sent_marks,
    status_reports,
    stock_releases,
    stores,
)
from packhouse.integrations.omnitron.client import Omnitron
from packhouse.integrations.omnitron.conf import SYSTEM
from packhouse.integrations.omnitron.jobs import careful
from packhouse.integrations.omnitron.messages import QUEUE
from packhouse.integrations.omnitron.order_document import find_pk
from packhouse.integrations.omnitron.setup import runs
from packhouse.integrations.patience import Patient
from packhouse.kernel import exceptions, tracing
from packhouse.kernel.errors import PackhouseError

logger = logging.getLogger(__name__)
PATIENT = Patient()


@app.task(name="omnitron.read_order", queue=QUEUE, retry=PATIENT)
def read_order(order_pk: int) -> None:
    """Read one order and copy it; it counts its tries itself, over several jobs."""
    with tracing.traced():
        order_reads.perform(order_pk)


@app.task(name="omnitron.find_order", queue=QUEUE, retry=PATIENT, pass_context=True)
def find_order(context: JobContext, number: str) -> None:
    """A webhook named its order by number alone."""
    with careful(context, "omnitron_find_order", f"omnitron_number/{number}"):
        order_pk = find_pk(Omnitron(), number)
        if order_pk is not None:
            order_reads.retry(order_pk)
        inbox.processed(event_type__in=inbox.ORDERS, order_pk=None, details__number=number)


@app.task(name="omnitron.read_store", queue=QUEUE, retry=PATIENT, pass_context=True)
def read_store(context: JobContext, store_pk: int) -> None:
    """Read one retail store and bring its location up to date."""
    with careful(context, "omnitron_store", f"omnitron_store/{store_pk}"):
        stores.read_and_copy(store_pk)
        inbox.processed(event_type__in=inbox.STORES, object_id=store_pk)


@app.task(name="omnitron.handle_plan", queue=QUEUE, retry=PATIENT, pass_context=True)
def handle_plan(
    context: JobContext,
    order_pk: int,
    plan_pk: int | None,
    plan_type: str | None = None,
    items: Sequence[int] = (),
) -> None:
    """Take up a cancellation plan."""
    with careful(context, "omnitron_cancellation", f"omnitron_order/{order_pk}"):
        cancellations.handle(order_pk, plan_pk, plan_type, items)


@app.task(name="omnitron.answer_plan", queue=QUEUE, retry=PATIENT, pass_context=True)
def answer_plan(context: JobContext, plan_id: int, order_pk: int) -> None:  # noqa: ARG001 - the job's lock
    """Tell what was decided about a plan."""
    with careful(context, "omnitron_cancellation_job", f"cancellation_plan/{plan_id}"):
        cancellations.answer(plan_id)


@app.task(name="omnitron.sync_order_status", queue=QUEUE, retry=PATIENT, pass_context=True)
def sync_order_status(context: JobContext, order_id: int) -> None:
    """Tell the statuses that wait of one order."""
    with careful(context, "omnitron_status_job", f"order/{order_id}"):
        status_reports.report(order_id)


@app.task(name="omnitron.mark_sent", queue=QUEUE, retry=PATIENT, pass_context=True)
def mark_sent(context: JobContext, order_pk: int) -> None:
    """Set `is_send` of an order."""
    with careful(context, sent_marks.KIND, f"{sent_marks.SUBJECT}{order_pk}"):
        sent_marks.mark(order_pk)


@app.task(name="omnitron.release_stock", queue=QUEUE, retry=PATIENT, pass_context=True)
def release_stock(context: JobContext, order_id: int) -> None:
    """Let the back office drop its reservations of an order's items."""
    with careful(context, "omnitron_release_job", f"order/{order_id}"):
        stock_releases.release(order_id)


@app.task(name="omnitron.run_setup_step", queue="setup", retry=PATIENT)
def run_setup_step(step: str) -> None:
    """What `execute` of a setup step has asked for; its status keeps what went wrong."""
    with tracing.traced():
        try:
            runs.work_off(step)
        except runs.StepFailed as failure:
            logger.warning("setup: %s", failure)


@app.task(name="orders.follow_up", queue="orders", retry=PATIENT, pass_context=True)
def follow_up(context: JobContext, order_id: int, changes: dict[str, Any]) -> None:
    """Cancel what was withdrawn from an order, plan again what its change concerns."""
    with careful(context, "order_follow_up", f"order/{order_id}"):
        follow_up_order(order_id, changes)


@app.task(name="orders.import", queue="orders", retry=PATIENT, pass_context=True)
def import_orders(context: JobContext, import_id: int) -> None:
    """Work off a large import of orders."""
    with careful(context, "order_import", f"order_import/{import_id}"):
        large_imports.work_off(import_id)


@app.periodic(cron="* * * * * */10")
@app.task(name="omnitron.catch_up", queue=QUEUE, queueing_lock="omnitron.catch_up")
def catch_up_task(timestamp: int) -> None:  # noqa: ARG001 - given by the periodic deferrer
    """Find what webhooks did not tell, every `OMNITRON_CATCHUP_SECONDS`; one process at a time.

    While that fails it stands in the exceptions list.
    """
    if not conf.is_configured() or not catch_up.due():
        return
    with tracing.traced():
        try:
            with advisory.held("omnitron catch-up", wait=0):
                found = catch_up.catch_up()
        except advisory.NotFree:
            return
        except PackhouseError as failure:
            logger.warning("catch-up: %s", failure)
            exceptions.report(catch_up.KIND, SYSTEM, text_of(failure), action="retry")
            return
    exceptions.resolve(catch_up.KIND, SYSTEM)
    if found:
        logger.info("catch-up found %s changes", found)


@app.periodic(cron="* * * * *")
@app.task(name="omnitron.sweep", queue=QUEUE, queueing_lock="omnitron.sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001
    """What waits without a job: orders to read, statuses, flags, reservations to drop."""
    if not conf.is_configured():
        return
    order_reads.wake_forgotten()
    status_reports.wake_forgotten()
    sent_marks.mark_planned()
    stock_releases.owe_releases()


@app.periodic(cron="43 2 * * *")
@app.task(name="omnitron.nightly", queue=QUEUE, queueing_lock="omnitron.nightly")
def nightly(timestamp: int) -> None:  # noqa: ARG001
    """Webhooks there are checked, old inbox rows and failed calls forgotten."""
    inbox.clean()
    http.forget_failures()
    if conf.is_configured() and not runs.is_required("webhooks"):
        try:
            runs.run("webhooks")
        except PackhouseError as failure:
            logger.warning("nightly check of webhooks: %s", failure)
