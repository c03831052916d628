"""Webhooks against a real receiver on this machine and a real database."""

from collections.abc import Iterator

import pytest

from packhouse.kernel import outbox, settings_store
from packhouse.webhooks.fanout import fan_out
from sandbox.receiver.app import ReceiverSandbox
from sandbox.serve import Running
from tests.webhooks.builders import Receiver


@pytest.fixture
def _sending(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Events make deliveries, and deliveries may go to this machine."""
    settings_store.forget()
    monkeypatch.setattr(outbox._Wired, "fan_out", [fan_out])
    settings_store.put("WEBHOOKS", {"allowed_private_targets": ["127.0.0.1"]})
    yield
    settings_store.forget()


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
