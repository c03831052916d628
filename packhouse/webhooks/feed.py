"""The feed: every event in one order, from any point on (page 60, "After an outage").

Cursors are drawn before their transaction commits, so a higher one may be seen before a lower one. An event is
shown only when no lower cursor can still appear: a *mark* says "cursors up to C were seen while these
transactions were writing events"; once none of them is under way any more, everything up to C is final.
Comparing the transaction ids of the events would not be enough: a younger transaction may hold the lower cursor.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from packhouse.webhooks.models import FeedStart

MOST_EVENTS: Final = 1000
LONGEST_WAIT: Final = 30.0
SETTLE_SECONDS: Final = 0.5
LOOK_EVERY: Final = 0.2
SETTLING_EVERY: Final = 0.02
MOST_WAITING: Final = 4
"""Requests of one process that may wait at a time; the others are answered with what there is."""

# Whoever inserts an event holds this lock from before its cursor is drawn until its rows can be seen.
_LOOK = """
SELECT coalesce((SELECT max(cursor) FROM kernel_event), 0), current_database(), coalesce((
    SELECT array_agg(l.virtualtransaction) FROM pg_locks l
    WHERE l.locktype = 'relation' AND l.relation = 'kernel_event'::regclass AND l.mode = 'RowExclusiveLock'
        AND l.pid <> pg_backend_pid()
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())), '{}')
"""
_READ = """
SELECT e.cursor, e.uuid, e.type, e.subject, e.sequence, e.created_date, p.body
FROM kernel_event e JOIN kernel_payload p ON p.id = e.payload_id
WHERE e.cursor > %(after)s AND e.cursor <= %(final)s
    AND (%(type)s::text IS NULL OR e.type = %(type)s) AND (%(subject)s::text IS NULL OR e.subject = %(subject)s)
    AND (%(channels)s::bigint[] IS NULL OR e.channel_id = ANY(%(channels)s))
    AND (%(codes)s::text[] IS NULL OR e.erp_codes && %(codes)s::varchar[])
ORDER BY e.cursor LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One event; `payload` as stored text."""

    cursor: int
    uuid: UUID
    type: str
    subject: str
    sequence: int
    created_date: datetime
    payload: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asks for. `channel_ids`, `erp_codes`: all it may see; None: everything."""

    after: int = 0
    limit: int = 100
    type: str | None = None
    subject: str | None = None
    channel_ids: Sequence[int] | None = None
    erp_codes: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """`next_after`: where to go on; past everything that was looked at, also what a filter left out."""

    rows: Sequence[Row]
    next_after: int


class CursorTooOld(Exception):
    """The retention has deleted events after this cursor; `oldest` is the first one left (None: there is none)."""

    def __init__(self, oldest: int | None) -> None:
        super().__init__(f"the oldest event is {oldest}")
        self.oldest = oldest


class _Horizon:
    """How far the feed is final, as this process has found out. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._database: str | None = None
        self._forget()

    def _forget(self) -> None:
        self.final = 0
        self._marks: list[tuple[int, frozenset[str]]] = []

    def look(self) -> bool:
        """Find out anew; whether everything that can be seen now is final.

        One look at a time: an older one must not be taken for the newer.
        """
        with self._lock, connection.cursor() as cursor:
            cursor.execute(_LOOK)
            highest, database, writing = cursor.fetchone()
            if database != self._database or highest < self.final:
                self._database = database
                self._forget()
            self._settle(highest, frozenset(writing))
            return self.final >= highest

    def _settle(self, highest: int, writing: frozenset[str]) -> None:
        # A transaction that was missed once has ended; its number is not used again.
        marks = [*self._marks, (highest, writing)] if highest > self._highest_marked else self._marks
        self._marks = [(cursor, still) for cursor, known in marks if (still := known & writing)]
        settled = [cursor for cursor, known in marks if not known & writing]
        self.final = max([self.final, *settled])

    @property
    def _highest_marked(self) -> int:
        return self._marks[-1][0] if self._marks else self.final


_horizon = _Horizon()
_waiting = threading.BoundedSemaphore(MOST_WAITING)


def read(wanted: Wanted, *, wait: float = 0.0) -> Batch:
    """The next events. With `wait` up to so many seconds for the first one, in at most `MOST_WAITING` threads.

    Raises CursorTooOld. Must not be called inside a transaction.
    """
    _check_start(wanted.after)
    may_wait = wait > 0 and _waiting.acquire(blocking=False)
    try:
        until = time.monotonic() + (min(wait, LONGEST_WAIT) if may_wait else 0.0)
        settled_by = time.monotonic() + SETTLE_SECONDS
        while True:
            all_final = _horizon.look()
            batch = _read(wanted, _horizon.final)
            now = time.monotonic()
            if batch.rows or now >= (until if all_final else max(until, settled_by)):
                return batch
            time.sleep(LOOK_EVERY if all_final else SETTLING_EVERY)
    finally:
        if may_wait:
            _waiting.release()


def _check_start(after: int) -> None:
    """0 is the beginning, wherever that is now."""
    expired = FeedStart.objects.values_list("expired_cursor", flat=True).get()
    if 0 < after < expired:
        with connection.cursor() as cursor:
            cursor.execute("SELECT min(cursor) FROM kernel_event")
            raise CursorTooOld(cursor.fetchone()[0])


def _read(wanted: Wanted, final: int) -> Batch:
    parameters: dict[str, Any] = {
        "after": wanted.after,
        "final": final,
        "type": wanted.type,
        "subject": wanted.subject,
        "channels": None if wanted.channel_ids is None else list(wanted.channel_ids),
        "codes": None if wanted.erp_codes is None else list(wanted.erp_codes),
        "limit": wanted.limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_READ, parameters)
        rows = [Row(*row) for row in cursor.fetchall()]
    if len(rows) == wanted.limit:
        return Batch(rows, rows[-1].cursor)
    return Batch(rows, max(wanted.after, final))
