"""Orders that wait to be planned, worked off many at a time, oldest first.

Every order has a job of its own, which is the promise that it will be planned. Whoever runs one of them takes
the others that wait along: they are locked, planned and deleted in one transaction, so that a planner that is
killed leaves them as they were, and nothing is planned twice.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from django.db import connection

from packhouse.commands.planning.plan_order import plan_orders
from packhouse.commands.planning.previous import previous_of
from packhouse.orders.messages import PlanOrder

log = logging.getLogger(__name__)

BATCH = 200
LOOKED_AT = 5_000
"""Jobs that are put in order at once."""
SECONDS = 30.0
"""After this long the job ends, so that a worker that is to end is not kept."""

# One thread of a process: the others are for orders that come in meanwhile.
_alone = Lock()

# One that failed with others (`attempts`) is left to its own job, which is retried and then parked.
_WAITING = """
SELECT j.id, o.id, (j.args ->> 'previous_package_id')::bigint
FROM procrastinate_jobs j JOIN orders_order o ON o.id = (j.args ->> 'order_id')::bigint
WHERE j.status = 'todo' AND j.task_name = %(task)s AND j.attempts = 0
    AND (j.scheduled_at IS NULL OR j.scheduled_at <= now())
ORDER BY o.date_placed, o.id, j.id LIMIT %(limit)s
"""
_TAKE = """
SELECT id FROM procrastinate_jobs WHERE id = ANY(%(jobs)s::bigint[]) AND status = 'todo' AND attempts = 0
FOR UPDATE SKIP LOCKED
"""
_SETTLE = "DELETE FROM procrastinate_jobs WHERE id = ANY(%(jobs)s::bigint[])"
_LEAVE = """
UPDATE procrastinate_jobs SET attempts = attempts + 1 WHERE id = ANY(%(jobs)s::bigint[]) AND status = 'todo'
"""


@dataclass
class _Jobs:
    """The jobs of some orders, as `Claims`."""

    of: dict[int, list[int]] = field(default_factory=dict)
    previous: set[int] = field(default_factory=set)
    _mine: set[int] = field(default_factory=set)

    def add(self, job_id: int, order_id: int, previous: int | None) -> None:
        self.of.setdefault(order_id, []).append(job_id)
        if previous is not None:
            self.previous.add(previous)

    def take(self, order_ids: Sequence[int]) -> list[int]:
        taken = {row[0] for row in _fetch(_TAKE, jobs=self._jobs(order_ids))}
        self._mine = taken
        return [order_id for order_id in order_ids if taken.intersection(self.of[order_id])]

    def settle(self, order_ids: Sequence[int]) -> None:
        _run(_SETTLE, jobs=[job for job in self._jobs(order_ids) if job in self._mine])

    def leave(self, order_ids: Sequence[int]) -> None:
        """To their own jobs."""
        _run(_LEAVE, jobs=self._jobs(order_ids))

    def _jobs(self, order_ids: Sequence[int]) -> list[int]:
        return [job for order_id in order_ids for job in self.of[order_id]]


def work_off(stopping: Callable[[], bool], *, batch: int = BATCH, seconds: float = SECONDS) -> int:
    """Plan what waits until nothing does, `stopping` says so, or the time is over; how many orders were planned.

    One that fails is left to its own job. Nothing is done while another thread of this process is at it.
    """
    if not _alone.acquire(blocking=False):
        return 0
    try:
        return sum(_planned(jobs) for jobs in _batches(stopping, batch, time.monotonic() + seconds))
    finally:
        _alone.release()


def _batches(stopping: Callable[[], bool], size: int, deadline: float) -> Iterator[_Jobs]:
    while True:
        waiting = _fetch(_WAITING, task=PlanOrder.task, limit=LOOKED_AT)
        for start in range(0, len(waiting), size):
            if stopping() or time.monotonic() > deadline:
                return
            jobs = _Jobs()
            for row in waiting[start : start + size]:
                jobs.add(*row)
            yield jobs
        if len(waiting) < LOOKED_AT:
            return


def _planned(jobs: _Jobs) -> int:
    results = plan_orders(list(jobs.of), previous=previous_of(jobs.previous), claims=jobs)
    failed = [order_id for order_id, result in results.items() if isinstance(result, Exception)]
    if failed:
        log.warning("%s orders of a batch could not be planned: %s", len(failed), json.dumps(failed))
        jobs.leave(failed)
    return len(results) - len(failed)


def _fetch(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _run(statement: str, **parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
