"""The connector against the Omnitron sandbox, on real sockets; the database is the test's own."""

from collections.abc import Iterator
from itertools import count

import pytest

from packhouse.catalog.models import Channel
from packhouse.integrations.omnitron import endpoints
from packhouse.kernel import settings_store
from sandbox.omnitron.app import create
from sandbox.omnitron.seeding.plan import SeedPlan
from sandbox.serve import Running
from tests import builders
from tests.builders import a_channel
from tests.integrations.omnitron.office import DAY, PASSWORD, USERNAME, Office


@pytest.fixture(scope="session", autouse=True)
def _ids_apart() -> Iterator[None]:
    """The sandbox's ids are small; rows that builders make keep out of their way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builders, "_number", count(10_000_000))
        yield


@pytest.fixture(scope="session")
def _sandbox() -> Iterator[Office]:
    """One for all tests of a process; each test places orders of its own."""
    box = create(SeedPlan(day=DAY, orders=10))
    with Running(box.app) as running:
        office = Office(running.url, box)
        yield office
        office.close()


@pytest.fixture
def office(_sandbox: Office, db: None) -> Iterator[Office]:
    """The back office, configured here, without faults."""
    endpoints.forget()
    configure(_sandbox.url)
    _sandbox.forget_requests()
    yield _sandbox
    _sandbox.calm()
    endpoints.forget()


@pytest.fixture
def channels(office: Office) -> list[Channel]:
    """Its three channels, installed."""
    return [a_channel(omnitron_id=pk, name=f"Channel {pk}") for pk in (1, 2, 3)]


def configure(url: str, **changes: object) -> None:
    """Point the connector at an address."""
    settings_store.put(
        "OMNITRON_CLIENT_SETTINGS",
        {
            "auth": {"username": USERNAME, "password": PASSWORD},
            "urls": {"oms_url": "https://oms.example.com/api/v1", "base_url": f"{url}/api/v1"},
            **changes,
        },
    )
    settings_store.forget()
