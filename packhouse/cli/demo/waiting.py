"""Waiting until the house is at rest: nothing queued that could be done now, nothing on its way."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from packhouse.cli.progress import Bar

LOOK_SECONDS = 0.25
# A timer's job may pass between two looks; work that is going on shows up in one of several.
LOOKS = 3
# Deliveries are counted by themselves; the rest of these queues is what the clock does.
_TIMERS = ["webhooks", "house", "builtin"]

_OPEN_JOBS = """
SELECT count(*) FROM procrastinate_jobs
WHERE status IN ('todo', 'doing') AND queue_name <> ALL(%(queues)s)
    AND (scheduled_at IS NULL OR scheduled_at <= now() + interval '10 seconds')
"""
_DUE_SHIPMENTS = "SELECT count(*) FROM shipments_shipment WHERE next_poll_date <= now()"
_OPEN_DELIVERIES = "SELECT count(*) FROM webhooks_delivery WHERE state IN ('waiting', 'retrying', 'held')"
_OPEN_REPORTS = "SELECT count(*) FROM orders_statusreport WHERE state = 'waiting'"


class NotAtRest(Exception):
    """Work went on for longer than it should have; the text says which."""


@dataclass(frozen=True)
class Open:
    """What is still to be done."""

    jobs: int
    deliveries: int
    reports: int

    def __bool__(self) -> bool:
        return bool(self.jobs or self.deliveries or self.reports)

    def __str__(self) -> str:
        return f"{self.jobs} jobs, {self.deliveries} webhooks, {self.reports} statuses for the back office"


def open_work() -> Open:
    """Jobs (timers apart, shipments they are about to ask for included), deliveries, status reports: not done yet."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_JOBS, {"queues": _TIMERS})
        jobs = cursor.fetchone()[0]
        cursor.execute(_DUE_SHIPMENTS)
        jobs += cursor.fetchone()[0]
        cursor.execute(_OPEN_DELIVERIES)
        deliveries = cursor.fetchone()[0]
        cursor.execute(_OPEN_REPORTS)
        return Open(jobs, deliveries, cursor.fetchone()[0])


def until_at_rest(look_after: Callable[[], None], progress: Bar, *, seconds: float) -> None:
    """Wait until everything is done; `look_after` is called meanwhile. Raises NotAtRest."""
    deadline, quiet, most = time.monotonic() + seconds, 0, 0
    while quiet < LOOKS:
        look_after()
        work = open_work()
        quiet = 0 if work else quiet + 1
        left = work.jobs + work.deliveries + work.reports
        most = max(most, left)
        progress.set(most - left, most)
        if quiet == 0 and time.monotonic() > deadline:
            raise NotAtRest(f"After {seconds:.0f} s there were still {work}.")
        time.sleep(LOOK_SECONDS)
