"""A webhook receiver that keeps what it is sent and answers as it is told."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


@dataclass
class Received:
    """One request: its path, headers and raw body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def uuid(self) -> str:
        return str(self.json["event"]["uuid"])


@dataclass
class Receiver:
    """Answers, `pause_s` later, with `statuses` one after the other, 200 when they are used up."""

    received: list[Received] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    pause_s: float = 0

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        self.received.append(Received(request.url.path, dict(request.headers), await request.body()))
        await asyncio.sleep(self.pause_s)
        return PlainTextResponse("taken", self.statuses.pop(0) if self.statuses else 200)

    def wait_for(self, count: int, seconds: float = 5) -> list[Received]:
        """What came, once it is `count` at least."""
        wait_until(lambda: len(self.received) >= count, seconds)
        return list(self.received)


def wait_until(true: Callable[[], bool], seconds: float = 5) -> None:
    """Return as soon as something holds; fail when it does not within the time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.01)
