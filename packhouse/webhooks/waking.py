"""Getting a pump to run soon after a commit, without a job per event.

A transaction that made deliveries looks, after its commit and at most every 100 ms per process, whether a pump
is alive; only when none is, it queues one. A pump that ends says so first and then looks once more, so that
nothing committed in between is overlooked; what is overlooked all the same, the sweep finds.
"""

import contextlib
import time
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from packhouse.kernel import clock
from packhouse.webhooks.models import Pump

PUMP_TASK: Final = "webhooks.pump"
QUEUE: Final = "webhooks"
AT_MOST_EVERY: Final = 0.1
ALIVE_FOR: Final = timedelta(seconds=3)

_ALIVE = "SELECT EXISTS (SELECT FROM webhooks_pump WHERE alive_until > %s)"
_SAY_ALIVE = """
INSERT INTO webhooks_pump (id, alive_until) VALUES (%(id)s, %(until)s)
ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until
"""


class _Woken:
    at: float = float("-inf")


def after_commit() -> None:
    """Wake a pump when the present transaction is through; a failure to do so is logged, not raised."""
    transaction.on_commit(wake, robust=True)


def wake() -> None:
    """Have a pump run, unless one does or this process has seen to it just now."""
    if time.monotonic() - _Woken.at < AT_MOST_EVERY:
        return
    _Woken.at = time.monotonic()
    if not is_pump_alive():
        queue_pump()


def queue_pump() -> None:
    """Queue one pump; when one is queued already, that is enough, also to a transaction that goes on."""
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(PUMP_TASK, queue=QUEUE, queueing_lock=PUMP_TASK).defer()


def is_pump_alive() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_ALIVE, [clock.now()])
        return bool(cursor.fetchone()[0])


def say_alive(pump: UUID) -> None:
    """A pump is at work, and will look for new deliveries again and again."""
    with connection.cursor() as cursor:
        cursor.execute(_SAY_ALIVE, {"id": pump, "until": clock.now() + ALIVE_FOR})


def say_ended(pump: UUID) -> None:
    """It will not look again."""
    Pump.objects.filter(pk=pump).delete()


def forget_dead_pumps() -> None:
    Pump.objects.filter(alive_until__lt=clock.now()).delete()
