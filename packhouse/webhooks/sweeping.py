"""What time alone changes: untended work (looked at every few seconds), ladders and hooks whose time is up."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection

from packhouse.kernel import clock, settings_store
from packhouse.webhooks import desk, recording, waking

UNTENDED_AFTER = timedelta(seconds=1)
SWITCHED_OFF_FOR = timedelta(hours=24)
BATCH = 1000
MOST_BATCHES = 50

_UNTENDED = """
SELECT EXISTS (
    SELECT FROM webhooks_target t JOIN webhooks_subscriber s ON s.target_id = t.id CROSS JOIN LATERAL (
        SELECT FROM webhooks_delivery d
        WHERE d.subscriber_id = s.id AND d.state IN ('waiting', 'retrying') AND d.next_attempt_date <= %(since)s
            AND (d.claimed_until IS NULL OR d.claimed_until <= %(since)s)
        LIMIT 1) due
    WHERE (t.leased_until IS NULL OR t.leased_until <= %(now)s) AND (t.open_until IS NULL OR t.open_until <= %(now)s))
"""

# The ladder ends when it ends: what would be tried if its target were not left alone is given up then.
_RUN_OUT = """
SELECT s.target_id, d.id FROM webhooks_target t JOIN webhooks_subscriber s ON s.target_id = t.id
    JOIN webhooks_delivery d ON d.subscriber_id = s.id JOIN webhooks_hook h ON h.id = d.hook_id
WHERE t.open_until > %(now)s AND d.state IN ('waiting', 'retrying') AND d.next_attempt_date <= %(now)s
    AND (d.claimed_until IS NULL OR d.claimed_until <= %(now)s)
    AND d.ladder_date + make_interval(secs => h.ladder_seconds) <= %(now)s
ORDER BY d.id LIMIT %(most)s
"""

_ABANDONED = """
SELECT s.target_id, d.id FROM webhooks_hook h JOIN webhooks_subscriber s ON s.id = h.subscriber_id
    JOIN webhooks_delivery d ON d.subscriber_id = s.id AND d.hook_id = h.id
WHERE NOT h.is_active AND h.disabled_date <= %(since)s AND d.state IN ('waiting', 'retrying', 'held')
ORDER BY d.id LIMIT %(most)s
"""

_FORGOTTEN = """
SELECT s.target_id, d.id FROM webhooks_delivery d JOIN webhooks_subscriber s ON s.id = d.subscriber_id
    JOIN webhooks_hook h ON h.id = d.hook_id AND h.is_active
WHERE d.state = 'held' AND d.modified_date <= %(since)s AND NOT EXISTS (
    SELECT FROM webhooks_delivery p JOIN webhooks_hook ph ON ph.id = p.hook_id AND ph.is_active
    WHERE p.subscriber_id = d.subscriber_id AND p.subject = d.subject AND p.sequence < d.sequence
        AND p.strict_order AND p.state IN ('waiting', 'retrying', 'held'))
LIMIT %(most)s
"""
_UNHOLD = """
UPDATE webhooks_delivery SET state = 'waiting', next_attempt_date = %(now)s, modified_date = %(now)s
WHERE id = ANY(%(ids)s) AND state = 'held'
"""


def find_untended() -> None:
    """Queue a pump when something has been due for a second and nobody tends it."""
    now = clock.now()
    waking.forget_dead_pumps()
    with connection.cursor() as cursor:
        cursor.execute(_UNTENDED, {"now": now, "since": now - UNTENDED_AFTER})
        untended = cursor.fetchone()[0]
    if untended:
        waking.queue_pump()


def tidy() -> None:
    """Give up what has had its time, pick up what was forgotten, close exceptions that are mended."""
    now = clock.now()
    for step in (bury_run_out, bury_abandoned, pick_up_forgotten):
        for _batch in range(MOST_BATCHES):
            if step(now) < BATCH:
                break
    recording.resolve_mended(now)


def bury_run_out(now: datetime) -> int:
    """Give up what is past the end of its ladder under an open breaker; how many."""
    return _bury(_found(_RUN_OUT, now, now), "ladder_ended", now)


def bury_abandoned(now: datetime) -> int:
    """Give up what a hook switched off a day ago still has; how many."""
    return _bury(_found(_ABANDONED, now, now - SWITCHED_OFF_FOR), "hook_inactive", now)


def pick_up_forgotten(now: datetime) -> int:
    """Let go what is held behind nothing, untouched for `WHISPERER_EVENT_QUEUE_DELAY_SECOND`; how many."""
    untouched = timedelta(seconds=settings_store.get("WHISPERER_EVENT_QUEUE_DELAY_SECOND"))
    found = _found(_FORGOTTEN, now, now - untouched)
    for target_id, ids in found.items():
        with desk.locked(target_id), connection.cursor() as cursor:
            cursor.execute(_UNHOLD, {"ids": ids, "now": now})
    return sum(map(len, found.values()))


def _found(statement: str, now: datetime, since: datetime) -> dict[int, list[int]]:
    """Ids of deliveries by target."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"now": now, "since": since, "most": BATCH})
        rows: Iterable[tuple[int, int]] = cursor.fetchall()
    by_target: dict[int, list[int]] = defaultdict(list)
    for target_id, id_ in rows:
        by_target[target_id].append(id_)
    return by_target


def _bury(found: dict[int, list[int]], kind: str, now: datetime) -> int:
    buried = 0
    for target_id, ids in found.items():
        with desk.locked(target_id):
            buried += recording.bury(ids, kind, now)
    return buried
