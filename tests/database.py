"""A database of its own for every test process, copied from a template that is migrated, and its machine
installed, once.

The template's name carries a digest of all migrations, so it is made again when one changes. A test that
commits gets a fresh copy afterwards, which is faster than truncating the tables and keeps what the
migrations put into them.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from config.settings import database_from_url
from packhouse.commands.installation import DEFAULTS, STATES, install_defaults

TEMPLATES = "packhouse_template_"
COPIES = "packhouse_test_"
LOCK = 7_225_533

Connection = psycopg.Connection[tuple[str, ...]]


class TestProcessDatabase:
    """The database of this test process. Its connection to the server, named like the database, says that
    it is in use; a database without one belongs to a killed run and is dropped by the next."""

    __test__ = False

    def __init__(self, server: Connection, name: str) -> None:
        self._server = server
        self.name = name
        self.url = _address(name)
        self._template = TEMPLATES + digest_of_migrations()

    @classmethod
    def make(cls) -> Self:
        """Make the template when it is missing and copy it."""
        name = COPIES + secrets.token_hex(4)
        server = psycopg.connect(_address("postgres"), autocommit=True, application_name=name)
        database = cls(server, name)
        with database._alone():
            database._drop_leftovers()
            if database._template not in database._names(TEMPLATES):
                database._make_template()
            database._copy()
        return database

    def renew(self) -> None:
        """Back to the state after the migrations. Whoever is still connected is thrown out."""
        connections.close_all()
        self._drop(self.name)
        with self._alone():
            self._copy()

    def drop(self) -> None:
        connections.close_all()
        self._drop(self.name)
        self._server.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time: a template cannot be copied while anybody is connected to it."""
        self._server.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            self._server.execute("SELECT pg_advisory_unlock(%s)", [LOCK])

    def _copy(self) -> None:
        self._server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(self.name), sql.Identifier(self._template)
            )
        )

    def _make_template(self) -> None:
        unfinished = f"{COPIES}unfinished"
        self._drop(unfinished)
        self._server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
        use(_address(unfinished))
        call_command("migrate", verbosity=0, interactive=False)
        install_defaults()
        connections.close_all()
        self._server.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(unfinished), sql.Identifier(self._template)
            )
        )

    def _drop_leftovers(self) -> None:
        for template in self._names(TEMPLATES):
            if template != self._template:
                self._drop(template)
        used = {row[0] for row in self._server.execute("SELECT application_name FROM pg_stat_activity")}
        for copy in self._names(COPIES):
            if copy not in used:
                self._drop(copy)

    def _names(self, prefix: str) -> list[str]:
        rows = self._server.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
        )
        return [row[0] for row in rows]

    def _drop(self, name: str) -> None:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        for _ in range(40):
            try:
                self._server.execute(statement)
            except psycopg.errors.InsufficientPrivilege:
                time.sleep(0.25)  # an autovacuum worker of the server's own is in there, and soon through
            else:
                return
        self._server.execute(statement)


def use(url: str) -> None:
    """Point Django, and the processes a test starts, at another database."""
    connections.close_all()
    # Django was set up before the test server was there, so its settings are corrected in place.
    connections["default"].settings_dict.update(database_from_url(url))
    os.environ["DATABASE_URL"] = url


def digest_of_migrations() -> str:
    """Changes whenever the database after `migrate` and the installation of the machine may be another."""
    digest = hashlib.sha256(f"{version('django')} {version('procrastinate')}".encode())
    digest.update(repr([DEFAULTS, [list(states) for states in STATES.values()]]).encode())
    for app in apps.get_app_configs():
        folder = Path(app.path) / "migrations"
        digest.update(app.name.encode())
        for file in sorted([*folder.rglob("*.py"), *folder.rglob("*.sql")]):
            digest.update(str(file.relative_to(folder)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _address(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
