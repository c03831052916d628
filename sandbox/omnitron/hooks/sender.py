"""Sending deliveries: in the background, signed, the same bytes on every attempt."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from sandbox.omnitron import clock
from sandbox.omnitron.dice import dice
from sandbox.omnitron.hooks import countdown
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store

HOOK, DELIVERY = TABLES["hook"], TABLES["delivery"]
TIMEOUT_S = 10.0
AT_ONCE_PER_TARGET = 16
MAX_KEPT_ANSWER = 4096
PENDING = ("waiting", "retrying")
log = logging.getLogger("sandbox.omnitron.hooks")


@dataclass(frozen=True)
class Outcome:
    """What came back. A network fault counts as status 500 with its text."""

    status: int
    content: str
    seconds: float

    @property
    def delivered(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300


def signature(secret: str, body: bytes) -> str:
    """`sha256=<hex>`: HMAC-SHA256 of the exact body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers_of(hook: Mapping[str, Any], event_type: str, body: bytes) -> dict[str, str]:
    """The headers of one sending; the hook's own lie on top."""
    headers = {"Content-Type": "application/json", "X-Whisperer-Event": event_type}
    if hook["secret_key"]:
        headers["X-Whisperer-Signature"] = signature(hook["secret_key"], body)
    return {**headers, **{str(name): str(value) for name, value in hook["additional_headers"].items()}}


class Sender:
    """Works off deliveries without ever holding up a request. Belongs to one event loop, between start and stop."""

    def __init__(self, store: Store, *, time_scale: float = 1.0) -> None:
        self._store = store
        self._time_scale = time_scale
        self._chance = dice()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._under_way: set[int] = set()
        self._turns: dict[str, asyncio.Semaphore] = {}

    async def start(self) -> None:
        """Take up the loop and what an earlier run left waiting."""
        self._loop = asyncio.get_running_loop()
        self._turns = defaultdict(lambda: asyncio.Semaphore(AT_ONCE_PER_TARGET))
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=AT_ONCE_PER_TARGET * 4)
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT_S, follow_redirects=False, trust_env=False, limits=limits
        )
        self.resume()

    async def stop(self) -> None:
        """End quickly; what is not delivered stays in the store."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
        self._loop = self._client = None

    def forget(self) -> None:
        """Give up everything that waits: the store was emptied."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        for task in list(self._tasks):
            task.cancel()

    def resume(self, hook_id: int | None = None) -> None:
        """Schedule every pending delivery, or those of one hook that was switched on again."""
        marks = ",".join("?" * len(PENDING))
        where, params = f"state IN ({marks})", list[Any](PENDING)
        if hook_id is not None:
            where, params = f"{where} AND webhook = ?", [*params, hook_id]
        for delivery in self._store.find(DELIVERY, where, params):
            due = delivery["next_attempt_date"]
            wait = (clock.parse(due) - clock.now()).total_seconds() if due else 0.0
            self.schedule(delivery["id"], max(0.0, wait))

    def schedule(self, delivery_id: int, delay_s: float, *, repeat: bool = False) -> None:
        """Send in `delay_s` seconds; a `repeat` is sent even though it was delivered already. Before `start`
        nothing happens: the store remembers."""
        if self._loop is None:
            return
        if delay_s <= 0:
            self._spawn(self._loop, delivery_id, repeat)
            return

        def due(loop: asyncio.AbstractEventLoop) -> None:
            self._timers.discard(timer)
            self._spawn(loop, delivery_id, repeat)

        timer = self._loop.call_later(delay_s, due, self._loop)
        self._timers.add(timer)

    def _spawn(self, loop: asyncio.AbstractEventLoop, delivery_id: int, repeat: bool) -> None:
        task = loop.create_task(self._send_in_turn(delivery_id, repeat))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_in_turn(self, delivery_id: int, repeat: bool) -> None:
        try:
            await self.attempt(delivery_id, repeat=repeat)
        except Exception:
            log.exception("delivery %s", delivery_id)

    def is_under_way(self, delivery_id: int) -> bool:
        """Whether an attempt is running now."""
        return delivery_id in self._under_way

    async def attempt(self, delivery_id: int, *, repeat: bool = False) -> Outcome | None:
        """One attempt as soon as its target has a place free, written down; the next one is scheduled.

        Null when there is nothing to send: delivered already (unless `repeat`), or the hook is switched off.
        """
        client, found = self._client, self._to_send(delivery_id, repeat)
        if client is None or found is None:
            return None
        async with self._turns[urlsplit(found[0]["target_url"]).netloc]:
            found = self._to_send(delivery_id, repeat)
            if found is None:
                return None
            hook, delivery = found
            self._under_way.add(delivery_id)
            try:
                outcome = await self._post(client, hook, delivery)
            finally:
                self._under_way.discard(delivery_id)
        self._write_down(hook, delivery_id, outcome, repeat)
        return outcome

    def _to_send(self, delivery_id: int, repeat: bool) -> tuple[Row, Row] | None:
        delivery = self._store.get(DELIVERY, delivery_id)
        hook = self._store.get(HOOK, delivery["webhook"]) if delivery else None
        if (
            delivery is None
            or hook is None
            or not hook["is_active"]
            or (delivery["delivered"] and not repeat)
        ):
            return None
        return hook, delivery

    async def _post(self, client: httpx.AsyncClient, hook: Row, delivery: Row) -> Outcome:
        body = delivery["body"].encode()
        credentials = (hook["config"] or {}).get("auth") or {}
        auth = httpx.BasicAuth(credentials["username"], credentials["password"]) if credentials else None
        started = time.monotonic()
        try:
            response = await client.post(
                hook["target_url"],
                content=body,
                headers=headers_of(hook, delivery["event_type"], body),
                auth=auth or httpx.USE_CLIENT_DEFAULT,
            )
            status, content = response.status_code, response.text[:MAX_KEPT_ANSWER]
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            status, content = 500, f"{type(error).__name__}: {error}"
        return Outcome(status, content, time.monotonic() - started)

    def _write_down(self, hook: Row, delivery_id: int, outcome: Outcome, repeat: bool) -> None:
        delivery = self._store.get(DELIVERY, delivery_id)
        if delivery is None:
            return
        attempts = delivery["retry_count"] + 1
        values: dict[str, Any] = {
            "retry_count": attempts,
            "request_datetimes": [clock.now_text(), *delivery["request_datetimes"]],
            "response_http_status": outcome.status,
            "response_content": outcome.content,
            "response_time": _clock_time(outcome.seconds),
        }
        if outcome.delivered or delivery["delivered"]:
            values.update(delivered=True, state="delivered", next_attempt_date=None)
        elif not repeat:
            values.update(self._next_attempt(hook, delivery_id, attempts))
        self._store.update(DELIVERY, delivery_id, values)

    def _next_attempt(self, hook: Row, delivery_id: int, attempts: int) -> dict[str, Any]:
        wait = countdown.wait_after(attempts, hook["retry_countdown_config"], self._chance)
        if wait is None:
            return {"state": "dead", "next_attempt_date": None}
        scaled = wait / self._time_scale
        self.schedule(delivery_id, scaled)
        return {
            "state": "retrying",
            "next_attempt_date": clock.to_text(clock.now() + timedelta(seconds=scaled)),
        }


def _clock_time(seconds: float) -> str:
    """`00:00:00.123456`."""
    whole, rest = divmod(round(seconds * 1_000_000), 1_000_000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{rest:06}"


def envelope_of(delivery: Mapping[str, Any]) -> Any:
    """The frozen body, read again."""
    return json.loads(delivery["body"])
