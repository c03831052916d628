"""`packhouse-sandbox` as a process: its first line, its end, its complaints."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from sandbox.cli import SANDBOXES, main

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-c", "from sandbox.cli import main; main(prog_name='packhouse-sandbox')"]
OURS = ("carrier", "invoice", "receiver")

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

    for name, process in processes.items():
        words, _, url = first_line(process).rpartition(" ")
        assert words == f"{name} sandbox at"
        assert url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{url}/_sandbox/requests/").json() == []
        process.send_signal(signal.SIGTERM)

    for process in processes.values():
        _, errors = process.communicate(timeout=10)
        assert (process.returncode, errors) == (0, "")


def test_a_request_without_an_end_does_not_hold_up_sigterm(start: Start) -> None:
    process = start("receiver", "--port", "0")
    url = first_line(process).rpartition(" ")[2]
    httpx.put(f"{url}/_sandbox/faults/", json={"silent": True})

    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as waiting:
        waiting.sendall(b"POST /hooks HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        while not httpx.get(f"{url}/_sandbox/requests/").json():
            pass
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)

    assert process.returncode == 0


def test_a_port_in_use_is_one_line_and_exit_1(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start("receiver", "--port", str(port))
        output, errors = process.communicate(timeout=20)

    assert process.returncode == 1
    assert output == ""
    assert errors.startswith(f"Error: cannot listen on 127.0.0.1:{port}")
    assert errors.count("\n") == 1


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
