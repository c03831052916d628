"""Keeps the child processes of `packhouse run` alive, and ends them in order."""

import logging
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import httpx

from packhouse.cli.child import Child, Plan

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
Say = Callable[[str], None]


class Ending(BaseException):
    """SIGTERM or SIGINT came. Not an Exception, so that nobody takes it for a failure of their own."""


class NeverReady(Exception):
    """A child did not answer in time; the text names its log."""


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Raise Ending in the block at the first SIGTERM or SIGINT; more of them do not disturb the ending."""

    def end(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        raise Ending

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Supervisor:
    """Children by name. Leaving the block ends them, the one started last first."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._children: dict[str, Child] = {}

    def __enter__(self) -> "Supervisor":
        return self

    def __exit__(self, *_error: object) -> None:
        for name, child in reversed(self._children.items()):
            child.ask_to_end()
            code = child.wait_until_ended()
            if code not in (0, -signal.SIGTERM, None):
                self._say(f"{name} ended with exit code {code}{_log_of(child)}")

    def __getitem__(self, name: str) -> Child:
        return self._children[name]

    def start(self, plan: Plan) -> Child:
        """Start a child and look after it from now on."""
        child = self._children[plan.name] = Child(plan)
        child.start()
        return child

    def look_after(self) -> None:
        """Restart who died."""
        for name, child in self._children.items():
            code = child.look_after()
            if code is not None:
                self._say(
                    f"{name} ended unexpectedly (exit code {code}); started again in {child.runs_again_in:.1f} s"
                )

    def watch(self) -> None:
        """Look after the children until the caller is interrupted."""
        while True:
            self.look_after()
            time.sleep(LOOK_SECONDS)

    def wait_for(self, name: str, url: str, *, seconds: float = 60.0) -> None:
        """Until GET `url` answers 200. Raises NeverReady; at once when the child ends while it starts."""
        child, deadline = self._children[name], time.monotonic() + seconds
        while time.monotonic() < deadline:
            if child.look_after() is not None:
                raise NeverReady(f"{name} ended while it was starting{_log_of(child)}")
            if answers(url):
                return
            time.sleep(0.05)
        raise NeverReady(f"{name} did not answer at {url} within {seconds:.0f} s{_log_of(child)}")


def answers(url: str) -> bool:
    """GET `url` gives 200."""
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _log_of(child: Child) -> str:
    if child.plan.log is None:
        return "."
    lines = child.plan.log.read_text(errors="replace").splitlines()[-10:] if child.plan.log.exists() else []
    return f"; the end of {child.plan.log}:\n" + "\n".join(lines)
