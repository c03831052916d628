"""Databases and folders for processes of their own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from packhouse import postgres
from tests.database import TestProcessDatabase


@pytest.fixture
def own_database(django_db_setup: None) -> Iterator[str]:
    """The address of a migrated database that only this test uses, with the default machine installed."""
    database = TestProcessDatabase.make()
    yield database.url
    database.drop()


@pytest.fixture
def environment(own_database: str) -> dict[str, str]:
    return {"DATABASE_URL": own_database, "PACKHOUSE_LOG_LEVEL": "INFO"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder every account may pass through (pytest's own is closed to that of PostgreSQL)."""
    path = Path(tempfile.mkdtemp(prefix="packhouse-"))
    path.chmod(0o755)
    yield path
    for lock in path.rglob("start.lock"):
        postgres.stop(lock.parent)
    shutil.rmtree(path)
