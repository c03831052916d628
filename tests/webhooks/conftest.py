"""Webhooks against a real receiver on this machine and a real database."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from packhouse.kernel import outbox, settings_store
from packhouse.webhooks import waking
from packhouse.webhooks.fanout import FAN_OUT
from sandbox.receiver.app import ReceiverSandbox
from sandbox.serve import Running
from tests.webhooks.builders import Receiver, set_up


@contextmanager
def _wired(patch: pytest.MonkeyPatch) -> Iterator[None]:
    patch.setattr(outbox._Wired, "fan_outs", (FAN_OUT,))
    patch.setattr(waking._Woken, "at", float("-inf"))
    set_up(WEBHOOKS={"allowed_private_targets": ["127.0.0.1"]})
    yield
    settings_store.forget()


@pytest.fixture
def _sending(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Events make deliveries, and deliveries may go to this machine. All in one transaction, undone afterwards:
    a pump that runs in the test's own thread shares it."""
    with _wired(monkeypatch):
        yield


@pytest.fixture
def _committing(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The same with real commits, for several threads or processes."""
    with _wired(monkeypatch):
        yield


@pytest.fixture(scope="session")
def _running_receiver() -> Iterator[Receiver]:
    sandbox = ReceiverSandbox()
    with Running(sandbox.app) as running:
        yield Receiver(sandbox, running.url)


@pytest.fixture
def receiver(_running_receiver: Receiver) -> Receiver:
    """An empty receiver without faults."""
    _running_receiver.reset()
    return _running_receiver
