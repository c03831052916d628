"""`plan_order`: the only command that applies plans (page 30, "Applying a plan"); one order or some hundreds."""

import gc
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from packhouse.commands.planning import apply_plan
from packhouse.commands.planning.apply_plan import OPEN_PLANS, Decision, Planned
from packhouse.commands.planning.contest import Contest, demand_of
from packhouse.commands.planning.tell import tell
from packhouse.inventory.services import lock_stock_of
from packhouse.kernel import clock, exceptions
from packhouse.kernel.accounts import SYSTEM, Actor
from packhouse.kernel.commands import Command
from packhouse.kernel.engine import Locked, Run
from packhouse.kernel.errors import NotFound, PlanIsStale
from packhouse.packages.services import lock_locations
from packhouse.planning import selectors
from packhouse.planning.batch import Book, Plannable
from packhouse.planning.coordinates import find_coordinates
from packhouse.planning.explain import stored
from packhouse.planning.ground import read_ground
from packhouse.planning.models import ExecutionPlan
from packhouse.planning.orders_to_plan import plannables
from packhouse.planning.result import Plan
from packhouse.planning.stock_answers import Unknown, ask_for_orders

log = logging.getLogger(__name__)

# From a fresh snapshot this many times, then inside the locks (page 30).
ATTEMPTS = 5
# Nothing is wrong with these: they are not shown to a person.
_QUIET = frozenset({"not_approved", "nothing_to_plan"})

Previous = Mapping[int, int]
Result = Planned | Exception


def plan_order(order_id: int, *, actor: Actor = SYSTEM, previous: Previous | None = None) -> Planned:
    """Plan what of the order is approved and stands in no package, and apply the plan in one transaction.

    Nothing is planned twice, whoever else plans or packs at the same moment: the order is locked and every
    number checked again; what no longer holds is planned anew from a fresh snapshot. `previous` names by
    order item the package that a new one replaces. A batch of one.
    """
    result = plan_orders([order_id], actor=actor, previous=previous)[order_id]
    if isinstance(result, Exception):
        raise result
    return result


class Claims(Protocol):
    """Whose turn an order is, where several planners work off one queue. Both are called in the transaction."""

    def take(self, order_ids: Sequence[int]) -> Sequence[int]:
        """Before anything is locked: those that nobody else works on."""

    def settle(self, order_ids: Sequence[int]) -> None:
        """These are dealt with, if the transaction is committed."""


class _Everything:
    """Nobody else was asked to plan these orders."""

    def take(self, order_ids: Sequence[int]) -> Sequence[int]:
        return order_ids

    def settle(self, order_ids: Sequence[int]) -> None:
        pass


def plan_orders(
    order_ids: Sequence[int],
    *,
    actor: Actor = SYSTEM,
    previous: Previous | None = None,
    claims: Claims | None = None,
) -> dict[int, Result]:
    """Plan some hundreds of orders, the first of them first, in one transaction; what became of each,
    in this order.

    Each sees what those before it were given. One whose numbers no longer hold when the rows are locked is
    planned again, the others are committed. One that cannot be planned at all answers its error and holds up
    nobody. One that `claims` leaves to another planner is missing in the answer.
    """
    waiting: Sequence[int] = list(dict.fromkeys(order_ids))
    find_coordinates(waiting)
    batch = _Batch(actor, previous or {}, claims or _Everything(), ask_for_orders(waiting))
    with _without_collecting():
        for attempt in range(1, ATTEMPTS + 2):
            if not waiting:
                break
            batch.results.update(batch.attempt(waiting, attempt))
            waiting = [
                order_id for order_id in waiting if isinstance(batch.results.get(order_id), PlanIsStale)
            ]
    return {order_id: batch.results[order_id] for order_id in order_ids if order_id in batch.results}


@contextmanager
def _without_collecting() -> Iterator[None]:
    """A batch makes millions of short-lived values without cycles; looking for cycles among them costs a fifth."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@dataclass
class _Batch:
    actor: Actor
    previous: Previous
    claims: Claims
    unknown_stock: Unknown
    results: dict[int, Result] = field(default_factory=dict)

    def attempt(self, order_ids: Sequence[int], attempt: int) -> dict[int, Result]:
        """One transaction; where it fails, one for each half, until those at fault stand alone."""
        try:
            with transaction.atomic():
                return _Attempt(self, attempt).run(order_ids)
        except Exception as error:
            if _has_gone(error):
                raise
            if len(order_ids) == 1:
                return {order_ids[0]: error}
            log.warning("a batch of %s orders failed and is split: %s", len(order_ids), error)
        half = len(order_ids) // 2
        return {**self.attempt(order_ids[:half], attempt), **self.attempt(order_ids[half:], attempt)}


def _has_gone(error: Exception) -> bool:
    """The database, or the whole connection, is gone; that is nobody's fault among the orders."""
    if not isinstance(error, DatabaseError | InterfaceError):
        return False
    return isinstance(error, OperationalError | InterfaceError) and not connection.is_usable()


_LOCK = """
SELECT o.id, o.state, (SELECT version FROM kernel_machineversion), o.channel_id,
    EXISTS (SELECT FROM planning_executionplan e WHERE e.order_id = o.id AND e.state = ANY(%(open)s))
FROM orders_order o WHERE o.id = ANY(%(orders)s::bigint[]) ORDER BY o.id FOR UPDATE OF o
"""


class _Attempt:
    """One transaction: lock the orders, read, decide, lock what the plans take, write what still holds."""

    def __init__(self, batch: _Batch, attempt: int) -> None:
        self._batch = batch
        self._attempt = attempt
        self._locked: dict[int, Locked] = {}
        self._were_pending: set[int] = set()

    def run(self, order_ids: Sequence[int]) -> dict[int, Result]:
        mine = self._batch.claims.take(order_ids)
        if not mine:
            return {}
        results = self._run(mine)
        settled = [order_id for order_id, result in results.items() if isinstance(result, Planned)]
        self._batch.claims.settle(settled)
        return results

    def _run(self, order_ids: Sequence[int]) -> dict[int, Result]:
        self._lock(order_ids)
        found = plannables(list(self._locked))
        results: dict[int, Result] = {}
        for order_id in order_ids:
            if order_id not in found:
                results[order_id] = NotFound(f"There is no order {order_id}.")
            elif found[order_id].reason is not None:
                results[order_id] = self._without_plan(order_id, str(found[order_id].reason))
        wanted = {order_id: found[order_id] for order_id in order_ids if order_id not in results}
        return {**results, **self._plan(wanted)} if wanted else results

    def _plan(self, wanted: Mapping[int, Plannable]) -> dict[int, Result]:
        results: dict[int, Result] = {}
        decisions: dict[int, Decision] = {}
        for order_id, decided in self._decide(wanted).items():
            if isinstance(decided, Exception):
                results[order_id] = decided
            elif decided.reason is not None:
                results[order_id] = self._keep_pending(order_id, decided.reason, decided)
            else:
                decisions[order_id] = Decision(order_id, decided, self._attempt, self._batch.previous)
        contest = Contest({order_id: demand_of(each.plan) for order_id, each in decisions.items()})
        winners = contest.winners()
        stale = PlanIsStale("less is free than was planned")
        results |= dict.fromkeys(decisions.keys() - set(winners), stale)
        return {**results, **self._write([decisions[order_id] for order_id in winners])}

    def _lock(self, order_ids: Sequence[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, {"orders": list(order_ids), "open": OPEN_PLANS})
            for order_id, state, version, channel_id, waits in cursor.fetchall():
                self._locked[order_id] = Locked(order_id, state, version, frozenset(), channel_id)
                if waits:
                    self._were_pending.add(order_id)

    def _decide(self, wanted: Mapping[int, Plannable]) -> dict[int, Plan | Exception]:
        skus = {line.sku for each in wanted.values() for line in each.lines}
        if self._attempt > ATTEMPTS:
            lock_stock_of(skus)
            lock_locations()
        book = Book(read_ground(), selectors.read_stock(skus), clock.now(), self._batch.unknown_stock)
        decided: dict[int, Plan | Exception] = {}
        for order_id, plannable in wanted.items():
            try:
                decided[order_id] = book.decide(plannable, self._attempt)
            except Exception as error:  # one order's, whatever it is: the others go on
                log.exception("order %s cannot be planned", order_id)
                decided[order_id] = error
        return decided

    def _write(self, decisions: Sequence[Decision]) -> dict[int, Result]:
        if not decisions:
            return {}
        made = apply_plan.write(decisions)
        for decision in decisions:
            if decision.order_id in self._were_pending:
                exceptions.resolve("order_not_planned", f"order/{decision.order_id}")
        tell(made, self._batch.actor, PLAN_ORDER.name)
        return {one.order_id: one.planned() for one in made}

    def _without_plan(self, order_id: int, reason: str) -> Planned:
        """No plan was asked for: the order waits, has nothing open, or its channel is not known."""
        if reason in _QUIET:
            return Planned(order_id, reason)
        return self._keep_pending(order_id, reason, None)

    def _keep_pending(self, order_id: int, reason: str, decided: Plan | None) -> Planned:
        """The order waits in the exceptions list with its reason; subscribers learn it once per reason."""
        waiting, _ = ExecutionPlan.objects.get_or_create(
            order_id=order_id,
            state__in=OPEN_PLANS,
            defaults={"state": ExecutionPlan.State.PENDING, "created_date": clock.now()},
        )
        changed = waiting.reason != reason
        waiting.state, waiting.reason = ExecutionPlan.State.PENDING, reason
        waiting.attempt, waiting.tries = self._attempt, waiting.tries + 1
        if decided is not None:
            waiting.explanation = stored(decided)
        waiting.save()
        if changed:
            run = Run(self._batch.actor, PLAN_ORDER, None, self._locked[order_id])
            run.event("order.pending", "order", order_id)
            run.finish()
        exceptions.report(
            "order_not_planned",
            f"order/{order_id}",
            f"The order cannot be planned: {reason}.",
            detail={"reason": reason, "execution_plan": waiting.pk},
            action="plan",
        )
        return Planned(order_id, reason, plan_id=waiting.pk)


PLAN_ORDER = Command(
    name="PlanOrderCommand",
    on="order",
    body=plan_order,
    title={"en": "Plan the order", "tr": "Siparişi planla"},
    moves=(),
    system_only=True,
)
