"""After an order was copied: cancel what was withdrawn, plan again what the change concerns and is not packed."""

import logging
from collections.abc import Mapping
from typing import Any

from packhouse.commands.orders.cancel_items import Decision, Wanted, cancel_items
from packhouse.commands.packages.reschedule_package import BY_ANYBODY, BY_THE_SYSTEM
from packhouse.kernel import engine, exceptions, outbox
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.errors import PackhouseError
from packhouse.orders.messages import PlanOrder
from packhouse.orders.models import OrderItem
from packhouse.orders.states import OrderStatus
from packhouse.packages.models import Package

logger = logging.getLogger(__name__)

_CALLS_FOR_A_PLAN = ("address", "cargo_company", "added", "quantity", "product")
_NOT_PACKED = tuple(state.value for state in (*BY_ANYBODY, *BY_THE_SYSTEM))


def follow_up_order(order_id: int, changes: Mapping[str, Any]) -> None:
    """Repeatable: looks at the order as it is now; `changes` only says whether a new plan is due."""
    for decision in cancel_withdrawn_items(order_id):
        _report(order_id, decision)
    if any(changes.get(name) for name in _CALLS_FOR_A_PLAN):
        _reschedule(order_id, changes)
    outbox.enqueue([PlanOrder(order_id=order_id)])


def cancel_withdrawn_items(order_id: int) -> list[Decision]:
    """Items that the back office cancelled and that are not cancelled here yet; it knows, so it is not told."""
    withdrawn = OrderItem.objects.filter(order_id=order_id, omnitron_status=OrderStatus.CANCELED.value)
    ids = withdrawn.exclude(state=OrderStatus.CANCELED.value).values_list("id", flat=True)
    wanted = [Wanted(item_id) for item_id in ids.order_by("id")]
    return cancel_items(order_id, wanted, sync=False) if wanted else []


def _report(order_id: int, decision: Decision) -> None:
    subject = f"order_item/{decision.order_item_id}"
    if decision.accepted:
        exceptions.resolve("cancellation_refused", subject)
        return
    exceptions.report(
        "cancellation_refused",
        subject,
        f"The back office cancelled the item, and {decision.refused:f} of it cannot be: {decision.reason}",
        detail={"order": order_id, "package": decision.package_id},
    )


def _reschedule(order_id: int, changes: Mapping[str, Any]) -> None:
    packages = Package.objects.filter(order_id=order_id, state__in=_NOT_PACKED).order_by("id")
    for package_id in packages.values_list("id", flat=True):
        call = Call(
            package_id, slug="ReschedulePackageCommand", attributes={"order.changes": sorted(changes)}
        )
        try:
            engine.execute("package", call, SYSTEM)
        except PackhouseError as refusal:  # packed or cancelled a moment ago: nothing is left to plan again
            logger.info("package %s is not planned again: %s", package_id, refusal)
