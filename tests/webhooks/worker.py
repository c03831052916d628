"""Real worker processes, to be killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = """
import asyncio, django
django.setup()
from procrastinate.contrib.django import app
async def main():
    with app.replace_connector(app.connector.get_worker_connector()) as ready:
        async with ready.open_async():
            await ready.run_worker_async(queues=["webhooks"], concurrency=3, fetch_job_polling_interval=0.2,
                listen_notify=False)
asyncio.run(main())
"""


class Worker:
    """A Procrastinate worker for the queue `webhooks` in a process of its own."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            cwd=REPOSITORY,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "PACKHOUSE_ENCRYPTION_KEY": settings.PACKHOUSE_ENCRYPTION_KEY,
                "PACKHOUSE_LOG_LEVEL": "WARNING",
            },
        )

    def kill(self) -> None:
        """kill -9"""
        self.process.kill()
        self.process.wait(10)

    def end(self) -> float:
        """SIGTERM; how many seconds it took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(40)
        return time.monotonic() - started


def wait_until(reached: Callable[[], bool], seconds: float) -> None:
    """Fails when it is not so in time."""
    until = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < until, "not reached in time"
        time.sleep(0.02)
