"""A worker for tests: runs what waits in the queue, inside the test's own transaction."""

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.db import connection
from procrastinate.contrib.django import app

from packhouse.integrations.failures import TemporaryFailure
from packhouse.integrations.patience import TryLater

QUEUES = ("omnitron", "orders", "setup")
_NEXT = """
SELECT id, task_name, args::text, attempts FROM procrastinate_jobs
WHERE status = 'todo' AND queue_name = ANY(%s) AND (scheduled_at IS NULL OR scheduled_at <= %s)
ORDER BY id LIMIT 1
"""


@dataclass
class Worked:
    """How many jobs ran, and which failures were put off."""

    done: int = 0
    put_off: int = 0


def work(*queues: str, now: Any = None, tries: int = 1) -> Worked:
    """Run waiting jobs, oldest first; one that asks to be run again is, up to `tries` times in all."""
    worked = Worked()
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_NEXT, [list(queues or QUEUES), now or "infinity"])
            row = cursor.fetchone()
            if row is None:
                return worked
            job_id, task, arguments, attempts = row
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job_id])
            try:
                run(task, json.loads(arguments), attempts)
            except (TemporaryFailure, TryLater):
                worked.put_off += 1
                state = "todo" if attempts + 1 < tries else "failed"
                cursor.execute(
                    "UPDATE procrastinate_jobs SET status = %s, attempts = attempts + 1 WHERE id = %s",
                    [state, job_id],
                )
            else:
                worked.done += 1
                cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [job_id])


def run(task: str, arguments: dict[str, Any], attempts: int = 0) -> None:
    """One job, as its task is called by a worker."""
    known = app.tasks[task]
    if known.pass_context:
        job = SimpleNamespace(attempts=attempts, id=1)
        known.func(SimpleNamespace(job=job, additional_context={}), **arguments)
    else:
        known.func(**arguments)
