"""`--play 20/min`: the shop goes on selling while nobody looks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.omnitron.box import Box, log
from sandbox.omnitron.errors import ApiError
from sandbox.omnitron.rules.statuses import APPROVED, PAYMENT_WAITING
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.shop import Shop
from sandbox.omnitron.store import Row

_SECONDS = {"s": 1, "sec": 1, "min": 60, "h": 3600}
_PAY, _CANCEL = 0.5, 0.03
ORDER = TABLES["order"]


@dataclass(frozen=True)
class Rate:
    """So many orders in so many seconds."""

    count: float
    seconds: int

    @property
    def pause_s(self) -> float:
        """Seconds between two orders."""
        return self.seconds / self.count

    @classmethod
    def parse(cls, text: str) -> Rate:
        """`20/min`, `1/s`, `500/h`. Raises ValueError."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?)/(s|sec|min|h)", text.strip())
        if found is None or float(found[1]) <= 0:
            raise ValueError(f"'{text}' is no rate; write for example 20/min")
        return cls(float(found[1]), _SECONDS[found[2]])


class Player:
    """Places an order every so often; now and then somebody pays, somebody cancels."""

    def __init__(self, box: Box, shop: Callable[[], Shop], rate: Rate) -> None:
        self._box = box
        self._shop = shop
        self._rate = rate
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the running loop."""
        self._task = asyncio.get_running_loop().create_task(self._play())

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _play(self) -> None:
        while True:
            shop = self._shop()
            await asyncio.sleep(self._rate.pause_s * shop.chance.uniform(0.5, 1.5))
            try:
                self.step(shop)
            except Exception:  # noqa: BLE001  (the next customer comes all the same)
                log.exception("the shop stumbled")

    def step(self, shop: Shop) -> None:
        """One order, and what else happens meanwhile."""
        shop.place()
        if shop.chance.random() < _PAY and (order := self._any(shop, PAYMENT_WAITING)):
            shop.pay(order["id"])
        if shop.chance.random() < _CANCEL and (order := self._any(shop, APPROVED)):
            try:
                shop.cancel(order, {})
            except ApiError as refusal:
                log.info("order %s was not cancelled: %s", order["number"], refusal)

    def _any(self, shop: Shop, status: str) -> Row | None:
        count = self._box.store.count(ORDER, "status = ?", [status])
        if not count:
            return None
        offset = shop.chance.randrange(count)
        return self._box.store.find(ORDER, "status = ?", [status], limit=1, offset=offset)[0]
