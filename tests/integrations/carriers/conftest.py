"""A carrier on a real socket for each test file; emptied before every test."""

from collections.abc import Iterator

import pytest

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
