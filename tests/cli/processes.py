"""`packhouse` as a process, watched from outside."""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

REPOSITORY = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"answers at (http://[^\s;]+)")
PATIENCE = 60.0


def packhouse(
    *arguments: str, environment: Mapping[str, str] | None = None, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        _command(arguments),
        env=_environment(environment),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


class Started:
    """A command that runs on; `lines` is what it has said (stdout and stderr) so far."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str] | None) -> None:
        self.lines: list[str] = []
        self._said: queue.Queue[str] = queue.Queue()
        self.process = subprocess.Popen(
            _command(arguments),
            env=_environment(environment),
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._said.put(line.rstrip("\n"))

    def wait_for_line(self, pattern: re.Pattern[str] | str, seconds: float = PATIENCE) -> re.Match[str]:
        """The first line from now on that matches."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self._said.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no line like {pattern} in {seconds} s; said: {self.lines}") from None
            self.lines.append(line)
            if found := re.search(pattern, line):
                return found

    def url(self) -> str:
        """Where it answers, as soon as it says so."""
        return self.wait_for_line(ADDRESS).group(1)

    def end(self, number: int = signal.SIGTERM, seconds: float = PATIENCE) -> int:
        """Send a signal and wait; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def child(self, name: str) -> int:
        """The process number of `packhouse NAME` below it."""
        return next(pid for pid, command in children(self.process.pid) if f"packhouse.cli {name} " in command)


@contextmanager
def started(*arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[Started]:
    """A command for the length of a block; whatever is left of it afterwards is killed."""
    running = Started(arguments, environment)
    try:
        yield running
    finally:
        left = descendants(running.process.pid)
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait(30)
        for pid in left:
            kill(pid)


def descendants(pid: int) -> list[int]:
    """Process numbers of everything below a process."""
    found = [child for child, _ in children(pid)]
    return found + [below for child in found for below in descendants(child)]


def children(parent: int) -> list[tuple[int, str]]:
    """(process number, command line) of the direct children."""
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = (line.split(None, 2) for line in listing.stdout.splitlines())
    return [(int(row[0]), row[2]) for row in rows if len(row) == 3 and int(row[1]) == parent]


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Runs; a zombie does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(state.stdout.strip()) and not state.stdout.strip().startswith("Z")


def eventually(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"still not so after {seconds} s"
        time.sleep(0.05)


def get(url: str) -> httpx.Response:
    return httpx.get(url, timeout=30, trust_env=False)


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "packhouse.cli", *arguments]


def _environment(given: Mapping[str, str] | None) -> dict[str, str]:
    """The present environment; a value of "" takes a variable away."""
    merged = {**os.environ, **(given or {})}
    return {name: value for name, value in merged.items() if value != "" or name not in (given or {})}
