"""A supervised child process: started, watched, started again when it dies, ended."""

import contextlib
import logging
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from packhouse.cli.leash import end_with_parent

logger = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
# One that has lived this long starts again without a wait.
STEADY_SECONDS = 60.0
# A log of more than this is put aside (`.1`) at the next start.
LOG_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Plan:
    """What to run and how long it may take to end. `log` None: into the terminal."""

    name: str
    command: Sequence[str]
    stop_seconds: float
    log: Path | None = None
    environment: Mapping[str, str] | None = None


class Child:
    """The process of a plan. Restarts wait twice as long each time, as long as it keeps dying."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.restarts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._wait = 0.0
        self._again_at: float | None = None

    @property
    def pid(self) -> int | None:
        """Of the present process, None while there is none."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it, in a session of its own so that Ctrl-C in the terminal reaches only the supervisor."""
        output = _log(self.plan.log) if self.plan.log else None
        try:
            self._process = subprocess.Popen(
                self.plan.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(self.plan.environment or {})},
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - no threads where children are started
            )
        finally:
            if output:
                output.close()
        self._started, self._again_at = time.monotonic(), None

    def look_after(self) -> int | None:
        """See that it runs: restart it when its wait is over. The exit code, if it has just died."""
        if self._process is None:
            if self._again_at is not None and time.monotonic() >= self._again_at:
                self.restarts += 1
                self.start()
            return None
        code = self._process.poll()
        if code is None:
            return None
        self._clear_away()
        steady = time.monotonic() - self._started > STEADY_SECONDS
        self._wait = FIRST_WAIT if steady or not self._wait else min(self._wait * 2, LONGEST_WAIT)
        self._again_at = time.monotonic() + self._wait
        return code

    @property
    def runs_again_in(self) -> float | None:
        """Seconds until the restart; None while it runs."""
        return None if self._again_at is None else max(0.0, self._again_at - time.monotonic())

    def ask_to_end(self) -> None:
        """SIGTERM, and no restart any more."""
        self._again_at = None
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def wait_until_ended(self) -> int | None:
        """The exit code; one that does not end within its time is killed (None)."""
        if self._process is None:
            return None
        try:
            code = self._process.wait(self.plan.stop_seconds)
        except subprocess.TimeoutExpired:
            logger.error("%s did not end within %s s and is killed", self.plan.name, self.plan.stop_seconds)
            code = None
        self._clear_away()
        return code

    def _clear_away(self) -> None:
        """Whatever the process left behind (web processes of a killed server) goes with it."""
        if self._process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


def _log(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
    return path.open("ab")
