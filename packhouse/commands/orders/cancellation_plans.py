"""Deciding what somebody wants cancelled: kept as a plan, decided by rule or by a person (page 70, A7)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from packhouse.commands.orders.cancel_items import Decision, Wanted, cancel_items
from packhouse.commands.orders.messages import AnswerCancellationPlan
from packhouse.kernel import clock, outbox
from packhouse.kernel.accounts import SYSTEM, Actor
from packhouse.kernel.errors import InvalidParameter, WrongState
from packhouse.orders.models import CancellationPlan, CancellationPlanItem, Order
from packhouse.packages.models import PackageItem
from packhouse.packages.states import PACKED_AND_LATER, PackageStatus

ACCEPTED, REFUSED, RECORDED = "accepted", "refused", "recorded"
State = CancellationPlan.State
_LEFT = [state.value for state in PACKED_AND_LATER if state is not PackageStatus.PACKED]


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """One item that a plan names, with the back office's reason for it."""

    order_item_id: int
    reason: int | None = None


@transaction.atomic
def keep_plan(
    order: Order, plan_type: str, items: Sequence[PlannedItem], *, omnitron_id: int | None
) -> CancellationPlan:
    """The plan with these items; told again, items that are new are added and nothing else changes."""
    Order.objects.select_for_update().get(pk=order.pk)
    plan = None
    if omnitron_id is not None:
        plan = CancellationPlan.objects.filter(connection=order.connection, omnitron_id=omnitron_id).first()
    plan = plan or _unnamed(order)
    if plan is None:
        plan = CancellationPlan(order=order, plan_type=plan_type, connection=order.connection)
    if plan.omnitron_id is None:
        plan.omnitron_id = omnitron_id
    plan.save()
    known = set(plan.items.values_list("order_item_id", flat=True))
    units = dict(order.items.values_list("id", "quantity"))
    new = [
        CancellationPlanItem(
            plan=plan,
            order_item_id=item.order_item_id,
            quantity=units[item.order_item_id],
            cancellation_reason=item.reason,
        )
        for item in items
        if item.order_item_id in units and item.order_item_id not in known
    ]
    CancellationPlanItem.objects.bulk_create(new)
    if new and plan.state != State.WAITING:
        CancellationPlan.objects.filter(pk=plan.pk).update(state=State.WAITING, answered_date=None)
        plan.state, plan.answered_date = State.WAITING, None
    return plan


def _unnamed(order: Order) -> CancellationPlan | None:
    """A plan of the order that was found without its id and is not answered yet."""
    return CancellationPlan.objects.filter(
        order=order, omnitron_id=None, answered_date=None, connection=order.connection
    ).first()


def decide_by_rule(plan: CancellationPlan) -> None:
    """Decide every item that is not decided yet; each once. Repeatable after an interruption."""
    items = list(plan.items.filter(decision="").order_by("id"))
    wanted = [Wanted(item.order_item_id) for item in items]
    is_refund = plan.plan_type == "refund"
    decisions = {
        decision.order_item_id: decision
        for decision in (cancel_items(plan.order_id, wanted, sync=False, refund=is_refund) if wanted else ())
    }
    _keep(items, decisions, lambda decision: _outcome(plan, decision))
    _close(plan)


def decide_by_hand(
    plan: CancellationPlan,
    *,
    accept: bool,
    order_item_ids: Sequence[int] | None = None,
    reason: str = "",
    actor: Actor = SYSTEM,
) -> None:
    """A person's decision about all items, or some; the plan is closed with its last item.

    Raises WrongState for a plan that is decided, InvalidParameter for items that are not of it.
    """
    if plan.state != State.WAITING:
        raise WrongState(plan.get_state_display(), [State.WAITING.label])
    open_items = list(plan.items.filter(decision="").order_by("id"))
    chosen = open_items
    if order_item_ids is not None:
        chosen = [item for item in open_items if item.order_item_id in set(order_item_ids)]
        if len(chosen) != len(set(order_item_ids)):
            raise InvalidParameter({"order_items": ["An item is not of this plan, or decided already."]})
    if accept:
        wanted = [Wanted(item.order_item_id) for item in chosen]
        done = cancel_items(
            plan.order_id,
            wanted,
            actor=actor,
            sync=False,
            refund=plan.plan_type == "refund",
            reason=reason or None,
        )
        decisions = {decision.order_item_id: decision for decision in done}
        _keep(chosen, decisions, lambda decision: _outcome(plan, decision))
    else:
        for item in chosen:
            item.decision, item.reason = REFUSED, reason or "Refused by hand."
            item.save(update_fields=["decision", "reason"])
    _close(plan)


def _outcome(plan: CancellationPlan, decision: Decision) -> str:
    """Of a refund, what has left the house is noted and not answered: the return belongs to the back office."""
    if decision.accepted:
        return ACCEPTED
    if plan.plan_type != "refund":
        return REFUSED
    has_left = PackageItem.objects.filter(order_item_id=decision.order_item_id, package__state__in=_LEFT)
    return RECORDED if has_left.exists() else REFUSED


def _keep(
    items: Sequence[CancellationPlanItem],
    decisions: Mapping[int, Decision],
    outcome: Callable[[Decision], str],
) -> None:
    for item in items:
        decision = decisions[item.order_item_id]
        item.decision = outcome(decision)
        item.reason, item.package_id = decision.reason, decision.package_id
        item.save(update_fields=["decision", "reason", "package_id"])


def _close(plan: CancellationPlan) -> None:
    decisions = set(plan.items.values_list("decision", flat=True))
    if "" in decisions or not decisions:
        return
    if decisions == {ACCEPTED}:
        plan.state = State.ACCEPTED
    elif ACCEPTED in decisions:
        plan.state = State.PARTLY
    else:
        plan.state = State.REFUSED
    with transaction.atomic():
        plan.save(update_fields=["state"])
        ask_for_answer(plan)


def ask_for_answer(plan: CancellationPlan) -> None:
    """Have the back office told what was decided, where the order is one of its own."""
    if plan.order.omnitron_id is not None and plan.answered_date is None:
        message = AnswerCancellationPlan(plan_id=plan.pk, order_pk=plan.order.omnitron_id)
        outbox.enqueue([message])


def withdraw(plan: CancellationPlan) -> None:
    """Nobody wants it any more: what is not decided stays as it is."""
    CancellationPlan.objects.filter(pk=plan.pk, state=State.WAITING).update(
        state=State.WITHDRAWN, answered_date=clock.now()
    )
