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
class Serving:
    """Where the web server listens and with how many processes; `url` is how this machine reaches it."""

    host: str
    port: int
    processes: int | None = None
    workers: int = 1

    @property
    def url(self) -> str:
        return address(self.host, self.port)


def serving(host: str, port: int, processes: int | None = None, workers: int = 1) -> Serving:
    """A place that is free at this moment. Raises click.ClickException for a port in use."""
    return Serving(host, free_port(host, port), processes, workers)


def start(supervisor: Supervisor, house: House, place: Serving, *, logs: Path | None) -> None:
    """Start workers and web server and wait until the server is ready. Raises NeverReady.

    The server is started last, so that it is the first to end: no request meets a house without a worker.
    """
    os.environ.setdefault("PACKHOUSE_PUBLIC_URL", place.url)
    for number in range(1, place.workers + 1):
        name = "worker" if number == 1 else f"worker-{number}"
        supervisor.start(_plan(name, house, ["worker"], worker.STOP_SECONDS, logs))
    arguments = ["web", "--host", place.host, "--port", str(place.port)]
    if place.processes:
        arguments += ["--processes", str(place.processes)]
    supervisor.start(_plan("web", house, arguments, web.STOP_SECONDS, logs))
    supervisor.wait_for("web", f"{place.url}/readyz")


def _plan(name: str, house: House, arguments: list[str], stop_seconds: float, logs: Path | None) -> Plan:
    return Plan(
        name=name,
        command=[sys.executable, "-m", "packhouse.cli", *arguments, "--data", str(house.data)],
        stop_seconds=stop_seconds + SLACK_SECONDS,
        log=logs / f"{name}.log" if logs else None,
    )
