"""What every test stands on: PostgreSQL, a database of its own, and a closed network.

`DATABASE_URL` names the server to use (its role must be allowed to make databases). Without it an embedded
server is started, with its data in `.data/test`, shared by all workers and kept for the next run.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from pytest_django import DjangoDbBlocker

from packhouse import postgres
from packhouse.api import throttling
from packhouse.kernel import settings_store, version
from tests.closed_network import closed_network
from tests.database import TestProcessDatabase, use

# How long an example takes says how busy the machine is, not whether the promise holds.
hypothesis.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("busy")

SERVER = pytest.StashKey[postgres.Server]()
DATA_DIR = Path(__file__).resolve().parent.parent / ".data" / "test"


def pytest_configure(config: pytest.Config) -> None:
    # Workers of xdist inherit the environment of the process that started them.
    if not os.environ.get("DATABASE_URL"):
        config.stash[SERVER] = postgres.attach(DATA_DIR, durable=False)
        os.environ["DATABASE_URL"] = config.stash[SERVER].url


def pytest_unconfigure(config: pytest.Config) -> None:
    if server := config.stash.get(SERVER, None):
        postgres.release(server)


@pytest.fixture(scope="session", autouse=True)
def _closed_network() -> Iterator[None]:
    with closed_network():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database of this test process; replaces the one of pytest-django."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        database = TestProcessDatabase.make()
        use(database.url)
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: database.renew())
        yield
        database.drop()


@pytest.fixture(scope="session", autouse=True)
def _keys() -> None:
    """An installation has keys of its own; the tests' are nobody's."""
    settings.SECRET_KEY = settings.PACKHOUSE_ENCRYPTION_KEY = "tests"


@pytest.fixture(scope="session", autouse=True)
def _one_version_for_a_test() -> None:
    """How many statements a test counts does not depend on how long it took."""
    version.KNOWN_FOR_SECONDS = 60.0


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    """What a process remembers of the database belongs to the test before."""
    settings_store.forget()
    throttling.forget()


@pytest.fixture
def database_url(django_db_setup: None) -> str:
    """The address of the test database, for a connection or a process of one's own."""
    return os.environ["DATABASE_URL"]
