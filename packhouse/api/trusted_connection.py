"""Sparing a database connection that worked moments ago the question whether it still does.

Django asks once a request (`CONN_HEALTH_CHECKS`), which is a statement more for each of them. Where the
database has gone away within these seconds, the caller reads 503 and sends the request again.
"""

import time

from django.db import connection

SECONDS = 5.0


def note_answer() -> None:
    """The database has answered this thread."""
    connection.last_answered = time.monotonic()  # type: ignore[attr-defined]


def trust() -> None:
    """At the start of a request: a connection that answered less than five seconds ago is alive."""
    last = getattr(connection, "last_answered", None)
    if last is not None and time.monotonic() - last < SECONDS:
        connection.health_check_done = True  # type: ignore[attr-defined]
