"""What has served its time is deleted, in batches: deliveries, then events and payloads nobody needs any more."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from packhouse.kernel import clock, settings_store

BATCH = 5000

_DELIVERIES = """
DELETE FROM webhooks_delivery WHERE id IN (
    SELECT id FROM webhooks_delivery
    WHERE created_date < %(before)s AND modified_date < %(before)s AND state IN ('delivered', 'dead')
    LIMIT %(batch)s)
"""
_GAPS = """
DELETE FROM webhooks_gap g WHERE NOT EXISTS (
    SELECT FROM webhooks_delivery d WHERE d.subject = g.subject AND d.subscriber_id = g.subscriber_id)
"""
_EVENTS = """
WITH expired AS (
    DELETE FROM kernel_event WHERE cursor IN (
        SELECT e.cursor FROM kernel_event e
        WHERE e.cursor > %(after)s AND e.created_date < %(before)s
            AND NOT EXISTS (SELECT FROM webhooks_delivery d WHERE d.event_id = e.cursor)
        ORDER BY e.cursor LIMIT %(batch)s)
    RETURNING cursor, payload_id
), noted AS (
    UPDATE webhooks_feedstart SET expired_cursor = greatest(expired_cursor, (SELECT max(cursor) FROM expired))
    WHERE EXISTS (SELECT FROM expired)
)
SELECT max(cursor), count(*), array_agg(DISTINCT payload_id) FROM expired
"""
_PAYLOADS = """
DELETE FROM kernel_payload p WHERE p.id = ANY(%(ids)s)
    AND NOT EXISTS (SELECT FROM kernel_event e WHERE e.payload_id = p.id)
"""
_JOBS = """
DELETE FROM procrastinate_jobs j WHERE j.queue_name = 'webhooks' AND j.status = 'succeeded' AND NOT EXISTS (
    SELECT FROM procrastinate_events e WHERE e.job_id = j.id AND e.at > %(since)s)
"""


def clean() -> None:
    """Delivered and dead deliveries after `WEBHOOKS.retention_weeks`, events after `RETENTION.feed_days`.

    What waits is never deleted, nor the event it tells of.
    """
    now = clock.now()
    weeks = settings_store.get("WEBHOOKS")["retention_weeks"]
    while _run(_DELIVERIES, before=now - timedelta(weeks=weeks), batch=BATCH) == BATCH:
        pass
    _run(_GAPS)
    days = settings_store.get("RETENTION")["feed_days"]
    if days is not None:
        _clean_feed(now - timedelta(days=days))


def _clean_feed(before: datetime) -> None:
    after, found = 0, BATCH
    while found == BATCH:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_EVENTS, {"after": after, "before": before, "batch": BATCH})
            last, found, payloads = cursor.fetchone()
            if found:
                after = last
                cursor.execute(_PAYLOADS, {"ids": payloads})


def clean_jobs() -> None:
    """Jobs of this queue are many and of no interest once they are done."""
    _run(_JOBS, since=clock.now() - timedelta(hours=1))


def _run(statement: str, **parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount
