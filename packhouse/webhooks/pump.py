"""The pump: takes deliveries that are due from the desks of their targets and sends them, until none is left.

Any number of pumps may run, in any number of workers; a target is served by one at a time. Database and
network take turns in one thread: while statements run nothing is awaited, and while anything is awaited
no transaction is open.
"""

import asyncio
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

from django.db import connection

from packhouse.kernel import clock
from packhouse.kernel.addresses import Place
from packhouse.webhooks import callbacks, desk, waking
from packhouse.webhooks.addressbook import AddressBook
from packhouse.webhooks.claiming import Room
from packhouse.webhooks.desk import Turn
from packhouse.webhooks.network import Network, trust_store
from packhouse.webhooks.rules import Rules
from packhouse.webhooks.sender import Flow, Sender

MOST_TARGETS: Final = 50
MOST_AT_ONCE: Final = 200
BUSY_SECONDS: Final = 0.1
IDLE_SECONDS: Final = 0.1
RENEW_SECONDS: Final = 1.0
RESOLVERS: Final = 64

# Only what this pump can act on: a subscriber that has all it may have at the sender is not looked at.
_DUE = """
SELECT t.id, t.scheme, t.host, t.port, 1 < (
    SELECT count(*) FROM webhooks_subscriber s
    WHERE s.target_id = t.id AND EXISTS (SELECT FROM webhooks_hook h WHERE h.subscriber_id = s.id AND h.is_active))
FROM webhooks_target t
WHERE (t.lease = %(pump)s OR t.leased_until IS NULL OR t.leased_until <= %(now)s)
    AND (t.open_until IS NULL OR t.open_until <= %(now)s)
    AND EXISTS (
        SELECT FROM webhooks_subscriber s CROSS JOIN LATERAL (
            SELECT FROM webhooks_delivery d
            WHERE d.subscriber_id = s.id AND d.state IN ('waiting', 'retrying')
                AND d.next_attempt_date <= %(now)s AND (d.claimed_until IS NULL OR d.claimed_until <= %(now)s)
            LIMIT 1) due
        WHERE s.target_id = t.id AND s.id <> ALL(%(full)s))
ORDER BY random()
LIMIT %(most)s
"""
_SOON = """
SELECT EXISTS (
    SELECT FROM webhooks_target t JOIN webhooks_subscriber s ON s.target_id = t.id CROSS JOIN LATERAL (
        SELECT FROM webhooks_delivery d
        WHERE d.subscriber_id = s.id AND d.state IN ('waiting', 'retrying') AND d.next_attempt_date <= %(until)s
            AND (d.claimed_until IS NULL OR d.claimed_until <= %(until)s)
        LIMIT 1) due
    WHERE (t.lease = %(pump)s OR t.leased_until IS NULL OR t.leased_until <= %(until)s)
        AND (t.open_until IS NULL OR t.open_until <= %(until)s))
"""
_LET_GO = """
UPDATE webhooks_target SET lease = NULL, leased_until = NULL WHERE lease = %(pump)s AND id <> ALL(%(kept)s)
"""


class Pump:
    """`stopping`: asked all the time; once true the pump takes nothing more and ends what it has begun.
    `hand_over`: called when it takes nothing more, to have another one run."""

    def __init__(
        self, *, stopping: Callable[[], bool] = lambda: False, hand_over: Callable[[], None] = lambda: None
    ) -> None:
        self.id = uuid.uuid4()
        self.attempts = 0
        self._stopping, self._hand_over = stopping, hand_over
        self._rules = Rules.now()
        self._resolvers = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="webhooks-dns")
        self._network = Network(self._rules.allowed, trust_store(), self._resolvers)
        self._book = AddressBook()
        self._sender = Sender()
        self._turned: dict[int, float] = {}

    def run(self, *, linger: float, longest: float) -> int:
        """Send until nothing was due for `linger` seconds, or `longest` have passed; how many attempts were made."""
        with asyncio.Runner() as runner:
            try:
                is_idle = self._pump(runner, linger, time.monotonic() + longest)
                self._finish(runner, is_idle=is_idle)
            finally:
                runner.run(self._sender.close())
                self._resolvers.shutdown(wait=False, cancel_futures=True)
        return self.attempts

    def _pump(self, runner: asyncio.Runner, linger: float, until: float) -> bool:
        """Whether it ended for want of work. New settings are for the next pump."""
        worked, said = time.monotonic(), float("-inf")
        while time.monotonic() < until and not self._stopping():
            if time.monotonic() - said > RENEW_SECONDS:
                waking.say_alive(self.id)
                said = time.monotonic()
                if Rules.now() != self._rules:
                    return False
            moved = self._round(self._due())
            if moved or not self._sender.is_empty:
                worked = time.monotonic()
            elif time.monotonic() - worked >= linger and not self._is_due_within(linger):
                return True
            if not self._sender.is_empty:
                runner.run(self._sender.work(BUSY_SECONDS))
            elif not moved:
                runner.run(self._sender.work(IDLE_SECONDS))
        return False

    def _finish(self, runner: asyncio.Runner, *, is_idle: bool) -> None:
        """What is under way is waited for; other pumps may have everything else at once."""
        waking.say_ended(self.id)
        for flow in self._sender.flows.values():
            flow.give_up_waiting()
        self._round(set(), taking=False)
        self._let_go()
        if not is_idle or self._is_due_within(0):
            self._hand_over()
        while not self._sender.is_empty:
            runner.run(self._sender.work(BUSY_SECONDS))
            self._round(set(), taking=False)
        self._let_go()

    def _round(self, due: set[int], *, taking: bool = True) -> bool:
        """A turn at every desk where there is something to bring or to take; whether anything moved."""
        moved = False
        for target_id, flow in self._sender.flows.items():
            if target_id in due or flow.attempts or flow.unsent or self._must_renew(target_id, flow):
                moved = self._turn(target_id, flow, taking=taking) or moved
        return moved

    def _must_renew(self, target_id: int, flow: Flow) -> bool:
        return not flow.is_empty and time.monotonic() - self._turned.get(target_id, 0.0) > RENEW_SECONDS

    def _turn(self, target_id: int, flow: Flow, *, taking: bool) -> bool:
        attempts, flow.attempts = flow.attempts, []
        unsent, flow.unsent = flow.unsent, []
        # Twice what it got through since the last turn keeps it busy until the next.
        flow.room = max(flow.places, min(MOST_AT_ONCE, 2 * len(attempts)))
        taken = desk.serve(
            Turn(
                target_id=target_id,
                pump=self.id,
                attempts=attempts,
                unsent=unsent,
                room=Room(flow.room, flow.taken()),
                most=MOST_AT_ONCE if taking else 0,
                under_way=flow.under_way,
                longest=self._rules.timeouts.total,
            ),
            self._book,
            clock.now(),
        )
        callbacks.tell(attempts)
        self.attempts += len(attempts)
        self._turned[target_id] = time.monotonic()
        flow.give(taken.chains)
        if taken.closed:
            flow.give_up_waiting()
        return bool(attempts or taken.chains or taken.more)

    def _due(self) -> set[int]:
        """Targets with something that this pump may send; each has its flow then."""
        flows = self._sender.flows
        full = [subscriber for flow in flows.values() for subscriber in flow.full()]
        with connection.cursor() as cursor:
            cursor.execute(_DUE, {"pump": self.id, "now": clock.now(), "full": full, "most": MOST_TARGETS})
            rows = cursor.fetchall()
        for target_id, scheme, host, port, is_shared in rows:
            if target_id not in flows:
                place, rules = Place(scheme, host, port), self._rules
                flows[target_id] = Flow(place, self._network, rules.timeouts, rules.places)
            flows[target_id].is_shared = is_shared
        return {row[0] for row in rows}

    def _is_due_within(self, seconds: float) -> bool:
        with connection.cursor() as cursor:
            until = clock.now() + timedelta(seconds=seconds)
            cursor.execute(_SOON, {"pump": self.id, "until": until})
            return bool(cursor.fetchone()[0])

    def _let_go(self) -> None:
        """Other pumps may serve the targets to which nothing is under way from here."""
        kept = [target_id for target_id, flow in self._sender.flows.items() if not flow.is_empty]
        with connection.cursor() as cursor:
            cursor.execute(_LET_GO, {"pump": self.id, "kept": kept})
