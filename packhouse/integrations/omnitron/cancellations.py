"""Cancellation plans of the back office: taken up, decided, answered (page 70, A7)."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from packhouse.commands.orders.cancellation_plans import (
    ACCEPTED,
    REFUSED,
    WITHDRAWN,
    PlannedItem,
    ask_for_answer,
    decide_by_rule,
    hold_packages,
    keep_plan,
    withdraw,
)
from packhouse.commands.orders.follow_up_order import cancel_withdrawn_items
from packhouse.integrations.failures import Refused, text_of
from packhouse.integrations.omnitron import inbox, order_reads
from packhouse.integrations.omnitron.client import Omnitron, Row
from packhouse.integrations.omnitron.conf import CONNECTION
from packhouse.kernel import clock, exceptions, settings_store
from packhouse.kernel.errors import NotConfigured
from packhouse.orders.models import CancellationPlan, CancellationPlanItem, Order, OrderItem
from packhouse.orders.states import OrderStatus
from packhouse.packages.models import PackageItem
from packhouse.packages.states import PackageStatus

KIND = "omnitron_cancellation_answer"
WAITING_THERE = ("waiting", "confirmation_waiting")
CANCELED = OrderStatus.CANCELED.value
_GIVEN_UP = (PackageStatus.CANCELLED.value, PackageStatus.PACKED_FOR_REFUND.value)


def handle(order_pk: int, plan_pk: int | None, plan_type: str | None, items: Sequence[int]) -> None:
    """Take up a plan: read the order and, where that is offered, the plan; decide; queue the answer.

    Repeatable: an item is decided once per plan. Raises a TemporaryFailure.
    """
    order_reads.read_and_copy(order_pk)
    order = (
        Order.objects.filter(connection=CONNECTION, omnitron_id=order_pk).select_related("channel").first()
    )
    if order is None:
        return
    told = _read_plan(order, plan_pk)
    known = (
        CancellationPlan.objects.filter(connection=CONNECTION, omnitron_id=plan_pk).first()
        if plan_pk
        else None
    )
    named = _named_items(order, told, items)
    wanted = named or _waiting_items(order)
    if known is not None:
        wanted = _still_wanted(order, known, wanted)
    if wanted:
        kind = (told or {}).get("plan_type") or plan_type or _kind_of(wanted)
        pk = plan_pk or _pk_of(told)
        _decide(keep_plan(order, kind, wanted, omnitron_id=pk))
    inbox.processed(order_pk=order_pk, object_id=plan_pk, event_type__in=inbox.PLANS)


def _decide(plan: CancellationPlan) -> None:
    """By rule at once, or by somebody later; the answer follows the decision."""
    if settings_store.get("CANCELLATION_APPROVAL") == "manual":
        hold_packages(plan)
    else:
        decide_by_rule(plan)


def _read_plan(order: Order, plan_pk: int | None) -> Row | None:
    """The plan there; without its id the waiting one of this order. None where plans are not offered."""
    client = Omnitron()
    channel = order.channel.omnitron_id
    if channel is None or not client.offers("cancellation_plans"):
        return None
    try:
        if plan_pk is not None:
            found = client.row("cancellation_plans", channel=channel, pk=plan_pk)
            return found if isinstance(found, dict) else None
        rows = client.rows("cancellation_plans", {"cancellation_plan_status": "waiting"}, channel=channel)
        return next((row for row in rows if _order_of(row) == order.omnitron_id), None)
    except Refused as refusal:
        if refusal.answered in (404, 405):
            return None
        raise
    except NotConfigured:
        return None


def _order_of(plan: Row) -> Any:
    order = plan.get("order")
    return order.get("pk", order.get("id")) if isinstance(order, dict) else order


def _pk_of(plan: Row | None) -> int | None:
    pk = plan.get("pk", plan.get("id")) if plan else None
    return pk if isinstance(pk, int) else None


def _named_items(order: Order, plan: Row | None, items: Sequence[int]) -> list[PlannedItem]:
    """What the plan itself names, else what the webhook named."""
    named: dict[int, int | None] = dict.fromkeys(items)
    given = plan.get("cancellation_items") if plan else None
    if isinstance(given, list) and given:
        named = {}
        for each in given:
            pk = each.get("order_item") if isinstance(each, dict) else each
            reason = each.get("reason") if isinstance(each, dict) else None
            if isinstance(pk, int):
                named[pk] = reason if isinstance(reason, int) else None
    rows = order.items.filter(omnitron_id__in=list(named)).values_list("id", "omnitron_id")
    return [PlannedItem(item_id, named[pk]) for item_id, pk in rows if pk is not None]


def _waiting_items(order: Order) -> list[PlannedItem]:
    """Where a plan names none: the items that stand at 50 or wait to be cancelled, and are not cancelled there."""
    waits = Q(state=OrderStatus.CANCELLATION_WAITING.value) | Q(cancel_status__in=WAITING_THERE)
    rows = order.items.filter(waits, ~Q(omnitron_status=CANCELED) | Q(omnitron_status=None))
    return [PlannedItem(item_id) for item_id in rows.order_by("id").values_list("id", flat=True)]


def _still_wanted(order: Order, plan: CancellationPlan, wanted: Sequence[PlannedItem]) -> list[PlannedItem]:
    """A plan told again: what nobody there waits to have cancelled any more is withdrawn, if it is not decided.

    Items that were cancelled there meanwhile are cancelled here, not put back.
    """
    waiting = {item.order_item_id for item in _waiting_items(order)}
    gone = set(plan.items.filter(decision="").values_list("order_item_id", flat=True)) - waiting
    if gone and plan.state == CancellationPlan.State.WAITING:
        cancel_withdrawn_items(order.pk)
        withdraw(plan, gone)
    withdrawn = set(plan.items.filter(decision=WITHDRAWN).values_list("order_item_id", flat=True)) - waiting
    return [item for item in wanted if item.order_item_id not in withdrawn]


def _kind_of(items: Sequence[PlannedItem]) -> str:
    """Refund once everything has been shipped, as the back office has it."""
    rows = PackageItem.objects.filter(order_item__in=[item.order_item_id for item in items])
    codes = list(rows.exclude(package__state__in=_GIVEN_UP).values_list("order_code", flat=True))
    return "refund" if codes and all(int(code) >= int(OrderStatus.SHIPPED) for code in codes) else "cancel"


def answer(plan_id: int) -> None:
    """Tell what was decided: accepted items become 100 and approved, refused ones keep their code, rejected.

    Repeatable. Raises a TemporaryFailure; what is refused there lands in the exceptions list.
    """
    plan = CancellationPlan.objects.select_related("order").get(pk=plan_id)
    if plan.answered_date is not None or plan.state == CancellationPlan.State.WAITING:
        return
    client = Omnitron()
    refusals: list[str] = []
    items = list(plan.items.select_related("order_item").order_by("id"))
    accepted = [item for item in items if item.decision == ACCEPTED and item.order_item.omnitron_id]
    if accepted:
        body = [{"id": item.order_item.omnitron_id, "status": CANCELED} for item in accepted]
        _tell(refusals, lambda: client.change("order_item_bulk_update", {"orderitem_set": body}))
    for item in items:
        if (told := _answer_of(item)) is not None:
            pk = item.order_item.omnitron_id
            _tell(refusals, lambda told=told, pk=pk: client.change("order_items", told, pk=pk))
    _close(plan, refusals)


def _answer_of(item: CancellationPlanItem) -> dict[str, Any] | None:
    if item.order_item.omnitron_id is None:
        return None
    if item.decision == ACCEPTED:
        return {"cancel_status": "approved"}
    if item.decision != REFUSED:
        return None
    why = {
        "cancellation_reason": settings_store.get("OMNITRON_FAILED_CANCELLATION_REASON_ID"),
        "text": item.reason,
    }
    return {
        "cancel_status": "rejected",
        "status": _real_code(item.order_item),
        "extra_field": {"oms_cancellation": {key: value for key, value in why.items() if value}},
    }


def _real_code(item: OrderItem) -> str:
    """Where the item stands by its packages, whatever was wished meanwhile; approved where it has none yet."""
    rows = PackageItem.objects.filter(order_item=item).exclude(package__state__in=_GIVEN_UP)
    codes = list(rows.values_list("order_code", flat=True))
    if not codes and item.state == OrderStatus.CANCELLATION_WAITING:
        return OrderStatus.APPROVED.value
    return min(codes, key=int, default=item.state)


def _tell(refusals: list[str], call: Any) -> None:
    try:
        call()
    except Refused as refusal:
        refusals.append(
            f"{text_of(refusal)} {refusal.content[:500].decode('utf-8', 'replace')}".replace("\x00", "")
        )


def _close(plan: CancellationPlan, refusals: list[str]) -> None:
    CancellationPlan.objects.filter(pk=plan.pk).update(answered_date=clock.now())
    subject = f"cancellation_plan/{plan.pk}"
    if refusals:
        text = "The back office does not take the answer to a cancellation."
        exceptions.report(
            KIND, subject, text, detail={"answers": refusals, "order": plan.order_id}, action="retry"
        )
    else:
        exceptions.resolve(KIND, subject)


def retry_answer(plan_id: int) -> None:
    """Answer again, by hand."""
    with transaction.atomic():
        CancellationPlan.objects.filter(pk=plan_id).update(answered_date=None)
        ask_for_answer(CancellationPlan.objects.select_related("order").get(pk=plan_id))
