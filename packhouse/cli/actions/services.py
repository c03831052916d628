"""The processes of Packhouse itself, as the supervisor starts them."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from packhouse.cli.actions import web, worker
from packhouse.cli.actions.web import address, free_port
from packhouse.cli.child import Plan
from packhouse.cli.house import House
from packhouse.cli.supervisor import Supervisor

# How much longer than its own bound a process may take before it is killed.
SLACK_SECONDS = 5


@dataclass(frozen=True)
class Listening:
    """Where the web server listens; `url` is how this machine reaches it."""

    host: str
    port: int
    processes: int | None = None

    @property
    def url(self) -> str:
        return address(self.host, self.port)


def listening(host: str, port: int, processes: int | None) -> Listening:
    """A place that is free at this moment. Raises click.ClickException for a port in use."""
    return Listening(host, free_port(host, port), processes)


def start(supervisor: Supervisor, house: House, place: Listening, *, logs: Path | None) -> None:
    """Start worker and web server and wait until the server is ready. Raises NeverReady.

    The server is started last, so that it is the first to end: no request meets a house without a worker.
    """
    os.environ.setdefault("PACKHOUSE_PUBLIC_URL", place.url)
    supervisor.start(_plan("worker", house, [], worker.STOP_SECONDS, logs))
    arguments = ["--host", place.host, "--port", str(place.port)]
    if place.processes:
        arguments += ["--processes", str(place.processes)]
    supervisor.start(_plan("web", house, arguments, web.STOP_SECONDS, logs))
    supervisor.wait_for("web", f"{place.url}/readyz")


def _plan(name: str, house: House, arguments: list[str], stop_seconds: float, logs: Path | None) -> Plan:
    return Plan(
        name=name,
        command=[sys.executable, "-m", "packhouse.cli", name, "--data", str(house.data), *arguments],
        stop_seconds=stop_seconds + SLACK_SECONDS,
        log=logs / f"{name}.log" if logs else None,
    )
