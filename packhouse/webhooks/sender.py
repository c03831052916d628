"""Sending to many targets at once from one event loop. Knows no database."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import Final

from packhouse.kernel import clock
from packhouse.kernel.addresses import Place
from packhouse.webhooks.message import request_of, shown_headers
from packhouse.webhooks.network import FAULT_STATUS, Answer, Line, Network, Timeouts
from packhouse.webhooks.outcomes import NOT_CONFIGURED
from packhouse.webhooks.work import Attempt, Chain, Item

SHARE: Final = 0.7
"""Part of a target's places that one of several subscribers may take."""
GATHER_SECONDS: Final = 0.005


class Flow:
    """What goes to one target: chains waiting for a place, and those under way, at most `places` at once.

    `room` is how many deliveries a subscriber may have here, `is_shared` whether the target has several, none of
    which may take all places. `attempts` and `unsent` are what is ready to be
    written down.
    """

    def __init__(self, place: Place, network: Network, timeouts: Timeouts, places: int) -> None:
        self.places = self.room = places
        self.is_shared = False
        self.attempts: list[Attempt] = []
        self.unsent: list[Item] = []
        self._connect = (place, network, timeouts)
        self._waiting: deque[Chain] = deque()
        self._lines: list[Line] = []
        self._tasks: dict[asyncio.Task[None], int] = {}

    @property
    def under_way(self) -> int:
        """Chains being sent."""
        return len(self._tasks)

    @property
    def is_hungry(self) -> bool:
        """Has places that nothing it was given may fill."""
        return len(self._tasks) < self.places

    @property
    def is_empty(self) -> bool:
        return not (self._waiting or self._tasks or self.attempts or self.unsent)

    def taken(self) -> Counter[int]:
        """Chains here, by subscriber."""
        here = Counter(chain[0].subscriber_id for chain in self._waiting)
        here.update(self._tasks.values())
        return here

    def full(self) -> list[int]:
        """Subscribers that have as much here as they may."""
        return [subscriber for subscriber, number in self.taken().items() if number >= self.room]

    def give(self, chains: Iterable[Chain]) -> None:
        self._waiting.extend(chains)

    def give_up_waiting(self) -> None:
        """What has not been begun goes back."""
        while self._waiting:
            self.unsent.extend(self._waiting.popleft())

    def start(self, news: Callable[[Flow], None]) -> None:
        """Fill the free places. Needs a running loop; `news` is called when something has ended."""
        while len(self._tasks) < self.places and (chain := self._next()) is not None:
            task = asyncio.create_task(self._send(chain))
            self._tasks[task] = chain[0].subscriber_id
            task.add_done_callback(lambda done: self._ended(done, news))

    def _ended(self, task: asyncio.Task[None], news: Callable[[Flow], None]) -> None:
        del self._tasks[task]
        if not task.cancelled():
            task.result()
            self.start(news)
            news(self)

    def _next(self) -> Chain | None:
        """The first chain of a subscriber that has not taken its share of the places."""
        running = Counter(self._tasks.values())
        share = max(1, math.ceil(self.places * SHARE)) if self.is_shared else self.places
        for position, chain in enumerate(self._waiting):
            if running[chain[0].subscriber_id] < share:
                del self._waiting[position]
                return chain
        return None

    async def _send(self, chain: Chain) -> None:
        line = self._lines.pop() if self._lines else Line(*self._connect)
        try:
            for position, item in enumerate(chain):
                if time.monotonic() > item.begin_before:
                    self.unsent.extend(chain[position:])
                    return
                if not await self._attempt(line, item, chain[position + 1 :]):
                    return
        finally:
            self._lines.append(line)

    async def _attempt(self, line: Line, item: Item, rest: Chain) -> bool:
        """Send one; whether the next of its chain may follow."""
        at = clock.now()
        request = request_of(
            item.address, item.event_type, item.uuid, item.body, attempt=item.retry_count + 1, now=at
        )
        if item.address.unusable:
            answer = Answer(FAULT_STATUS, item.address.unusable, {}, 0.0, fault=NOT_CONFIGURED)
        else:
            answer = await line.post(request)
        goes_on = answer.delivered and bool(rest)
        self.attempts.append(
            Attempt(
                item,
                answer,
                at,
                shown_headers(request),
                rest=() if goes_on else tuple(rest),
                is_last=not goes_on,
            )
        )
        return goes_on

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(list(self._tasks))
        for line in self._lines:
            await line.close()


class Sender:
    """The flows of one pump."""

    def __init__(self) -> None:
        self.flows: dict[int, Flow] = {}
        self._news: asyncio.Event | None = None

    @property
    def is_empty(self) -> bool:
        return all(flow.is_empty for flow in self.flows.values())

    async def work(self, seconds: float) -> None:
        """Send for a while: until `seconds` have passed, or a flow with results could take more."""
        self._news = asyncio.Event()
        for flow in self.flows.values():
            flow.start(self._heard)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
                # What ends at nearly the same time is written down together.
                await asyncio.sleep(GATHER_SECONDS)

    def _heard(self, flow: Flow) -> None:
        if flow.is_hungry and self._news is not None:
            self._news.set()

    async def close(self) -> None:
        """Cut off what is still under way."""
        for flow in self.flows.values():
            await flow.close()
