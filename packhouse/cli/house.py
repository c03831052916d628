"""Opening the installation: its folder, its database, its secret key; then Django can be set up."""

import contextlib
import importlib
import logging
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import django
from django.db import connections

from packhouse import postgres

SETTINGS_MODULE = "config.settings"
KEY_FILE = "secret-key"


@dataclass(frozen=True)
class House:
    """An opened installation. `embedded`: its database is the one in the data folder."""

    data: Path
    database_url: str
    embedded: bool


@contextlib.contextmanager
def opened(data: Path, *, serves: bool = False) -> Iterator[House]:
    """The installation of a data folder, Django set up, for the length of a block.

    `serves`: a process that runs on and logs what it does; for the others only warnings matter.
    What is found out (database address, secret key) is put into the environment, where child processes
    find it too. Raises click.ClickException with a text for the person who typed the command.
    """
    folder = _folder(data)
    with _database(folder) as (url, embedded):
        os.environ["DATABASE_URL"] = url
        os.environ.setdefault("PACKHOUSE_SECRET_KEY", secret_key(folder))
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
        if not serves:
            logging.disable(logging.INFO)
        django.setup()
        try:
            yield House(folder, url, embedded)
        finally:
            connections.close_all()


@contextlib.contextmanager
def ready(data: Path, *, serves: bool = False) -> Iterator[House]:
    """As `opened`, with a database that answers and has every migration."""
    with opened(data, serves=serves) as house:
        action("actions.migrations:require_all")()
        yield house


@contextlib.contextmanager
def without_database() -> Iterator[None]:
    """Django set up for what needs the code alone; any query fails."""
    os.environ.setdefault("PACKHOUSE_SECRET_KEY", "no secrets are opened here")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    logging.disable(logging.INFO)
    django.setup()
    yield


def action(target: str) -> Callable[..., Any]:
    """`module:name` under `packhouse.cli`, loaded now: what imports models can be loaded only in an open house."""
    module, _, name = target.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(f"packhouse.cli.{module}"), name)
    return function


def secret_key(folder: Path) -> str:
    """The key kept in the data folder, made on first use, readable by its owner only."""
    path = folder / KEY_FILE
    if not path.exists():
        _make_key(path)
    key = path.read_text().strip()
    if not key:
        raise click.ClickException(
            f"{path} is empty. Restore it from a backup: it opens the secrets in the database. "
            "With a new database, delete the file."
        )
    return key


def _make_key(path: Path) -> None:
    """Several processes may be first at once: the whole file appears, and the first one stays."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_urlsafe(50))
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    Path(draft).unlink()


def _folder(data: Path) -> Path:
    folder = data.expanduser().resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(f"The data folder {folder} cannot be made: {error.strerror}.") from error
    return folder


@contextlib.contextmanager
def _database(folder: Path) -> Iterator[tuple[str, bool]]:
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given, False
        return
    try:
        server = postgres.attach(folder / "postgres")
    except postgres.PostgresError as error:
        raise click.ClickException(str(error)) from error
    try:
        yield server.url, True
    finally:
        postgres.release(server)
