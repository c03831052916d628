"""The same days with and without faults between us and the back office end with the same rows (page 70, B5)."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import TransactionTestCase
from pytest_django.live_server_helper import LiveServer

from bench import fault_story
from bench.fault_rows import State, differences, disagreements, state_of
from bench.fault_story import Desk, Story
from packhouse.cli.actions import worker
from packhouse.integrations import circuit, http
from packhouse.integrations.failures import TemporaryFailure
from packhouse.integrations.omnitron import catch_up, endpoints, order_reads, status_reports
from packhouse.kernel import settings_store
from packhouse.orders.models import StatusReport
from sandbox.omnitron.app import create
from sandbox.omnitron.box import Settings
from sandbox.omnitron.seeding.plan import SeedPlan
from sandbox.serve import Running
from tests.integrations.omnitron.office import DAY, PASSWORD, USERNAME
from tests.integrations.omnitron.working import work

ORDERS = int(os.environ.get("PACKHOUSE_FAULT_ORDERS", "40"))
"""Each life of each costs some 0.2 s of one core; `python -m bench.faults` lives with ten thousand."""
# A minute there is a third of a second here; latency is of the same scale.
SCALE = 200
ROUGH = {"preset": "rough", "latency_ms": [0.25, 10], "rng": 1}
SILENT = {"preset": "silent-webhooks"}
QUEUES = ("omnitron", "orders", "planning", "carriers", "setup")


@pytest.fixture
def desk() -> Iterator[Desk]:
    box = create(SeedPlan(day=DAY, orders=0), settings=Settings(time_scale=SCALE))
    with Running(box.app) as running:
        yield Desk(running.url, USERNAME, PASSWORD)


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are of the scale of the faults."""
    monkeypatch.setattr(http, "FIRST_WAIT", 0.005)
    monkeypatch.setattr(circuit, "OPEN_FOR", timedelta(seconds=0.1))


def rest(desk: Desk) -> Callable[[str], None]:
    """Work until nothing is left to be done, twice in a row; what fails is tried again."""

    def until_at_rest(_step: str) -> None:
        quiet, deadline = 0, time.monotonic() + 60 + ORDERS
        while quiet < 2:
            assert time.monotonic() < deadline, "it does not come to rest"
            work(*QUEUES, tries=1000)
            if not desk.is_quiet():
                time.sleep(0.02)
                continue
            try:
                found = catch_up.catch_up()
            except TemporaryFailure:
                continue
            busy = found or order_reads.owed() or StatusReport.objects.filter(state="waiting").exists()
            quiet = 0 if busy else quiet + 1

    return until_at_rest


def nobody_answers() -> None:
    """Every status that waits is tried and waits on; what is new there cannot be seen."""
    orders = set(StatusReport.objects.filter(state="waiting").values_list("order_id", flat=True))
    assert orders
    for order_id in orders:
        with pytest.raises(TemporaryFailure):
            status_reports.report(order_id)
    with pytest.raises(TemporaryFailure):
        catch_up.catch_up()
    assert orders == set(StatusReport.objects.filter(state="waiting").values_list("order_id", flat=True))


def lived(
    desk: Desk, url: str, faults: dict[str, Any], outage: Callable[[], None] | None = None
) -> tuple[Story, State]:
    """A whole life under faults, in a house that is as new."""
    TransactionTestCase("run")._fixture_teardown()
    endpoints.forget()
    settings_store.forget()
    desk.control("POST", "reset/")
    fault_story.configure(desk.url, url, (USERNAME, PASSWORD))
    fault_story.set_up()
    fault_story.fill_shelves(row["sku"] for row in desk.rows("products/"))
    desk.control("PUT", "faults/", faults)
    story = Story(desk, ORDERS, rest(desk), outage)
    story.live()
    desk.control("DELETE", "faults/")
    return story, state_of(desk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_impatient")
@pytest.mark.timeout(120 + 10 * ORDERS)
def test_every_life_ends_as_the_calm_one(desk: Desk, live_server: LiveServer) -> None:
    worker.load_tasks()
    calm, expected = lived(desk, live_server.url, {})
    assert disagreements(expected, calm.told) == []
    assert len(expected["orders"]) == ORDERS + ORDERS // 20
    assert {row[3] for row in expected["packages"]} >= {"100", "500", "600", "800", "900"}

    lives = {"rough": lived(desk, live_server.url, ROUGH), "silent": lived(desk, live_server.url, SILENT)}
    lives["outage"] = lived(desk, live_server.url, {}, nobody_answers)

    for name, (story, reached) in lives.items():
        assert differences(expected, reached) == {}, name
        assert disagreements(reached, story.told) == [], name
