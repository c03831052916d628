"""Jobs of planning and of the house itself. Tasks are named in messages; see `kernel/outbox.py`."""

import logging
from datetime import timedelta

from procrastinate import JobContext
from procrastinate.contrib.django import app

from packhouse.commands.inventory.shortages import review_all_shortages
from packhouse.commands.planning import simulate
from packhouse.commands.planning.plan_order import plan_order
from packhouse.commands.planning.previous import previous_packages
from packhouse.commands.reconcile.reporting import report_differences
from packhouse.jobs import bursts, clockwork, rescue
from packhouse.jobs.queue import FIVE_TRIES, guarded

log = logging.getLogger(__name__)


@app.task(name="planning.plan_order", queue="planning", retry=FIVE_TRIES, pass_context=True)
def plan_order_task(context: JobContext, order_id: int, previous_package_id: int | None = None) -> None:
    """Plan one order, then all others that wait; one that always fails is parked in the exceptions list."""
    previous = previous_packages(previous_package_id)
    guarded("planning_failed", f"order/{order_id}", context, lambda: plan_order(order_id, previous=previous))
    bursts.work_off(context.additional_context.get("stopping", lambda: False))


@app.task(name="packages.reschedule", queue="planning", retry=FIVE_TRIES, pass_context=True)
def reschedule_task(context: JobContext, package_id: int) -> None:
    """Plan a package that is out of stock again."""
    guarded("planning_failed", f"package/{package_id}", context, lambda: clockwork.reschedule(package_id))


@app.task(name="planning.simulate", queue="simulations", retry=FIVE_TRIES)
def simulate_task(simulation_id: int) -> None:
    """Work off a simulation; whoever asked for it sees when it has failed."""
    simulate.work_off(simulation_id)


@app.periodic(cron="* * * * *")
@app.task(name="jobs.rescue_stalled", queue="house", queueing_lock="jobs.rescue_stalled")
def rescue_stalled(timestamp: int) -> None:  # noqa: ARG001 - given by the periodic deferrer
    """Jobs of killed workers are taken up again."""
    rescued = rescue.rescue_stalled_jobs(older_than=timedelta(seconds=60))
    if rescued:
        log.warning("took up %s jobs of workers that died", rescued)


@app.periodic(cron="*/5 * * * *")
@app.task(name="planning.retry_pending", queue="house", queueing_lock="planning.retry_pending")
def retry_pending(timestamp: int) -> None:  # noqa: ARG001
    """Orders that could not be planned are tried again, and approved ones nobody planned are found."""
    clockwork.plan_waiting_orders()


@app.periodic(cron="* * * * *")
@app.task(
    name="packages.reschedule_out_of_stock", queue="house", queueing_lock="packages.reschedule_out_of_stock"
)
def reschedule_out_of_stock(timestamp: int) -> None:  # noqa: ARG001
    """Out-of-stock packages are planned again every `OUT_OF_STOCK_RESCHEDULE_MINUTES`."""
    clockwork.reschedule_out_of_stock()


@app.periodic(cron="*/10 * * * *")
@app.task(name="packages.mark_stale_waiting", queue="house", queueing_lock="packages.mark_stale_waiting")
def mark_stale_waiting(timestamp: int) -> None:  # noqa: ARG001
    """At 03:00 local time, packages that nobody packed for long give up their stock."""
    clockwork.mark_stale_waiting()


@app.periodic(cron="17 * * * *")
@app.task(name="house.clean", queue="house", queueing_lock="house.clean")
def clean(timestamp: int) -> None:  # noqa: ARG001
    """Finished jobs of over a week are deleted."""
    clockwork.clean()


@app.periodic(cron="47 1 * * *")
@app.task(name="inventory.reconcile", queue="house", queueing_lock="inventory.reconcile")
def reconcile(timestamp: int) -> None:  # noqa: ARG001
    """Every night, what does not agree goes to the exceptions list; `packhouse reconcile --fix` mends it."""
    found = report_differences()
    if found:
        log.warning("reconcile found %s differences, first: %s", len(found), found[0])
    review_all_shortages()
