"""The installation's version: one number that every change of states, transitions or settings raises.

Caches in each process compare it; reading it costs one statement a second.
"""

import time

from django.db import connection, transaction

KNOWN_FOR_SECONDS = 1.0

# Microseconds since 1970 rather than +1: a number given back by a rollback must not be given out again,
# or a process that saw the first one would take the second for the same.
_RAISE = """
UPDATE kernel_machineversion
SET version = GREATEST(version + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
"""


class _Known:
    version: int = 0
    until: float = 0.0


def current() -> int:
    """The version, at most a second old."""
    if time.monotonic() < _Known.until:
        return _Known.version
    return read_now()


def read_now() -> int:
    """The version as the database has it at this moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM kernel_machineversion")
        row = cursor.fetchone()
    _Known.version = row[0] if row else 0
    _Known.until = time.monotonic() + KNOWN_FOR_SECONDS
    return _Known.version


def raise_version() -> None:
    """Tell every process to read anew. Part of the caller's transaction; this process looks at the commit."""
    with connection.cursor() as cursor:
        cursor.execute(_RAISE)
    transaction.on_commit(forget)


def forget() -> None:
    """Let the next `current()` ask the database."""
    _Known.until = 0.0
