"""A killed worker leaves its jobs `doing`; they are found by its missing heartbeat and queued again."""

from datetime import timedelta

from django.db import connection

from packhouse.kernel import clock

# A worker beats every 10 seconds. A job whose worker row is gone, or silent, is nobody's.
# One whose queueing lock is taken again by another job is not needed any more, and could not be queued beside it.
_RESCUE = """
WITH lost AS (
    SELECT j.id, EXISTS (
        SELECT FROM procrastinate_jobs o WHERE o.queueing_lock = j.queueing_lock
            AND (o.status = 'todo' OR (o.status = 'doing' AND o.id > j.id))) AS replaced
    FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
    WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < %(since)s)
    FOR UPDATE OF j SKIP LOCKED
)
UPDATE procrastinate_jobs j SET worker_id = NULL, scheduled_at = NULL,
    status = (CASE WHEN lost.replaced THEN 'aborted' ELSE 'todo' END)::procrastinate_job_status
FROM lost WHERE j.id = lost.id
"""


def rescue_stalled_jobs(*, older_than: timedelta) -> int:
    """Queue jobs again whose worker has not been heard of for `older_than`; how many. Tasks are repeatable."""
    with connection.cursor() as cursor:
        cursor.execute(_RESCUE, {"since": clock.now() - older_than})
        return int(cursor.rowcount)
