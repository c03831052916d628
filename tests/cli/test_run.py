"""`packhouse run`: web and worker, kept alive, ended in order, and nothing is lost."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.cli.processes import Started, descendants, eventually, get, is_alive, started

JOB = "SELECT status::text FROM procrastinate_jobs WHERE id = %s"
DEFER = """
SELECT procrastinate_defer_jobs_v1(
    ARRAY[ROW('house', 'api.forget_answers', 0, NULL, NULL, '{"timestamp": 0}', %s)::procrastinate_job_to_defer_v1])
"""


@pytest.fixture
def running(environment: dict[str, str], tmp_path: Path) -> Iterator[Started]:
    with started("run", "--port", "0", "--data", str(tmp_path), environment=environment) as house:
        yield house


@pytest.fixture
def database(own_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(own_database, autocommit=True) as connection:
        yield connection


def defer_cleaning(database: psycopg.Connection, *, scheduled: str | None = None) -> int:
    """Queue a harmless job; its number."""
    row = database.execute(DEFER, [scheduled]).fetchone()
    assert row
    return row[0][0]


def status(database: psycopg.Connection, job: int) -> str:
    row = database.execute(JOB, [job]).fetchone()
    assert row
    return row[0]


def test_it_answers_works_and_ends_in_order_without_losing_what_is_at_hand(
    running: Started, database: psycopg.Connection
) -> None:
    url = running.url()
    job = defer_cleaning(database)
    eventually(lambda: status(database, job) == "succeeded")
    assert get(f"{url}/readyz").json()["status"] == "ready"
    assert "swagger-ui" in get(f"{url}/api/v1/oms/docs/").text
    assert get(f"{url}/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css").status_code == 200
    below = descendants(running.process.pid)
    assert len(below) >= 4  # worker, web, its processes
    login = Login(url)

    with locked(database, "kernel_idempotentrequest", "kernel_user") as other:
        job = defer_cleaning(other)
        eventually(lambda: status(other, job) == "doing")
        login.start()
        eventually(lambda: waits_for_a_lock(other, "kernel_user"))
        running.process.send_signal(signal.SIGTERM)
        eventually(lambda: not answers(f"{url}/healthz"))
        assert all(is_alive(running.child(name)) for name in ("web", "worker"))

    assert running.process.wait(60) == 0
    login.join(30)
    assert login.status_code == 400  # nobody's password
    assert status(database, job) == "succeeded"
    assert [pid for pid in below if is_alive(pid)] == []
    assert workers(database) == []


def test_what_is_killed_is_started_again_and_lost_jobs_are_taken_up(
    running: Started, database: psycopg.Connection
) -> None:
    url = running.url()
    eventually(lambda: len(workers(database)) >= 5)
    worker, web, lost = running.child("worker"), running.child("web"), workers(database)
    web_processes = descendants(web)

    os.kill(worker, signal.SIGKILL)
    os.kill(web, signal.SIGKILL)
    job = leave_behind(database, lost)

    running.wait_for_line(r"worker ended unexpectedly \(exit code -9\); started again")
    eventually(lambda: answers(f"{url}/healthz"))
    eventually(lambda: status(database, job) == "succeeded")
    assert not is_alive(worker)
    assert [pid for pid in web_processes if is_alive(pid)] == []
    assert running.end(signal.SIGINT) == 0


def test_when_the_supervisor_is_killed_its_processes_end_by_themselves(running: Started) -> None:
    running.url()
    below = descendants(running.process.pid)

    running.process.kill()

    eventually(lambda: [pid for pid in below if is_alive(pid)] == [])


def test_a_port_in_use_is_refused_in_words(environment: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with started("run", "--port", port, "--data", str(tmp_path), environment=environment) as house:
            assert house.process.wait(60) == 1
            house.wait_for_line(rf"Cannot listen on 127.0.0.1:{port}: .* Name another port with --port")


def answers(url: str) -> bool:
    try:
        return get(url).status_code == 200
    except httpx.HTTPError:
        return False


def workers(database: psycopg.Connection) -> list[int]:
    return [row[0] for row in database.execute("SELECT id FROM procrastinate_workers ORDER BY id").fetchall()]


def waits_for_a_lock(database: psycopg.Connection, table: str) -> bool:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
    row = database.execute(waiting, [table]).fetchone()
    return bool(row and row[0])


@contextmanager
def locked(database: psycopg.Connection, *tables: str) -> Iterator[psycopg.Connection]:
    """Keep everybody from tables; gives another connection to look with."""
    info = database.info
    with psycopg.connect(info.dsn, password=info.password, autocommit=True) as other, database.transaction():
        for table in tables:
            database.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
        yield other


def leave_behind(database: psycopg.Connection, dead: list[int]) -> int:
    """A job in the state in which a worker leaves it that died in its middle, a while ago; its number."""
    job = defer_cleaning(database, scheduled="2100-01-01")
    database.execute(
        "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, scheduled_at = NULL WHERE id = %s",
        [dead[0], job],
    )
    database.execute(
        "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour' WHERE id = ANY(%s)",
        [dead],
    )
    return job


class Login(threading.Thread):
    """A request that waits; `status_code` when it was answered."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = f"{url}/api/v1/auth/login/"
        self.status_code = 0

    def run(self) -> None:
        body = {"username": "nobody", "password": "x"}
        self.status_code = httpx.post(self._url, json=body, timeout=60, trust_env=False).status_code
