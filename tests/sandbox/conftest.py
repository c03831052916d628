"""Sandboxes running in threads, each with a client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from starlette.types import ASGIApp

from sandbox.serve import Running

Runner = Callable[[ASGIApp], httpx.Client]


@pytest.fixture(scope="module")
def run() -> Iterator[Runner]:
    """Start an application on a free port until the end of the file; returns a client for its address."""
    with ExitStack() as stack:

        def start(app: ASGIApp) -> httpx.Client:
            running = stack.enter_context(Running(app))
            return stack.enter_context(httpx.Client(base_url=running.url, timeout=5))

        yield start
