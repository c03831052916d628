"""`packhouse-sandbox` as a process: its first line, its end, its complaints."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from sandbox.cli import SANDBOXES, main

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-c", "from sandbox.cli import main; main(prog_name='packhouse-sandbox')"]
OURS = ("carrier", "invoice", "receiver")
WAITING: dict[str, dict[str, object]] = {
    "carrier": {"silent": True},
    "invoice": {"latency_ms": 600_000},
    "receiver": {"preset": "silent-webhooks"},
}

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as stack:

        def begin(*arguments: str) -> subprocess.Popen[str]:
            process = subprocess.Popen(
                [*PROGRAM, *arguments],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return process

        yield begin


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def test_each_says_where_it_is_answers_and_ends(start: Start) -> None:
    processes = {name: start(name, "--port", "0") for name in OURS}

    with ExitStack() as waiting:
        for name, process in processes.items():
            words, _, url = first_line(process).rpartition(" ")
            assert words == f"{name} sandbox at"
            assert url.startswith("http://127.0.0.1:")
            waiting.enter_context(a_request_without_an_end(url, WAITING[name]))
            process.send_signal(signal.SIGTERM)
        ends = [process.communicate(timeout=10) for process in processes.values()]

    assert [process.returncode for process in processes.values()] == [0, 0, 0]
    assert ends == [("", "")] * 3


@contextmanager
def a_request_without_an_end(url: str, faults: dict[str, object]) -> Iterator[None]:
    """One that is never answered, under way."""
    httpx.put(f"{url}/_sandbox/faults/", json=faults)
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as waiting:
        waiting.sendall(b"POST /hooks HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        while not httpx.get(f"{url}/_sandbox/requests/").json():
            pass
        yield


def test_a_port_in_use_is_one_line_and_exit_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["receiver", "--port", str(port)])

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"Error: cannot listen on 127.0.0.1:{port}")
    assert result.stderr.count("\n") == 1


def test_options_reach_the_sandbox(start: Start) -> None:
    process = start("receiver", "--port", "0", "--no-control", "--secret", "s")
    url = first_line(process).rpartition(" ")[2]

    assert httpx.get(f"{url}/_sandbox/requests/").status_code == 404
    assert httpx.post(url, json={"event": {"type": "a", "uuid": "1"}, "payload": 1}).status_code == 401


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["carrier", "--script", "fly 1m"], "--script"),
        (["carrier", "--failed", "0.9", "--pickup", "0.2"], "--script"),
        (["carrier", "--time-scale", "0"], "--time-scale"),
        (["carrier", "--port", "70000"], "--port"),
        (["invoice", "--answer", "poem"], "--answer"),
        (["postman"], "postman"),
    ],
)
def test_a_wrong_option_is_named(arguments: list[str], named: str) -> None:
    result = CliRunner().invoke(main, arguments)

    assert result.exit_code == 2
    assert named in result.output


def test_help_teaches() -> None:
    runner = CliRunner()

    overview = runner.invoke(main, ["--help"]).output

    assert all(name in overview for name in SANDBOXES)
    assert "/_sandbox/faults/" in overview
    for name in OURS:
        text = runner.invoke(main, [name, "--help"]).output
        assert "/_sandbox/" in text
        assert "--port" in text
