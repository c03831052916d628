"""Starts, shares and stops the embedded PostgreSQL."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from packhouse.postgres import access, binaries, cluster, lease
from packhouse.postgres.access import Connection
from packhouse.postgres.errors import PostgresFailed, failed, size, tail
from packhouse.postgres.place import Place, locate, open_data_dir, reachable

RETRY_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A server in use by this process: its data folder, the address of its database (password
    included), and whether this very use started it."""

    data_dir: Path
    url: str
    started_here: bool


def attach(data_dir: Path, *, durable: bool = True, database: str = "packhouse") -> Server:
    """Start the server of a data folder, or join the one that runs; makes folder, cluster and database.

    Holds a lease until `release` or the end of the process. With `durable=False` a power cut may
    destroy the data: only for tests. Raises PostgresNotFound or PostgresFailed.
    """
    folder = open_data_dir(data_dir)
    with lease.starting_or_stopping(folder):
        place = locate(folder)
        lease.take_lease(folder)
        started_here = False
        try:
            connection = access.connect_patiently(place)
            started_here = connection is None
            with connection or _start(place, durable=durable) as connection:
                _check_durability(connection, place, durable=durable)
                access.ensure_database(connection, place, database)
            return Server(data_dir=folder, url=access.url(place, database), started_here=started_here)
        except BaseException:
            lease.drop_lease(folder)
            if started_here:
                _stop(place)
            raise


def release(server: Server) -> None:
    """Give up one use of the server. The last process out stops it, cleanly. Twice is harmless."""
    folder = server.data_dir
    if not folder.exists():
        lease.drop_lease(folder)  # deleted meanwhile: the server notices by itself and ends
        return
    with lease.starting_or_stopping(folder):
        if lease.drop_lease(folder) and not lease.someone_holds_a_lease(folder):
            _stop(locate(folder))


@contextmanager
def running(data_dir: Path, *, durable: bool = True, database: str = "packhouse") -> Iterator[Server]:
    """The server of a data folder for the length of a block; see `attach`."""
    server = attach(data_dir, durable=durable, database=database)
    try:
        yield server
    finally:
        release(server)


def stop(data_dir: Path) -> None:
    """Stop the server of a data folder cleanly, whoever uses it. Harmless when none runs."""
    folder = data_dir.expanduser().resolve()
    if not (folder / lease.START_LOCK).exists():
        return
    with lease.starting_or_stopping(folder):
        _stop(locate(folder))


def _start(place: Place, *, durable: bool) -> Connection:
    """Start a server, retrying what passes by itself, and return a superuser's connection."""
    wanted = cluster.version(place) if cluster.exists(place) else None
    programs = reachable(binaries.find(wanted), place)
    if wanted is None:
        cluster.create(place, programs, durable=durable)
    access.password(place)  # lost, it had better be missed now than with a server that nobody can enter
    cluster.rotate_log(place)
    deadline = time.monotonic() + RETRY_SECONDS
    while True:
        said_before = size(place.log)
        connection = _wait_until_ready(place, cluster.start(place, programs, durable=durable))
        if connection:
            return connection
        said = tail(place.log, since=said_before)
        if not cluster.may_pass(said) or time.monotonic() > deadline:
            raise failed(
                f"The embedded PostgreSQL did not start in {place.home}.",
                log=place.log,
                output=said,
                advice="See to the cause above, restore the folder from a backup, or delete it to begin with "
                "an empty database; or set DATABASE_URL to a server of your own.",
            )
        time.sleep(0.2)


def _wait_until_ready(place: Place, process: subprocess.Popen[bytes]) -> Connection | None:
    """A connection as soon as the server takes one (crash recovery included), None when it ended."""
    deadline = time.monotonic() + cluster.START_SECONDS
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        answer = access.connect(place)
        if not isinstance(answer, access.Answer):
            return answer
        if ended:
            return None
        time.sleep(0.01)
    raise failed(
        f"The embedded PostgreSQL was not ready after {cluster.START_SECONDS} seconds.",
        log=place.log,
        advice="It may be recovering after a crash: wait, and try again.",
    )


def _stop(place: Place) -> None:
    connection = access.connect_patiently(place)
    if connection:
        connection.close()
        cluster.shut_down(place)


def _check_durability(connection: Connection, place: Place, *, durable: bool) -> None:
    if durable and not access.is_durable(connection):
        raise PostgresFailed(
            f"The server of {place.data_dir} runs with fsync off, for tests: its data may be lost in a power "
            "cut.\nStop what uses it and try again, or name another data folder."
        )
