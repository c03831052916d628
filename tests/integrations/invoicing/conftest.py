"""An invoice service on a real socket for each test file; emptied before every test."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.invoice.app import InvoiceSandbox
from sandbox.serve import Running


class Service:
    """The sandbox and where it answers."""

    def __init__(self, sandbox: InvoiceSandbox, url: str) -> None:
        self.sandbox, self.url = sandbox, url

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What was asked; documents fetched are no questions."""
        return [entry for entry in self.sandbox.control.requests if entry["method"] == "POST"]

    def configuration(self, **more: Any) -> dict[str, Any]:
        """What an installer writes on the transition."""
        return {"remote_url": f"{self.url}/invoices", **more}


@pytest.fixture(scope="module")
def _serving() -> Iterator[Service]:
    sandbox = InvoiceSandbox()
    with Running(sandbox.app) as running:
        yield Service(sandbox, running.url)


@pytest.fixture
def service(_serving: Service) -> Service:
    _serving.sandbox._reset()
    _serving.sandbox.control.set_faults({})
    _serving.sandbox.control.clear_requests()
    return _serving
