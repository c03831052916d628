"""Odd folders, broken folders, foreign settings: it works or says clearly what to do."""

import os
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest

from packhouse import postgres
from packhouse.postgres import access, account, binaries
from packhouse.postgres.binaries import Binaries
from tests.postgres.conftest import ask, execute, is_answering, postmaster


def every_postgres_here() -> list[Binaries]:
    found = []
    for major in binaries.SUPPORTED:
        try:
            found.append(binaries.find(major))
        except postgres.PostgresNotFound:
            continue
    return found


@pytest.mark.parametrize("programs", every_postgres_here(), ids=lambda programs: f"version{programs.major}")
def test_every_supported_version_found_here_works(
    data_dir: Path, programs: Binaries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "find", lambda wanted=None: programs)
    with postgres.running(data_dir) as server:
        version = ask(server.url, "SELECT current_setting('server_version_num')::int / 10000")
        lower = ask(server.url, "SELECT lower('ÇŞÖ')")
    assert version == programs.major
    assert lower == "çşö"


@pytest.mark.parametrize("name", ["a" * 100 + "/" + "b" * 150, "with space, 'quotes' \" $HOME", "müşteri"])
def test_any_folder_name_works(folder: Path, name: str) -> None:
    with postgres.running(folder / name, durable=False) as server:
        assert is_answering(server.url)


def test_settings_of_the_server(used_dir: Path) -> None:
    with postgres.running(used_dir) as server:
        assert ask(server.url, "SHOW fsync") == "on"
        assert ask(server.url, "SHOW full_page_writes") == "on"
        assert ask(server.url, "SHOW synchronous_commit") == "on"
        assert ask(server.url, "SHOW TimeZone") == "UTC"
        assert ask(server.url, "SHOW server_encoding") == "UTF8"
        assert ask(server.url, "SHOW max_connections") == "200"
        assert ask(server.url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_throw_away_data_is_never_taken_for_durable(used_dir: Path) -> None:
    with postgres.running(used_dir, durable=False) as server:
        assert ask(server.url, "SHOW fsync") == "off"
        with pytest.raises(postgres.PostgresFailed, match="fsync off"):
            postgres.attach(used_dir, durable=True)
    assert not is_answering(server.url)


def test_other_users_of_the_machine_stay_out(used_dir: Path) -> None:
    with postgres.running(used_dir, durable=False) as server:
        for user in ("packhouse", "postgres"):
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(server.url, user=user, password="guess")
        assert ask(server.url, "SHOW listen_addresses") == "127.0.0.1"
        assert ask(server.url, "SHOW unix_socket_directories") == ""
        assert used_dir.stat().st_mode & 0o077 == 0
        assert (used_dir / "password").stat().st_mode & 0o077 == 0


def test_settings_of_the_caller_for_other_servers_do_not_matter(
    used_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PGPORT": "1",
        "PGHOSTADDR": "192.0.2.1",
        "PGSSLMODE": "verify-full",
        "PGOPTIONS": "-c statement_timeout=1",
        "PGDATA": "/nowhere",
        "LC_ALL": "tr_TR.UTF-8",
    }.items():
        monkeypatch.setenv(name, value)
    server = postgres.attach(used_dir, durable=False)
    monkeypatch.undo()
    assert is_answering(server.url)
    postgres.release(server)


def test_the_number_of_a_dead_server_worn_by_another_program(used_dir: Path) -> None:
    with postgres.running(used_dir, durable=False) as first:
        execute(first.url, "CREATE TABLE pid_worn (text text)")
        pid_file = (used_dir / "cluster" / "postmaster.pid").read_text()
    owner = account.unprivileged(used_dir / "cluster")
    other = subprocess.Popen(["/bin/sleep", "600"], **account.surroundings(owner))
    try:
        stale = "\n".join([str(other.pid), *pid_file.splitlines()[1:]]) + "\n"
        (used_dir / "cluster" / "postmaster.pid").write_text(stale)

        with postgres.running(used_dir, durable=False) as second:
            assert second.started_here
            assert ask(second.url, "SELECT count(*) FROM pid_worn") == 0
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_copied_folder_is_a_server_of_its_own(folder: Path) -> None:
    with postgres.running(folder / "original", durable=False) as original:
        execute(original.url, "CHECKPOINT")
        shutil.copytree(folder / "original", folder / "copy")

        with postgres.running(folder / "copy", durable=False) as copy:
            assert copy.started_here
            assert copy.url != original.url
            assert postmaster(folder / "copy") != postmaster(folder / "original")


def test_a_taken_port_is_left_alone(data_dir: Path, folder: Path) -> None:
    with postgres.running(folder / "first", durable=False) as first:
        port = (folder / "first" / "port").read_text()
        with postgres.running(data_dir, durable=False):
            pass
        (data_dir / "port").write_text(port)

        with postgres.running(data_dir, durable=False) as second:
            assert is_answering(second.url)
        assert is_answering(first.url)


def test_a_folder_with_other_contents_is_refused_and_left_alone(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "letter.txt").write_text("mine")
    before = data_dir.stat()

    with pytest.raises(postgres.PostgresFailed, match="not empty"):
        postgres.attach(data_dir)

    assert [path.name for path in data_dir.iterdir()] == ["letter.txt"]
    assert (data_dir.stat().st_uid, data_dir.stat().st_mode) == (before.st_uid, before.st_mode)


def test_a_file_in_place_of_the_folder(data_dir: Path) -> None:
    data_dir.write_text("")
    with pytest.raises(postgres.PostgresFailed, match="cannot be used"):
        postgres.attach(data_dir)


def test_a_broken_cluster_is_explained_with_what_postgres_said(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres.running(data_dir, durable=False):
        pass
    (data_dir / "cluster" / "global" / "pg_control").unlink()

    with pytest.raises(postgres.PostgresFailed) as caught:
        postgres.attach(data_dir)

    text = str(caught.value)
    assert "pg_control" in text
    assert str(data_dir / "server.log") in text
    assert "restore the folder from a backup" in text


def test_a_folder_that_is_no_cluster(data_dir: Path) -> None:
    with postgres.running(data_dir, durable=False):
        pass
    (data_dir / "cluster" / "PG_VERSION").write_text("what?\n")
    with pytest.raises(postgres.PostgresFailed, match="no PostgreSQL cluster"):
        postgres.attach(data_dir)


def test_a_lost_password_is_named(data_dir: Path) -> None:
    with postgres.running(data_dir, durable=False):
        pass
    (data_dir / "password").unlink()
    with pytest.raises(postgres.PostgresFailed, match="password"):
        postgres.attach(data_dir)
    assert not (data_dir / "cluster" / "postmaster.pid").exists()


def test_a_killed_first_start_leaves_nothing_in_the_way(data_dir: Path) -> None:
    half = data_dir / "cluster.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    (data_dir / "start.lock").touch()

    with postgres.running(data_dir, durable=False) as server:
        assert is_answering(server.url)
    assert not half.exists()


def test_a_failed_attach_leaves_no_server_and_no_lease(
    used_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(access, "ensure_database", broken)
        with pytest.raises(OSError, match="disk full"):
            postgres.attach(used_dir, durable=False)
    assert not (used_dir / "cluster" / "postmaster.pid").exists()

    with postgres.running(used_dir, durable=False) as after:
        assert is_answering(after.url)
    assert not is_answering(after.url)


def test_a_long_log_is_put_aside(data_dir: Path) -> None:
    with postgres.running(data_dir, durable=False):
        pass
    os.truncate(data_dir / "server.log", 20_000_000)
    with postgres.running(data_dir, durable=False):
        pass
    assert (data_dir / "server.log").stat().st_size < 1_000_000
    assert (data_dir / "server.log.1").stat().st_size == 20_000_000
