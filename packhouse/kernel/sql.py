"""Statements on the default connection.

What commands and readers run many times a second goes past Django's cursor layers: they cost more Python time
than psycopg itself. Where somebody listens to statements (`execute_wrapper`, query logging), they hear them all.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

Parameters = Mapping[str, Any] | Sequence[Any] | None


def run(text: str, parameters: Parameters = None) -> int:
    """How many rows the statement wrote or found. Raises Django's database errors, as all of these do."""
    return int(_execute(text, parameters).rowcount)


def row(text: str, parameters: Parameters = None) -> Any:
    """The first row of the answer as a tuple; None where there is none."""
    return _execute(text, parameters).fetchone()


def rows(text: str, parameters: Parameters = None) -> list[Any]:
    """All rows of the answer as tuples."""
    return list(_execute(text, parameters).fetchall())


def _execute(text: str, parameters: Parameters) -> Any:
    """A cursor with the whole answer, good until the next statement of this thread."""
    database = connections["default"]
    if database.execute_wrappers or database.queries_logged:
        cursor = database.cursor()
        cursor.execute(text, parameters)
        return cursor
    if database.needs_rollback:
        database.validate_no_broken_transaction()
    if not database.in_atomic_block:
        database.close_if_health_check_failed()
        database.ensure_connection()
    with database.wrap_database_errors:
        return _cursor(database).execute(text, parameters)


def _cursor(database: BaseDatabaseWrapper) -> Any:
    """One cursor per connection: every answer is read before the next statement."""
    cursor = getattr(database, "_packhouse_cursor", None)
    if cursor is None or cursor.closed or cursor.connection is not database.connection:
        cursor = database.create_cursor()
        database._packhouse_cursor = cursor  # type: ignore[attr-defined]  # noqa: SLF001
    return cursor
