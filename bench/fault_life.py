"""One life of a brand with every process of its own, from an empty database to the rows that are left."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

from bench.fault_rows import disagreements, state_of
from bench.fault_story import Desk, Story, configure, fill_shelves, set_up
from packhouse.cli.actions import services
from packhouse.cli.actions.run import prepare
from packhouse.cli.actions.web import free_port
from packhouse.cli.child import Plan
from packhouse.cli.demo.neighbours import OMNITRON_LOGIN
from packhouse.cli.house import House
from packhouse.cli.supervisor import Supervisor
from packhouse.integrations.failures import TemporaryFailure
from packhouse.integrations.models import FailedCall
from packhouse.integrations.omnitron import catch_up, order_reads
from packhouse.integrations.omnitron.models import CatchUp
from packhouse.kernel import settings_store
from packhouse.orders.models import StatusReport

HOST = "127.0.0.1"
LATENCY_MS = (50, 2000)
LOOK_SECONDS = 0.5
PATIENCE_SECONDS = 7200.0

# What the clock queues comes and goes by itself; all else must be through, also what waits for its next try.
_OPEN_JOBS = """
SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')
    AND queue_name = ANY('{omnitron,orders,planning,carriers}')
    AND task_name <> ALL('{omnitron.catch_up,omnitron.sweep,omnitron.nightly}')
"""


@dataclass
class Life:
    """`scale`: so much faster than the clock are latency and delays of the faults. `seconds`: by step.

    `backlog`: statuses that waited when the outage ended; `recovery`: seconds from then until all was told.
    """

    name: str
    orders: int
    scale: float
    outage_seconds: float
    supervisor: Supervisor
    say: Callable[[str], None]
    seconds: dict[str, float] = field(default_factory=dict)
    backlog: int = 0
    recovery: float = 0.0

    def live(self, folder: Path, database_url: str) -> dict[str, Any]:
        """Everything, and what is left: rows of both sides, what disagrees, what it took."""
        desk = self._begin(folder, database_url)
        outage = self._wait_for_the_end if self.name == "outage" else None
        story = Story(desk, self.orders, self._until_at_rest(desk), outage)
        self._last = time.monotonic()
        story.live()
        desk.control("DELETE", "faults/")
        state = state_of(desk)
        return {
            "life": self.name,
            "state": state,
            "disagreements": disagreements(state, story.told),
            "seconds": self.seconds,
            "backlog": self.backlog,
            "recovery": self.recovery,
            "command_seconds": story.command_seconds,
            "failed_calls": FailedCall.objects.count(),
            "healed": CatchUp.objects.get().healed,
            "dropped": len(desk.control("GET", "deliveries/?state=dropped")),
        }

    def _begin(self, folder: Path, database_url: str) -> Desk:
        prepare()
        port = free_port(HOST, 0)
        desk = Desk(f"http://{HOST}:{port}", *OMNITRON_LOGIN)
        command = [sys.executable, "-c", "from sandbox.cli import main; main()", "omnitron", "--control"]
        command += ["--port", str(port), "--time-scale", str(self.scale), "--db", str(folder / "far.db")]
        self.supervisor.start(Plan("omnitron", command, 10, folder / "omnitron.log"))
        self.supervisor.wait_for("omnitron", f"{desk.url}/_sandbox/")
        desk.control("POST", "seed/", {"orders": 0})
        place = services.serving(HOST, 0)
        configure(desk.url, place.url, OMNITRON_LOGIN)
        settings_store.put("OMNITRON_CATCHUP_SECONDS", 10)
        services.start(self.supervisor, House(folder, database_url, embedded=False), place, logs=folder)
        set_up()
        fill_shelves(row["sku"] for row in desk.rows("products/"))
        desk.control("PUT", "faults/", self._faults())
        return desk

    def _faults(self) -> dict[str, Any]:
        if self.name not in ("rough", "silent-webhooks"):
            return {}
        faults: dict[str, Any] = {"preset": self.name, "rng": 1}
        if self.name == "rough":
            faults["latency_ms"] = [each / self.scale for each in LATENCY_MS]
        return faults

    def _wait_for_the_end(self) -> None:
        self._back = time.monotonic() + self.outage_seconds
        while time.monotonic() < self._back:
            self.supervisor.look_after()
            time.sleep(LOOK_SECONDS)
        self.backlog = StatusReport.objects.filter(state=StatusReport.State.WAITING).count()

    def _until_at_rest(self, desk: Desk) -> Callable[[str], None]:
        def rest(step: str) -> None:
            quiet, deadline = 0, time.monotonic() + PATIENCE_SECONDS
            while quiet < 2:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{self.name}: {step} does not come to rest")
                self.supervisor.look_after()
                quiet = quiet + 1 if not _is_busy(desk) and _found_nothing() else 0
                time.sleep(LOOK_SECONDS)
            now = time.monotonic()
            if self.backlog and not self.recovery:
                self.recovery = now - self._back
            self.seconds[step], self._last = now - self._last, now
            self.say(f"{self.name}: {step} took {self.seconds[step]:.0f} s")

        return rest


def _is_busy(desk: Desk) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_JOBS)
        jobs = cursor.fetchone()[0]
    waiting = StatusReport.objects.filter(state=StatusReport.State.WAITING)
    return bool(jobs or order_reads.owed() or waiting.exists()) or not desk.is_quiet()


def _found_nothing() -> bool:
    """Looked through once more, nothing is missing; where nobody answers that is not known."""
    try:
        return not catch_up.catch_up()
    except TemporaryFailure:
        return False
