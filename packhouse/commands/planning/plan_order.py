"""`plan_order`: the only command that applies a plan (page 30, "Applying a plan")."""

from django.db import transaction

from packhouse.commands.planning import apply_plan
from packhouse.commands.planning.apply_plan import Planned
from packhouse.inventory.services import lock_stock_of
from packhouse.kernel import clock, exceptions
from packhouse.kernel.accounts import SYSTEM, Actor
from packhouse.kernel.commands import Command
from packhouse.kernel.engine import Run, aggregate_of
from packhouse.kernel.errors import NotFound, PlanIsStale
from packhouse.packages.services import lock_locations
from packhouse.planning import selectors
from packhouse.planning.engine import plan
from packhouse.planning.models import ExecutionPlan
from packhouse.planning.result import Plan
from packhouse.planning.snapshot import Line

# From a fresh snapshot this many times, then inside the locks (page 30).
ATTEMPTS = 5
# Nothing is wrong with these: they are not shown to a person.
_QUIET = frozenset({"not_approved", "nothing_to_plan"})


def plan_order(order_id: int, *, actor: Actor = SYSTEM, previous: dict[int, int] | None = None) -> Planned:
    """Plan what of the order is approved and stands in no package, and apply the plan in one transaction.

    Nothing is planned twice, whoever else plans or packs at the same moment: the order is locked and every
    number checked again; what no longer holds is planned anew from a fresh snapshot. `previous` names by
    order item the package that a new one replaces.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _attempt(order_id, attempt, actor, previous or {}, locked_first=False)
        except PlanIsStale:
            continue
    return _attempt(order_id, ATTEMPTS + 1, actor, previous or {}, locked_first=True)


def _attempt(
    order_id: int, attempt: int, actor: Actor, previous: dict[int, int], *, locked_first: bool
) -> Planned:
    if not locked_first:
        lines, decided = _decide(order_id, attempt)
        with transaction.atomic():
            return _apply(order_id, lines, decided, attempt, actor, previous)
    with transaction.atomic():
        aggregate_of("order").lock(order_id)
        open_lines = selectors.plannable(order_id).lines
        lock_stock_of({line.sku for line in open_lines})
        lock_locations()
        lines, decided = _decide(order_id, attempt)
        return _apply(order_id, lines, decided, attempt, actor, previous)


def _decide(order_id: int, attempt: int) -> tuple[tuple[Line, ...], Plan | str]:
    """The plan, or the reason why there is none."""
    found = selectors.plannable(order_id)
    if found.reason is not None:
        return (), found.reason
    return found.lines, plan(selectors.read_snapshot(found.order, found.lines, attempt=attempt))


def _apply(
    order_id: int,
    lines: tuple[Line, ...],
    decided: Plan | str,
    attempt: int,
    actor: Actor,
    previous: dict[int, int],
) -> Planned:
    locked = aggregate_of("order").lock(order_id)
    if locked is None:
        raise NotFound(f"There is no order {order_id}.")
    if selectors.plannable(order_id).lines != lines:
        raise PlanIsStale("the order has changed")
    run = Run(actor, PLAN_ORDER, None, locked)
    if isinstance(decided, str):
        planned = _not_planned(order_id, decided, attempt, run)
    elif decided.reason is not None:
        planned = _pending(order_id, decided, attempt, run)
    else:
        planned = apply_plan.apply(order_id, decided, attempt, run, previous)
        exceptions.resolve("order_not_planned", f"order/{order_id}")
    run.finish()
    return planned


def _not_planned(order_id: int, reason: str, attempt: int, run: Run) -> Planned:
    """No plan was asked for: the order waits, has nothing open, or its channel is not known."""
    if reason in _QUIET:
        return Planned(order_id, reason)
    return _keep_pending(order_id, reason, attempt, run, None)


def _pending(order_id: int, decided: Plan, attempt: int, run: Run) -> Planned:
    return _keep_pending(order_id, str(decided.reason), attempt, run, decided)


def _keep_pending(order_id: int, reason: str, attempt: int, run: Run, decided: Plan | None) -> Planned:
    """The order waits in the exceptions list with its reason; subscribers learn it once per reason."""
    waiting, _ = ExecutionPlan.objects.get_or_create(
        order_id=order_id,
        state__in=(ExecutionPlan.State.PENDING, ExecutionPlan.State.START),
        defaults={"state": ExecutionPlan.State.PENDING, "created_date": clock.now()},
    )
    changed = waiting.reason != reason
    waiting.state, waiting.reason = ExecutionPlan.State.PENDING, reason
    waiting.attempt, waiting.tries = attempt, waiting.tries + 1
    if decided is not None:
        waiting.explanation = apply_plan.stored_explanation(decided)
    waiting.save()
    if changed:
        run.event("order.pending", "order", order_id)
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
