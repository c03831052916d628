"""Real servers in throw-away folders, and other processes that use them."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from packhouse import postgres

REPOSITORY = Path(__file__).resolve().parents[2]

HOLDER = """
import json, sys
from pathlib import Path
from packhouse import postgres
with postgres.running(Path(sys.argv[1]), durable=False) as server:
    print(json.dumps({"url": server.url, "started_here": server.started_here}), flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Holder:
    """Another process that uses a server until it is told to let go."""

    process: subprocess.Popen[str]

    @classmethod
    def begin(cls, data_dir: Path, program: str = HOLDER) -> "Holder":
        return cls(
            subprocess.Popen(
                [sys.executable, "-c", program, str(data_dir)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=REPOSITORY,
            )
        )

    def server(self) -> postgres.Server:
        """What it attached to; waits until it has."""
        assert self.process.stdout
        answer = json.loads(self.process.stdout.readline())
        return postgres.Server(data_dir=Path(), **answer)

    def let_go(self) -> None:
        self.process.communicate(timeout=60)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder every account may pass through (pytest's own is closed to others)."""
    path = Path(tempfile.mkdtemp(prefix="packhouse-"))
    path.chmod(0o755)
    yield path
    for lock in path.rglob("start.lock"):
        postgres.stop(lock.parent)
    shutil.rmtree(path)


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as path:
        yield path


@pytest.fixture
def data_dir(folder: Path) -> Path:
    """A data folder that does not exist yet."""
    return folder / "postgres"


@pytest.fixture(scope="session")
def made_once() -> Iterator[Path]:
    with open_folder() as path:
        with postgres.running(path / "postgres", durable=False):
            pass
        yield path / "postgres"


@pytest.fixture
def used_dir(made_once: Path) -> Iterator[Path]:
    """A data folder that was used before and is whole; other tests use it too."""
    yield made_once
    postgres.stop(made_once)


@pytest.fixture
def as_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root steps down to another account")


def ask(url: str, query: str) -> object:
    """The first value a query gives."""
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def is_answering(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def postmaster(data_dir: Path) -> int:
    """The process number of the server of a data folder."""
    return int((data_dir / "cluster" / "postmaster.pid").read_text().splitlines()[0])


def log_of(data_dir: Path) -> str:
    return (data_dir / "server.log").read_text()
