"""Starting a cancellation: the items wait, a plan is made, and nobody may ask twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.omnitron.errors import NotAcceptable, field_error
from sandbox.omnitron.hooks.changes import Changes
from sandbox.omnitron.rules.cleaning import cleaned
from sandbox.omnitron.rules.items import touch_orders, write_item
from sandbox.omnitron.rules.statuses import CANCELED, CANCELLATION_WAITING, REFUNDED, SHIPPED
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store
from sandbox.omnitron.values import BadValue, as_flag, as_integer

ORDER, ORDER_ITEM, PLAN = TABLES["order"], TABLES["order_item"], TABLES["cancellation_plan"]
REASON = TABLES["cancellation_reason"]
_PLAN_FIELDS = ("forced_refund_amount", "is_cargo_refund", "refund_invoice_number", "ibans", "holder_names")
_UNDECIDED = ("waiting", "confirmation_waiting", "confirmed", "waiting_for_payment")


def cancel(store: Store, changes: Changes, order: Row, body: Mapping[str, Any]) -> Row:
    """Ask for the cancellation, or the refund, of an order's items; returns the plan.

    Raises BadRequest for items or reasons that are none of this order or do not exist, NotAcceptable for items
    that wait already, are cancelled, or stand on both sides of the shipment.
    """
    items = _chosen(store, order, body)
    plan_type = _plan_type(items)
    reasons = _reasons(store, order, items, body)
    plan = store.insert(
        PLAN,
        {
            "order": order["id"],
            "channel": order["channel"],
            "plan_type": plan_type,
            "cancellation_items": [
                {"order_item": each["id"], "reason": reasons[each["id"]]} for each in items
            ],
            **cleaned(store, PLAN, body, _PLAN_FIELDS),
        },
    )
    for each in items:
        write_item(store, each, {"status": CANCELLATION_WAITING, "cancel_status": "waiting"})
    info = {"plan": plan["id"], "plan_type": plan_type, "items": [each["id"] for each in items]}
    store.update(ORDER, order["id"], {"cancellation_info": info})
    touch_orders(store, changes, [order["id"]])
    changes.plan(plan["id"], created=True)
    return plan


def _chosen(store: Store, order: Row, body: Mapping[str, Any]) -> list[Row]:
    items = store.find(ORDER_ITEM, '"order" = ?', [order["id"]])
    if body.get("order") not in (None, "") and _integer("order", body["order"]) != order["id"]:
        raise field_error("order", "This is not the order of the address.")
    if _is_all(body):
        chosen = [each for each in items if each["status"] not in (CANCELED, REFUNDED)]
        if not chosen:
            raise NotAcceptable(
                "Every item of this order is cancelled already.", _exception("AlreadyCancelled")
            )
    else:
        chosen = _named(items, body.get("cancel_items"))
    if any(each["status"] in (CANCELED, REFUNDED) for each in chosen):
        raise NotAcceptable("An item of these is cancelled already.", _exception("AlreadyCancelled"))
    if any(_waits(each) for each in chosen):
        raise NotAcceptable("A cancellation of these items is waiting already.", _exception("AlreadyWaiting"))
    return chosen


def _exception(what: str) -> str:
    return f"OrderCancellation{what}Exception"


def _waits(item: Row) -> bool:
    return item["status"] == CANCELLATION_WAITING or item["cancel_status"] in _UNDECIDED


def _is_all(body: Mapping[str, Any]) -> bool:
    try:
        return as_flag(body.get("is_all") or False)
    except BadValue as error:
        raise field_error("is_all", str(error)) from None


def _integer(field: str, raw: Any) -> int:
    try:
        return as_integer(raw)
    except BadValue as error:
        raise field_error(field, str(error)) from None


def _named(items: Sequence[Row], raw: Any) -> list[Row]:
    if not isinstance(raw, list) or not raw:
        raise field_error(
            "cancel_items", "A list of order items is required unless `is_all` is true.", "required"
        )
    by_id = {each["id"]: each for each in items}
    wanted = dict.fromkeys(_integer("cancel_items", each) for each in raw)
    strangers = [each for each in wanted if each not in by_id]
    if strangers:
        raise field_error("cancel_items", f"Not items of this order: {', '.join(map(str, strangers))}.")
    return [by_id[each] for each in wanted]


def _plan_type(items: Sequence[Row]) -> str:
    shipped = {int(each["status"]) >= int(SHIPPED) for each in items}
    if len(shipped) == 2:
        text = "Items that are shipped and items that are not cannot be cancelled in one plan."
        raise NotAcceptable(text, _exception("MixedItems"))
    return "refund" if shipped == {True} else "cancel"


def _reasons(
    store: Store, order: Row, items: Sequence[Row], body: Mapping[str, Any]
) -> dict[int, int | None]:
    """The reason of each item: as sent, by item id, else the channel's own."""
    sent = body.get("reasons") or {}
    if not isinstance(sent, dict):
        raise field_error("reasons", "Expected a dictionary of items.")
    channel = store.get(TABLES["channel"], order["channel"]) or {}
    fallback = (channel.get("conf") or {}).get("cancellation_reason_id")
    reasons = {}
    for each in items:
        raw = sent.get(str(each["id"]), fallback)
        reason = None if raw is None else _integer("reasons", raw)
        if reason is not None and store.get(REASON, reason) is None:
            raise field_error("reasons", f'Invalid pk "{reason}" - object does not exist.')
        reasons[each["id"]] = reason
    return reasons
