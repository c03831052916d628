"""Jobs of webhooks, all in the queue `webhooks`."""

import logging
from collections.abc import Callable

from procrastinate import JobContext
from procrastinate.contrib.django import app

from packhouse.webhooks import retention, sweeping, waking
from packhouse.webhooks.pump import Pump

logger = logging.getLogger(__name__)

LINGER_SECONDS = 2.0
LONGEST_SECONDS = 20.0
STOPPING = "stopping"
"""Name, in a worker's `additional_context`, of a function that says whether the worker is to end."""


@app.task(name=waking.PUMP_TASK, queue=waking.QUEUE, queueing_lock=waking.PUMP_TASK, pass_context=True)
def pump(context: JobContext) -> None:
    """Send what is due, for a while. A worker that gives `stopping` is not kept waiting for long."""
    stopping: Callable[[], bool] = context.additional_context.get(STOPPING, lambda: False)
    attempts = Pump(stopping=stopping, hand_over=waking.queue_pump).run(
        linger=LINGER_SECONDS, longest=LONGEST_SECONDS
    )
    logger.debug("a pump made %s attempts", attempts)


@app.periodic(cron="* * * * * */5")
@app.task(name="webhooks.sweep", queue=waking.QUEUE, queueing_lock="webhooks.sweep")
def sweep(timestamp: int) -> None:  # noqa: ARG001 - given by the periodic deferrer
    """Retries that have come due, and whatever a killed process left behind, get a pump."""
    sweeping.find_untended()


@app.periodic(cron="* * * * *")
@app.task(name="webhooks.tidy", queue=waking.QUEUE, queueing_lock="webhooks.tidy")
def tidy(timestamp: int) -> None:  # noqa: ARG001
    """Deliveries whose time is up become dead letters; what was forgotten is picked up."""
    sweeping.tidy()


@app.periodic(cron="23 1 * * *")
@app.task(name="webhooks.retention", queue=waking.QUEUE, queueing_lock="webhooks.retention")
def clean(timestamp: int) -> None:  # noqa: ARG001
    """Deliveries and events that have served their time are deleted."""
    retention.clean()


@app.periodic(cron="41 * * * *")
@app.task(name="webhooks.clean_jobs", queue=waking.QUEUE, queueing_lock="webhooks.clean_jobs")
def clean_jobs(timestamp: int) -> None:  # noqa: ARG001
    """Finished jobs of this queue are deleted every hour."""
    retention.clean_jobs()
