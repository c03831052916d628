"""Bringing the database to this version of the program."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from packhouse.cli.progress import Bar, bar

# Two processes that start together must not migrate together.
_LOCK = 7_225_001


def missing() -> list[str]:
    """Migrations the database does not have yet, as `app.name`, in the order they would run."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def require_all() -> None:
    """Raises click.ClickException when migrations are missing or the database does not answer."""
    with _explained():
        names = missing()
    if names:
        raise click.ClickException(
            f"The database lacks {len(names)} migrations (the first: {names[0]}). "
            "Run `packhouse setup migrate` (or `packhouse run`, which does it), then start this again."
        )


def migrate() -> int:
    """Run what is missing, with a bar; how many there were. One process at a time."""
    with _explained(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            names = missing()
            if names:
                with bar("Bringing the database up to date", len(names)) as progress:
                    call_command("migrate", interactive=False, verbosity=1, stdout=_Applied(progress))
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    return len(names)


class _Applied:
    """A stream that moves the bar: Django writes `  Applying x...` and then ` OK` for each migration."""

    def __init__(self, progress: Bar) -> None:
        self._progress = progress

    def write(self, text: str) -> None:
        if text.strip() == "OK":
            self._progress.advance()

    def flush(self) -> None:
        """Nothing is kept back."""

    def isatty(self) -> bool:
        return False


@contextmanager
def _explained() -> Iterator[Any]:
    try:
        yield
    except DatabaseError as error:
        raise click.ClickException(f"The database does not do its part: {str(error).strip()}") from error
