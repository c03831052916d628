"""The circuit breaker: a host that does not answer is left alone, by all workers, until a probe succeeds."""

import logging
from datetime import datetime, timedelta

from django.db import connection

from packhouse.kernel import clock

logger = logging.getLogger(__name__)

FAILURES = 5
WITHIN = timedelta(seconds=60)
OPEN_FOR = timedelta(seconds=30)
PROBE_AT_MOST = timedelta(seconds=150)  # longer than any time-out: a probe whose process died is forgotten
ASK_AGAIN = timedelta(seconds=1)

_READ = "SELECT open_until FROM integrations_circuit WHERE key = %s"
_PROBE = """
UPDATE integrations_circuit SET probe_until = %(until)s
WHERE key = %(key)s AND open_until <= %(now)s AND (probe_until IS NULL OR probe_until <= %(now)s)
RETURNING key
"""
_CLOSE = """
UPDATE integrations_circuit SET failed_dates = '{}', open_until = NULL, probe_until = NULL
WHERE key = %s AND (open_until IS NOT NULL OR failed_dates <> '{}')
"""
_FAIL = """
INSERT INTO integrations_circuit AS c (key, failed_dates) VALUES (%(key)s, ARRAY[%(now)s::timestamptz])
ON CONFLICT (key) DO UPDATE SET
    failed_dates = (c.failed_dates || %(now)s::timestamptz)[greatest(1, cardinality(c.failed_dates) + 2 - %(most)s):],
    probe_until = NULL,
    open_until = CASE
        WHEN c.open_until IS NOT NULL THEN %(until)s::timestamptz
        WHEN cardinality(c.failed_dates) >= %(most)s - 1
            AND c.failed_dates[cardinality(c.failed_dates) + 2 - %(most)s] > %(since)s::timestamptz
        THEN %(until)s::timestamptz END
RETURNING open_until
"""


class Open(Exception):
    """The circuit is open; nothing may be sent before `until`."""

    def __init__(self, key: str, until: datetime) -> None:
        super().__init__(f"{key} is left alone until {until:%H:%M:%S}")
        self.until = until


def enter(key: str) -> None:
    """Ask before a call. Raises Open; after its time one caller is let through as the probe."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_READ, [key])
        row = cursor.fetchone()
        if row is None or row[0] is None:
            return
        if row[0] > now:
            raise Open(key, row[0])
        cursor.execute(_PROBE, {"key": key, "now": now, "until": now + PROBE_AT_MOST})
        if cursor.fetchone() is None:
            # As a rule the probe ends long before its limit, so the others ask again soon.
            raise Open(key, now + ASK_AGAIN)


def succeeded(key: str) -> None:
    """The host answered: the circuit is closed."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, [key])


def failed(key: str) -> None:
    """The host did not answer, or with 5xx. Five in a row within a minute open the circuit."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            _FAIL,
            {"key": key, "now": now, "until": now + OPEN_FOR, "since": now - WITHIN, "most": FAILURES},
        )
        opened = cursor.fetchone()[0]
    if opened is not None:
        logger.warning("circuit to %s open until %s", key, opened)
