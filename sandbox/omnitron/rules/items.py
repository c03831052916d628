"""Writing order items, and what follows for the order, its stock reservations and its cancellation plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.omnitron.errors import NotAcceptable
from sandbox.omnitron.hooks.changes import Changes
from sandbox.omnitron.rules.cancellation_end import close_decided_plans
from sandbox.omnitron.rules.cleaning import cleaned
from sandbox.omnitron.rules.reservations import release
from sandbox.omnitron.rules.statuses import CANCELED, check_cancel_move, order_status, status_code
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store

ORDER, ORDER_ITEM = TABLES["order"], TABLES["order_item"]
WRITABLE = (
    "tracking_number",
    "carrier_shipping_code",
    "shipping_company",
    "invoice_number",
    "invoice_date",
    "e_archive_url",
    "delivered_date",
    "estimated_delivery_date",
    "attributes",
    "attributes_kwargs",
    "extra_field",
)


def item_values(store: Store, item: Row, body: Mapping[str, Any]) -> dict[str, Any]:
    """What a PATCH of an item writes. `extra_field` merges, `order_number` and unknown keys are ignored.

    Raises BadRequest for a value that cannot be read, NotAcceptable for a status that is none or a move that
    may not be made.
    """
    values = cleaned(store, ORDER_ITEM, body, WRITABLE)
    if "extra_field" in values:
        values["extra_field"] = {**(item["extra_field"] or {}), **values["extra_field"]}
    if body.get("status") is not None:
        code = status_code(body["status"])
        if code is None:
            text = f'"{body["status"]}" is not a valid status.'
            raise NotAcceptable(text, "InvalidOrderItemStatus", field="status")
        values["status"] = code
    if "cancel_status" in body:
        check_cancel_move(item["cancel_status"], body["cancel_status"])
        values["cancel_status"] = body["cancel_status"]
    return values


def write_item(store: Store, item: Row, values: Mapping[str, Any]) -> Row:
    """Write one item; a cancelled one gives its reservation back. `touch_orders` must follow."""
    written = store.update(ORDER_ITEM, item["id"], values)
    return release(store, written) if written["status"] == CANCELED else written


def touch_orders(store: Store, changes: Changes, order_ids: Iterable[int]) -> None:
    """An order counts as changed when an item of it is: its status follows, plans that are decided end."""
    for order_id in dict.fromkeys(order_ids):
        items = store.find(ORDER_ITEM, '"order" = ?', [order_id])
        order = store.get(ORDER, order_id)
        status = order_status(each["status"] for each in items) if items else (order or {}).get("status")
        store.update(ORDER, order_id, {"status": status})
        changes.order(order_id)
        close_decided_plans(store, changes, order_id, items)
