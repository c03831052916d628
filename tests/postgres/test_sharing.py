"""One server, several processes: the first in starts it, the last out stops it, and nobody may crash it."""

import os
import shutil
import signal
from pathlib import Path

from packhouse import postgres
from tests.postgres.conftest import Holder, ask, execute, is_answering, log_of, postmaster


def test_first_use_makes_a_database_that_is_still_there_the_next_time(data_dir: Path) -> None:
    with postgres.running(data_dir) as server:
        execute(server.url, "CREATE TABLE note (text text)", "INSERT INTO note VALUES ('kept')")
    assert server.started_here
    assert not is_answering(server.url)

    with postgres.running(data_dir) as server:
        assert ask(server.url, "SELECT text FROM note") == "kept"
    assert "not properly shut down" not in log_of(data_dir)


def test_another_process_joins_the_running_server(used_dir: Path) -> None:
    with postgres.running(used_dir, durable=False) as server:
        holder = Holder.begin(used_dir)
        joined = holder.server()
        holder.let_go()

        assert joined.url == server.url
        assert not joined.started_here
        assert is_answering(server.url)


def test_the_last_one_out_stops_the_server(used_dir: Path) -> None:
    holder = Holder.begin(used_dir)
    started = holder.server()
    server = postgres.attach(used_dir, durable=False)

    holder.let_go()
    assert is_answering(server.url)
    postgres.release(server)

    assert started.started_here
    assert not is_answering(server.url)
    assert "database system is shut down" in log_of(used_dir)


def test_two_uses_in_one_process_are_two_leases(used_dir: Path) -> None:
    first = postgres.attach(used_dir, durable=False)
    second = postgres.attach(used_dir, durable=False)

    postgres.release(first)
    assert is_answering(second.url)
    postgres.release(second)

    assert not is_answering(second.url)
    postgres.release(second)  # once too often is harmless


def test_a_killed_parent_leaves_the_server_to_the_next_process(used_dir: Path) -> None:
    holder = Holder.begin(used_dir)
    started = holder.server()
    execute(
        started.url,
        "CREATE TABLE orphaned (text text)",
        "INSERT INTO orphaned VALUES ('kept')",
    )
    holder.kill()
    assert is_answering(started.url)

    server = postgres.attach(used_dir, durable=False)
    assert (server.url, server.started_here) == (started.url, False)
    assert ask(server.url, "SELECT text FROM orphaned") == "kept"
    postgres.release(server)  # the dead holder's lease is gone, so this was the last one

    assert not is_answering(server.url)


def test_a_killed_server_is_recovered_with_all_that_was_committed(used_dir: Path) -> None:
    server = postgres.attach(used_dir)
    execute(
        server.url,
        "CREATE TABLE crashed (text text)",
        "INSERT INTO crashed VALUES ('kept')",
    )
    os.kill(postmaster(used_dir), signal.SIGKILL)

    again = postgres.attach(used_dir)
    assert again.started_here
    assert again.url == server.url
    assert ask(again.url, "SELECT text FROM crashed") == "kept"
    assert "not properly shut down" in log_of(used_dir)
    postgres.release(server)
    postgres.release(again)

    assert not is_answering(again.url)


def test_many_first_uses_at_once_make_one_server(data_dir: Path) -> None:
    holders = [Holder.begin(data_dir) for _ in range(5)]
    servers = [holder.server() for holder in holders]
    for holder in holders:
        holder.let_go()

    assert len({server.url for server in servers}) == 1
    assert [server.started_here for server in servers].count(True) == 1
    assert not is_answering(servers[0].url)


def test_starting_and_stopping_may_race(data_dir: Path) -> None:
    holders = [Holder.begin(data_dir, HOLDER_THAT_LEAVES_AT_ONCE) for _ in range(6)]
    for holder in holders:
        holder.let_go()
    assert log_of(data_dir).count("ready to accept connections") == log_of(data_dir).count("is shut down")


HOLDER_THAT_LEAVES_AT_ONCE = """
import sys
from pathlib import Path
import psycopg
from packhouse import postgres
for _ in range(3):
    with postgres.running(Path(sys.argv[1]), durable=False) as server:
        psycopg.connect(server.url).close()
"""


def test_stop_ends_a_server_that_is_in_use(used_dir: Path) -> None:
    server = postgres.attach(used_dir, durable=False)

    postgres.stop(used_dir)
    assert not is_answering(server.url)

    postgres.stop(used_dir)  # nothing runs: harmless
    postgres.release(server)


def test_stop_of_a_folder_never_used_makes_nothing(data_dir: Path) -> None:
    postgres.stop(data_dir)
    assert not data_dir.exists()


def test_release_after_the_folder_was_deleted(data_dir: Path) -> None:
    server = postgres.attach(data_dir, durable=False)
    number = postmaster(data_dir)
    shutil.rmtree(data_dir)

    postgres.release(server)
    os.kill(number, signal.SIGINT)

    assert not data_dir.exists()


def test_several_databases_of_one_server(used_dir: Path) -> None:
    with (
        postgres.running(used_dir, durable=False, database="one") as one,
        postgres.running(used_dir, durable=False, database="Other name/2") as two,
    ):
        assert ask(one.url, "SELECT current_database()") == "one"
        assert ask(two.url, "SELECT current_database()") == "Other name/2"
