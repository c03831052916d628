"""Makes a cluster and runs its server process."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from packhouse.postgres.account import run, surroundings
from packhouse.postgres.binaries import Binaries
from packhouse.postgres.errors import failed
from packhouse.postgres.place import Place

SUPERUSER = "postgres"
START_SECONDS = 300
STOP_SECONDS = 120
LOG_KEPT = 10_000_000

# For a laptop of 2 cores and 24 GB that runs other things too.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "4GB",
    "maintenance_work_mem": "128MB",
    "work_mem": "16MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %a ",
}
THROW_AWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}

# Other processes of a server killed a moment ago leave within seconds; the port may have been taken.
_PASSING = (
    "pre-existing shared memory block",
    "postmaster.pid",
    "could not bind",
    "could not create any TCP/IP",
)

# Servers started by this process, kept so that those that end before it are reaped.
_children: list[subprocess.Popen[bytes]] = []


def exists(place: Place) -> bool:
    return place.cluster.exists()


def version(place: Place) -> int:
    """The major version the cluster was made with."""
    try:
        return int((place.cluster / "PG_VERSION").read_text())
    except (OSError, ValueError) as error:
        raise failed(
            f"{place.cluster} is no PostgreSQL cluster: its file PG_VERSION is missing or unreadable.",
            advice="Restore the folder from a backup, or delete it to start with an empty database.",
        ) from error


def create(place: Place, binaries: Binaries, *, durable: bool) -> None:
    """Make an empty cluster. Appears complete or not at all, so that a killed attempt leaves no half."""
    _write_new_password(place)
    unfinished = place.home / "cluster.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    locale = ["--locale=C.UTF-8"]
    if binaries.major >= 17:
        # The same order of text and the same upper and lower case on every operating system.
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    answer = run(
        [
            str(binaries.initdb),
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            f"--pwfile={place.password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-instructions",
            *locale,
            *([] if durable else ["--no-sync"]),
        ],
        place.account,
    )
    if answer.returncode != 0:
        raise failed(
            f"No database cluster could be made in {place.home} (initdb ended with {answer.returncode}).",
            output=answer.stdout + answer.stderr,
            advice="See to the cause above (often a full disk), or set DATABASE_URL to a server of your own.",
        )
    unfinished.rename(place.cluster)
    if durable:
        _sync(place.home)


def start(place: Place, binaries: Binaries, *, durable: bool) -> subprocess.Popen[bytes]:
    """Start the server process in a session of its own: it outlives its parent and the terminal."""
    _pass_over_foreign_pid(place)
    port = _free_port(place)
    settings = SETTINGS if durable else SETTINGS | THROW_AWAY
    arguments = [str(binaries.postgres), "-D", str(place.cluster), "-p", str(port)]
    for name, value in settings.items():
        arguments += ["-c", f"{name}={value}"]
    descriptor = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,
            **surroundings(place.account),
        )
    finally:
        os.close(descriptor)
    place.port_file.write_text(f"{port}\n")
    if place.account:
        place.account.own(place.log)
        place.account.own(place.port_file)
    _children[:] = [child for child in _children if child.poll() is None]
    _children.append(process)
    return process


def rotate_log(place: Place) -> None:
    """Put a long log aside, so that at most two of them are kept."""
    with contextlib.suppress(FileNotFoundError):
        if place.log.stat().st_size > LOG_KEPT:
            place.log.replace(place.log.with_suffix(".log.1"))


def may_pass(said: str) -> bool:
    """Whether a start that failed with these words may succeed a moment later."""
    return any(words in said for words in _PASSING)


def port_in_use(place: Place) -> int | None:
    """The port the last server wrote down for itself; it may be gone, only connecting tells."""
    lines = _pid_lines(place)
    return int(lines[3]) if len(lines) > 3 and lines[3].isdigit() else None


def shut_down(place: Place) -> None:
    """End the server at once but cleanly: clients are disconnected, everything is written to disk.

    Call it only for a server that has just answered, so that its process number is its own.
    """
    lines = _pid_lines(place)
    if not lines:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(lines[0]), signal.SIGINT)
    deadline = time.monotonic() + STOP_SECONDS
    while place.pid_file.exists():
        if time.monotonic() > deadline:
            raise failed(
                f"The embedded PostgreSQL (process {lines[0]}) did not stop within {STOP_SECONDS} seconds.",
                log=place.log,
                advice="It may still be writing to a slow disk: wait, and try again.",
            )
        time.sleep(0.01)
    for child in _children:
        if child.pid == int(lines[0]):
            child.wait(timeout=STOP_SECONDS)


def _pid_lines(place: Place) -> list[str]:
    try:
        return place.pid_file.read_text().splitlines()
    except FileNotFoundError:
        return []


def _pass_over_foreign_pid(place: Place) -> None:
    """Let a start go on when another program has the process number of a dead server by now.

    PostgreSQL only sees that somebody has that number, and refuses; the number of its own parent, which
    is put there instead, it passes over. The rest of the file stays: by it PostgreSQL finds what is left
    of a server that was killed.
    """
    lines = _pid_lines(place)
    if not lines:
        return
    try:
        folder = Path(f"/proc/{int(lines[0])}/cwd").readlink()
    except (OSError, ValueError):
        return  # no such process, not ours to look at, or a system without /proc: PostgreSQL decides
    if folder != place.cluster.resolve():
        place.pid_file.write_text("\n".join([str(os.getpid()), *lines[1:], ""]))


def _free_port(place: Place) -> int:
    """The port of the last time when it is free, so that clients come back to a restarted server."""
    with contextlib.suppress(OSError, ValueError):
        last = int(place.port_file.read_text())
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", last))
            return last
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write_new_password(place: Place) -> None:
    place.password_file.unlink(missing_ok=True)
    descriptor = os.open(place.password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_urlsafe(32) + "\n")
    if place.account:
        place.account.own(place.password_file)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
