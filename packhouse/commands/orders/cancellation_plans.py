"""Deciding what somebody wants cancelled: kept as a plan, decided by rule or by a person (page 70, A7)."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction

from packhouse.commands.orders.cancel_items import Decision, Wanted, cancel_items
from packhouse.commands.orders.messages import AnswerCancellationPlan
from packhouse.commands.packages.hold_for_cancellation import HELD_FROM
from packhouse.kernel import clock, engine, exceptions, outbox
from packhouse.kernel.accounts import SYSTEM, Actor
from packhouse.kernel.engine import Call
from packhouse.kernel.errors import InvalidParameter, NotFound, PackhouseError, WrongState
from packhouse.orders.messages import PlanOrder
from packhouse.orders.models import CancellationPlan, CancellationPlanItem, Order, OrderItem
from packhouse.orders.states import OrderStatus
from packhouse.packages.models import Package, PackageItem
from packhouse.packages.services import settle_order
from packhouse.packages.states import PACKED_AND_LATER, PackageStatus

logger = logging.getLogger(__name__)

ACCEPTED, REFUSED, RECORDED, WITHDRAWN = "accepted", "refused", "recorded", "withdrawn"
HELD_IN_VAIN = "cancellation_hold"
State = CancellationPlan.State
_HELD_FROM = [state.value for state in HELD_FROM]
_LOCK_SPACE, _LARGEST_KEY = 72_255, 2**31
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
    """The plan with these items; told again, items that are new, or were withdrawn, are added, and nothing else
    changes."""
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
    named = [item.order_item_id for item in items]
    wanted_again = plan.items.filter(order_item_id__in=named, decision=WITHDRAWN).update(decision="")
    if (new or wanted_again) and plan.state != State.WAITING:
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
    with _alone(plan):
        items = _undecided(plan)
        if items:
            _accept(plan, items)
        _close(plan)
    release_packages(plan.order_id)


def decide_by_hand(
    plan: CancellationPlan,
    *,
    accept: bool,
    order_item_ids: Sequence[int] | None = None,
    reason: str = "",
    actor: Actor = SYSTEM,
) -> None:
    """A person's decision about all items, or some; the plan is closed with its last item.

    What was held and is not cancelled goes back to where it was. Of two people one decides an item, the other
    is refused. Raises WrongState for a plan that is decided, InvalidParameter for items that are not of it.
    """
    with _alone(plan):
        if plan.state != State.WAITING:
            raise WrongState(plan.get_state_display(), [State.WAITING.label])
        chosen = _undecided(plan)
        if order_item_ids is not None:
            chosen = [item for item in chosen if item.order_item_id in set(order_item_ids)]
            if not chosen or len(chosen) != len(set(order_item_ids)):
                raise InvalidParameter({"order_items": ["An item is not of this plan, or decided already."]})
        if accept:
            _accept(plan, chosen, actor=actor, reason=reason)
        else:
            for item in chosen:
                item.decision, item.reason = REFUSED, reason or "Refused by hand."
                item.save(update_fields=["decision", "reason"])
            _go_on_with(plan.order_id, chosen)
        _close(plan)
    release_packages(plan.order_id)


def _undecided(plan: CancellationPlan) -> list[CancellationPlanItem]:
    return list(plan.items.filter(decision="").order_by("id"))


def _accept(
    plan: CancellationPlan,
    items: Sequence[CancellationPlanItem],
    *,
    actor: Actor = SYSTEM,
    reason: str = "",
) -> None:
    """Cancel what can be cancelled of these items, and keep what became of each."""
    decisions = cancel_items(
        plan.order_id,
        [Wanted(item.order_item_id) for item in items],
        actor=actor,
        sync=False,
        refund=plan.plan_type == "refund",
        reason=reason or None,
    )
    by_item = {decision.order_item_id: decision for decision in decisions}
    _keep(items, by_item, lambda decision: _outcome(plan, decision))


@contextmanager
def _alone(plan: CancellationPlan) -> Iterator[None]:
    """Nobody else decides this plan within the block; it is read again first.

    A lock of the session, for the carrier may have to be asked, and no row is locked meanwhile. It goes with the
    session of a process that dies; the items that it had not decided are then decided by the next.
    """
    _session("SELECT pg_advisory_lock(%s, %s)", plan)
    try:
        plan.refresh_from_db(fields=["state", "answered_date"])
        yield
    finally:
        try:
            _session("SELECT pg_advisory_unlock(%s, %s)", plan)
        except DatabaseError:
            connection.close()  # the session is broken; its end frees the lock


def _session(statement: str, plan: CancellationPlan) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_LOCK_SPACE, plan.pk % _LARGEST_KEY])


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
    if items:
        _go_on_with(items[0].plan.order_id, items)


@transaction.atomic
def _go_on_with(order_id: int, items: Sequence[CancellationPlanItem]) -> None:
    """What was refused is wanted after all: items have the code of their packages again, which say that the
    cancellation failed; what no package holds is planned."""
    refused = [item.order_item_id for item in items if item.decision == REFUSED]
    if not refused or engine.aggregate_of("order").lock(order_id) is None:
        return
    now = clock.now()
    going_on = PackageItem.objects.filter(order_item__in=refused).exclude(
        package__state=PackageStatus.CANCELLED.value
    )
    Package.objects.filter(pk__in=going_on.values("package_id")).update(
        cancellation_failed=True, modified_date=now
    )
    waiting = OrderItem.objects.filter(pk__in=refused, state=OrderStatus.CANCELLATION_WAITING.value)
    waiting.update(state=OrderStatus.APPROVED.value, modified_date=now)
    settle_order(order_id)  # the back office is told by the plan's answer
    outbox.enqueue([PlanOrder(order_id=order_id)])


def _close(plan: CancellationPlan) -> None:
    decisions = set(plan.items.values_list("decision", flat=True))
    if "" in decisions or not decisions or plan.state != State.WAITING:
        return
    if decisions == {WITHDRAWN}:
        CancellationPlan.objects.filter(pk=plan.pk).update(state=State.WITHDRAWN, answered_date=clock.now())
        plan.refresh_from_db(fields=["state", "answered_date"])
        return
    decisions.discard(WITHDRAWN)
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


def withdraw(plan: CancellationPlan, order_item_ids: Collection[int] | None = None) -> None:
    """Nobody wants it any more, or these items of it: what is not decided stays, and goes back to where it was."""
    with _alone(plan):
        if plan.state != State.WAITING:
            return
        items = plan.items.filter(decision="")
        if order_item_ids is not None:
            items = items.filter(order_item_id__in=order_item_ids)
        items.update(decision=WITHDRAWN)
        _close(plan)
    release_packages(plan.order_id)


def hold_packages(plan: CancellationPlan) -> None:
    """Packages with items that are to be decided by hand wait for it; one in another state stays where it is."""
    undecided = plan.items.filter(decision="").values("order_item_id")
    packages = Package.objects.filter(items__order_item_id__in=undecided, state__in=_HELD_FROM)
    for package_id in packages.order_by("id").distinct().values_list("id", flat=True):
        _run(package_id, "HoldForCancellationCommand")


def release_packages(order_id: int) -> None:
    """Packages that wait for a decision about none of their items any more go back to where they were."""
    waiting = CancellationPlan.objects.filter(order_id=order_id, state=State.WAITING)
    undecided = CancellationPlanItem.objects.filter(plan__in=waiting, decision="").values("order_item_id")
    held = Package.objects.filter(order_id=order_id, state=PackageStatus.CANCELLATION_WAITING.value)
    done = held.exclude(pk__in=PackageItem.objects.filter(order_item_id__in=undecided).values("package_id"))
    for package_id in list(done.order_by("id").values_list("id", flat=True)):
        _run(package_id, "ReleaseFromCancellationCommand")
    for plan in waiting:  # one that came in the meantime
        hold_packages(plan)


def _run(package_id: int, command: str) -> None:
    """As the system. A package that has moved on is left where it is; one that cannot go back is shown."""
    subject = f"package/{package_id}"
    try:
        engine.execute("package", Call(package_id, slug=command), SYSTEM)
    except (WrongState, NotFound) as refusal:
        logger.info("%s on %s: %s", command, subject, refusal)
    except PackhouseError as refusal:
        exceptions.report(HELD_IN_VAIN, subject, refusal.text, detail={"command": command}, action="cancel")
