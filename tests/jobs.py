"""What stands in the job queue."""

import json
from typing import Any

from django.db import connection


def waiting_jobs(task: str) -> list[dict[str, Any]]:
    """The arguments of waiting jobs of one task, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args::text FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo' ORDER BY id",
            [task],
        )
        return [json.loads(row[0]) for row in cursor.fetchall()]


def take_jobs(task: str) -> list[dict[str, Any]]:
    """The arguments of waiting jobs of one task, oldest first; they are gone from the queue."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo' RETURNING id, args::text",
            [task],
        )
        return [json.loads(args) for _, args in sorted(cursor.fetchall())]
