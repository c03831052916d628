"""The worker process looks for jobs of dead workers again and again, whatever goes wrong in between."""

import asyncio
import logging

import pytest
from django.db import OperationalError

from packhouse.cli.actions import worker


def test_a_failing_look_is_logged_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        if len(looks) < 3:
            raise OperationalError("the server closed the connection")

    monkeypatch.setattr(worker, "_rescue", look)
    monkeypatch.setattr(worker, "RESCUE_SECONDS", 0.001)

    async def until_the_third_look() -> None:
        rescuing = asyncio.create_task(worker._keep_rescuing())
        while len(looks) < 4:
            await asyncio.sleep(0.001)
            assert not rescuing.done()
        rescuing.cancel()

    with caplog.at_level(logging.ERROR):
        asyncio.run(asyncio.wait_for(until_the_third_look(), timeout=5))

    assert len([record for record in caplog.records if record.name == worker.logger.name]) == 2


def test_the_beginning_and_end_of_jobs_are_told_only_to_who_asks() -> None:
    assert logging.getLogger("procrastinate.worker").level == logging.WARNING
