"""Locks that belong to no row: held by a database session, gone with it, so that a killed process frees them."""

import hashlib
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection

# Asked often at first, then ever less: many who wait long for a slow neighbour must not busy the database.
_POLL_SECONDS, _LONGEST_POLL_SECONDS = 0.02, 0.25


class NotFree(Exception):
    """Nobody let go of the lock within the time."""


@contextmanager
def held(name: str, *, wait: float, places: int = 1) -> Iterator[None]:
    """Hold one of `places` places under `name` within the block, across all processes.

    Waits up to `wait` seconds; raises NotFree. No transaction is opened and no row is locked.
    """
    key = _take(name, wait, places)
    try:
        yield
    finally:
        _give_back(key)


def _take(name: str, wait: float, places: int) -> int:
    deadline = time.monotonic() + wait
    keys = [_key(name, place) for place in range(places)]
    random.shuffle(keys)
    poll = _POLL_SECONDS
    while True:
        for key in keys:
            if _ask("SELECT pg_try_advisory_lock(%s)", key):
                return key
        if time.monotonic() >= deadline:
            raise NotFree(name)
        time.sleep(poll * random.uniform(0.5, 1.5))  # noqa: S311 - only spreads the waiting
        poll = min(poll * 1.3, _LONGEST_POLL_SECONDS)


def _give_back(key: int) -> None:
    try:
        _ask("SELECT pg_advisory_unlock(%s)", key)
    except DatabaseError:
        connection.close()  # the session is broken; its end frees the lock


def _ask(statement: str, key: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [key])
        return bool(cursor.fetchone()[0])


def _key(name: str, place: int) -> int:
    digest = hashlib.sha256(f"{name}#{place}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
