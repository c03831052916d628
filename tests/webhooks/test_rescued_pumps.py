"""Jobs of killed workers are queued again, also where another pump is queued already."""

from datetime import timedelta

import pytest
from django.db import connection

from packhouse.jobs.rescue import rescue_stalled_jobs
from packhouse.webhooks import waking


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("dead", "queued", "after"),
    [
        (1, False, ["todo"]),
        (1, True, ["aborted", "todo"]),
        (3, False, ["aborted", "aborted", "todo"]),
        (3, True, ["aborted", "aborted", "aborted", "todo"]),
    ],
)
def test_one_pump_is_enough(dead: int, queued: bool, after: list[str]) -> None:
    with connection.cursor() as cursor:
        for _ in range(dead):
            waking.queue_pump()
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'")
        if queued:
            waking.queue_pump()

        rescue_stalled_jobs(older_than=timedelta(0))

        cursor.execute("SELECT status::text FROM procrastinate_jobs ORDER BY id")
        assert [row[0] for row in cursor.fetchall()] == after
