"""A carrier on a real socket for each test file; emptied before every test."""

from collections.abc import Iterator

import pytest

from packhouse.integrations.carriers import gateway, registration, tracking
from packhouse.integrations.http import Patience
from sandbox.carrier.app import CarrierSandbox
from sandbox.serve import Running


class Carrier:
    """The sandbox and where it answers."""

    def __init__(self, sandbox: CarrierSandbox, url: str) -> None:
        self.sandbox, self.url = sandbox, url

    @property
    def calls(self) -> list[str]:
        return [f"{entry['method']} {entry['path']}" for entry in self.sandbox.control.requests]


@pytest.fixture(scope="module")
def _serving() -> Iterator[Carrier]:
    sandbox = CarrierSandbox(script="none")
    with Running(sandbox.app) as running:
        yield Carrier(sandbox, running.url)


@pytest.fixture
def carrier(_serving: Carrier) -> Carrier:
    _serving.sandbox._reset()
    _serving.sandbox.control.set_faults({})
    _serving.sandbox.control.clear_requests()
    return _serving


@pytest.fixture(autouse=True)
def _busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds of the wall clock are no subject here: a test that is held up by others must not lose patience."""
    monkeypatch.setattr(gateway, "IN_REQUEST", Patience(tries=3, within=600))
    for module in (registration, tracking):
        monkeypatch.setattr(module, "PATIENCE", Patience(tries=1, within=600))
