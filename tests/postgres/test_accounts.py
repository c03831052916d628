"""Root steps down to an account that is there already; a normal user stays who they are."""

import json
import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from packhouse import postgres
from packhouse.postgres import account, binaries, place
from packhouse.postgres.binaries import WHEEL, Binaries
from tests.postgres.conftest import REPOSITORY, ask, execute, is_answering, postmaster

pytestmark = pytest.mark.usefixtures("as_root")

AS_NOBODY = """
import json, os, sys
from pathlib import Path
import psycopg
from packhouse import postgres
with postgres.running(Path(sys.argv[1]), durable=False) as server:
    psycopg.connect(server.url).close()  # while everything is readable: loads what is loaded late
os.setgroups([])
os.setgid(int(sys.argv[4]))
os.setuid(int(sys.argv[3]))
with postgres.running(Path(sys.argv[2]), durable=False) as server:
    with psycopg.connect(server.url) as connection:
        print(json.dumps(connection.execute("SELECT current_user::text").fetchone()))
"""


@pytest.fixture
def shared_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(place, "SHARED_HOME", folder / "shared")
    return folder / "shared"


@pytest.fixture
def closed(folder: Path) -> Path:
    """A folder only root may pass through."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    return closed


def owner_of(process: int) -> int:
    return Path(f"/proc/{process}").stat().st_uid


def test_the_server_of_root_runs_as_an_existing_account(used_dir: Path) -> None:
    accounts = pwd.getpwall()
    with postgres.running(used_dir, durable=False):
        runs_as = pwd.getpwuid(owner_of(postmaster(used_dir))).pw_name

    assert runs_as in ("postgres", "nobody")
    assert pwd.getpwall() == accounts


def test_without_an_account_to_step_down_to(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(account, "CANDIDATES", ("no-such-account",))
        with pytest.raises(postgres.PostgresFailed, match="no-such-account"):
            postgres.attach(data_dir)


def test_a_folder_the_account_cannot_reach_keeps_its_data_elsewhere(
    closed: Path, shared_home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data_dir = closed / "postgres"
    with postgres.running(data_dir, durable=False) as server:
        execute(server.url, "CREATE TABLE note (text text)")
    home = Path((data_dir / "moved-to").read_text().splitlines()[0])

    assert server.data_dir == data_dir
    assert home.parent == shared_home / "data"
    assert (home / "cluster" / "PG_VERSION").exists()
    assert str(home) in caplog.text
    assert closed.stat().st_mode & 0o777 == 0o700
    assert closed.stat().st_uid == 0

    with postgres.running(data_dir, durable=False) as server:
        assert ask(server.url, "SELECT count(*) FROM note") == 0


def test_data_kept_for_a_deleted_folder_is_neither_used_nor_lost(closed: Path, shared_home: Path) -> None:
    data_dir = closed / "postgres"
    for _ in range(2):
        with postgres.running(data_dir, durable=False) as server:
            execute(server.url, "CREATE TABLE note (text text)")
        for path in data_dir.iterdir():
            path.unlink()
        data_dir.rmdir()

    assert len(list((shared_home / "data").iterdir())) == 2


def test_a_folder_closed_later_is_not_replaced_by_an_empty_database(closed: Path, shared_home: Path) -> None:
    closed.chmod(0o755)
    with postgres.running(closed / "postgres", durable=False):
        pass
    closed.chmod(0o700)

    with pytest.raises(postgres.PostgresFailed, match="can no longer reach"):
        postgres.attach(closed / "postgres", durable=False)
    closed.chmod(0o755)

    assert not (shared_home / "data").exists()


def test_programs_the_account_cannot_reach_are_copied_once(
    closed: Path, data_dir: Path, shared_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = binaries.wheel_folder()
    assert wheel
    (closed / WHEEL).symlink_to(wheel)
    (closed / f"{WHEEL}.libs").symlink_to(wheel.parent / f"{WHEEL}.libs")
    monkeypatch.setattr(place, "wheel_folder", lambda: closed / WHEEL)
    found = binaries.find()
    hidden = Binaries(closed / WHEEL / found.prefix.name, found.major, from_wheel=True)
    monkeypatch.setattr(binaries, "find", lambda wanted=None: hidden)

    for _ in range(2):
        with postgres.running(data_dir, durable=False) as server:
            assert is_answering(server.url)
            program = Path(f"/proc/{postmaster(data_dir)}/exe").readlink()
        assert program.is_relative_to(shared_home)

    assert len(list((shared_home / "binaries").iterdir())) == 1
    assert program.stat().st_uid == 0
    assert program.stat().st_mode & 0o022 == 0


def test_a_normal_user_needs_no_other_account(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    if not account.Account("nobody", nobody.pw_uid, nobody.pw_gid).may_execute(binaries.find().postgres):
        pytest.skip("this checkout is closed to other users")
    theirs = folder / "theirs"
    theirs.mkdir(mode=0o700)
    os.chown(theirs, nobody.pw_uid, nobody.pw_gid)
    answer = subprocess.run(
        [
            sys.executable, "-c", AS_NOBODY, str(folder / "warm-up"), str(theirs / "postgres"),
            str(nobody.pw_uid), str(nobody.pw_gid),
        ],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == ["packhouse"]
    assert (theirs / "postgres" / "cluster").stat().st_uid == nobody.pw_uid
