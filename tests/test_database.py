"""The test database: every process has its own, and a test that commits leaves nothing behind."""

import os

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from tests.database import COPIES, TEMPLATES, TestProcessDatabase, digest_of_migrations, use

MARK = "left by a test"


def mark() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO locations_tag (name) VALUES (%s)", [MARK])


def marks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM locations_tag WHERE name = %s", [MARK])
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_is_gone_in_the_next(turn: int, database_url: str) -> None:
    assert marks() == 0
    mark()
    with psycopg.connect(database_url) as other:
        assert other.execute("SELECT name FROM locations_tag").fetchall() == [(MARK,)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_what_migrations_put_there_stays_after_a_test_that_commits(turn: int) -> None:
    assert ContentType.objects.filter(app_label="packages", model="package").exists()


@pytest.mark.django_db(transaction=True)
def test_a_connection_left_open_does_not_keep_the_database(database_url: str) -> None:
    left_open = psycopg.connect(database_url)
    left_open.execute("SELECT 1")


@pytest.mark.django_db
@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_does_not_commit_is_gone_too(turn: int) -> None:
    assert marks() == 0
    mark()


@pytest.mark.django_db
def test_the_database_is_a_copy_of_the_template_of_these_migrations(database_url: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone()[0].startswith(COPIES)
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEMPLATES])
        assert (TEMPLATES + digest_of_migrations(),) in cursor.fetchall()
    assert os.environ["DATABASE_URL"] == database_url


@pytest.mark.django_db(transaction=True)
def test_databases_of_killed_runs_are_dropped_and_those_in_use_are_not(database_url: str) -> None:
    own = str(connection.settings_dict["NAME"])
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {COPIES}of_a_killed_run".encode())
    try:
        other = TestProcessDatabase.make()
        with psycopg.connect(other.url) as there:
            rows = there.execute("SELECT datname FROM pg_database").fetchall()
        other.drop()
    finally:
        use(database_url)

    assert {(own,), (other.name,)} <= set(rows)
    assert (f"{COPIES}of_a_killed_run",) not in rows
