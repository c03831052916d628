"""Placing an order: what a channel sends becomes an order, its items, its payment and its stock reservations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sandbox.omnitron import clock
from sandbox.omnitron.errors import BadRequest, NotAcceptable, field_error
from sandbox.omnitron.hooks.changes import Changes
from sandbox.omnitron.rules.cleaning import cleaned
from sandbox.omnitron.rules.payments import record_payment
from sandbox.omnitron.rules.reservations import QUANTITY_KEY, reserve
from sandbox.omnitron.rules.statuses import APPROVED, CANCELED, order_status, status_code
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store
from sandbox.omnitron.values import BadValue, as_number, money

ORDER, ORDER_ITEM = TABLES["order"], TABLES["order_item"]
_ORDER_READ_ONLY = {"channel", "status", "cancellation_info", "created_date", "modified_date"}
ORDER_FIELDS = tuple(name for name in ORDER.fields if name not in _ORDER_READ_ONLY)
_ITEM_READ_ONLY = {
    "order",
    "order_number",
    "channel",
    "status",
    "parent",
    "reserved",
    "created_date",
    "modified_date",
}
ITEM_FIELDS = tuple(name for name in ORDER_ITEM.fields if name not in _ITEM_READ_ONLY)
_OF_THE_CHANNEL = {"customer": "customer", "shipping_address": "address", "billing_address": "address"}


def create_order(
    store: Store,
    changes: Changes,
    channel: Row,
    order: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    *,
    items_field: str = "order_item",
) -> Row:
    """Place an order; returns it.

    Raises BadRequest naming what is wrong (items by position under `items_field`), NotAcceptable when the channel
    has the number already.
    """
    values = _order_values(store, channel, order)
    default_status = _status(order.get("status") or APPROVED, "status")
    drafts = _item_drafts(store, channel, items, default_status, items_field)
    placed = store.insert(ORDER, {**values, **_totals(values, drafts), "status": default_status})
    placed = _own_id(store, ORDER, placed)
    for draft in drafts:
        _insert_item(store, placed, draft)
    if drafts:
        placed = store.update(
            ORDER, placed["id"], {"status": order_status(each["status"] for each in drafts)}
        )
    record_payment(store, placed)
    changes.order(placed["id"], created=True)
    return placed


def add_item(store: Store, order: Row, body: Mapping[str, Any]) -> Row:
    """One more item for an order that is there already. Raises BadRequest. `touch_orders` must follow."""
    channel = store.get(TABLES["channel"], order["channel"]) or {}
    return _insert_item(store, order, _item_drafts(store, channel, [body], APPROVED, "add_items")[0])


def _insert_item(store: Store, order: Row, draft: Mapping[str, Any]) -> Row:
    names = {"order": order["id"], "order_number": order["number"], "channel": order["channel"]}
    item = _own_id(store, ORDER_ITEM, store.insert(ORDER_ITEM, {**draft, **names}))
    return item if item["status"] == CANCELED else reserve(store, item)


def _order_values(store: Store, channel: Row, body: Mapping[str, Any]) -> dict[str, Any]:
    values = cleaned(store, ORDER, body, ORDER_FIELDS, required=("number",))
    for name, table in _OF_THE_CHANNEL.items():
        row = store.get(TABLES[table], values.get(name))
        if row is not None and row["channel"] != channel["id"]:
            raise field_error(name, f'Invalid pk "{row["id"]}" - object belongs to another channel.')
    if store.count(ORDER, "channel = ? AND number = ?", [channel["id"], values["number"]]):
        text = f"Order with number {values['number']} already exists in this channel."
        raise NotAcceptable(text, "OrderAlreadyExists")
    option = store.get(TABLES["payment_option"], values.get("payment_option"))
    if option is None and values.get("payment_option_slug"):
        option = store.first(TABLES["payment_option"], "slug = ?", [values["payment_option_slug"]])
    if option is not None:
        values.update(payment_option=option["id"], payment_option_slug=option["slug"])
    values["currency"] = (values.get("currency") or "try").lower()
    values["channel"] = channel["id"]
    values["date_placed"] = values.get("date_placed") or clock.now_text()
    return values


def _status(raw: Any, field: str) -> str:
    code = status_code(raw)
    if code is None:
        raise field_error(field, f'"{raw}" is not a valid choice.', "invalid_choice")
    return code


def _item_drafts(
    store: Store, channel: Row, items: Sequence[Mapping[str, Any]], default_status: str, field: str
) -> list[dict[str, Any]]:
    catalog = store.get(TABLES["catalog"], channel["catalog"]) or {"price_list": None, "stock_list": None}
    drafts: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for body in items:
        try:
            drafts.append(_item_draft(store, body, default_status, catalog))
            errors.append({})
        except BadRequest as refusal:
            errors.append(refusal.errors)
    if any(errors):
        raise BadRequest({field: errors})
    return drafts


def _item_draft(store: Store, body: Mapping[str, Any], default_status: str, catalog: Row) -> dict[str, Any]:
    body = _with_total_price(body)
    draft = cleaned(store, ORDER_ITEM, body, ITEM_FIELDS, required=("product", "price"))
    draft["status"] = _status(body.get("status") or default_status, "status")
    draft["price_list"] = draft.get("price_list") or catalog["price_list"]
    draft["stock_list"] = draft.get("stock_list") or catalog["stock_list"]
    parent = body.get("parent")
    draft["parent"] = (
        cleaned(store, ORDER_ITEM, {"parent": parent}, ["parent"]).get("parent") if parent else None
    )
    return {**tax_split(draft), **{name: value for name, value in draft.items() if value is not None}}


def _with_total_price(body: Mapping[str, Any]) -> dict[str, Any]:
    """The form with `quantity`, `unit_price`, `total_price`: the price of an item is the total of its units."""
    if body.get("quantity") in (None, ""):
        return dict(body)
    try:
        quantity = as_number(body["quantity"])
    except BadValue as error:
        raise field_error("quantity", str(error)) from None
    if quantity <= 0:
        raise field_error("quantity", "Ensure this value is greater than 0.")
    price = body.get("total_price", body.get("price"))
    if price in (None, "") and body.get("unit_price") not in (None, ""):
        try:
            price = money(as_number(body["unit_price"]) * quantity)
        except BadValue as error:
            raise field_error("unit_price", str(error)) from None
    whole = int(quantity) if quantity == quantity.to_integral_value() else str(quantity)
    attributes = body.get("attributes") or {}
    if not isinstance(attributes, dict):
        raise field_error("attributes", "Expected an object.")
    return {**body, "price": price, "attributes": {QUANTITY_KEY: whole, **attributes}}


def tax_split(item: Mapping[str, Any]) -> dict[str, str]:
    """`tax_amount` and `net_amount` of an item's gross (price − discount), tax included, half up."""
    gross = Decimal(item["price"]) - Decimal(item.get("discount_amount") or 0)
    rate = Decimal(item.get("tax_rate") or 0)
    tax = Decimal(money(gross * rate / (100 + rate)))
    return {"tax_amount": str(tax), "net_amount": money(gross - tax)}


def _totals(values: Mapping[str, Any], drafts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Amounts the channel left out, from the items."""
    discount = sum((Decimal(each.get("discount_amount") or 0) for each in drafts), Decimal(0))
    gross = sum((Decimal(each["price"]) for each in drafts), Decimal(0)) - discount
    totals: dict[str, Any] = {}
    if "amount" not in values:
        totals["amount"] = money(gross + Decimal(values.get("shipping_amount") or 0))
    if "discount_amount" not in values:
        totals["discount_amount"] = money(discount)
    return totals


def _own_id(store: Store, table: Any, row: Row) -> Row:
    """`extra_field.id` is the channel's own id of the row; ours where it sent none."""
    if "id" in row["extra_field"]:
        return row
    return store.update(table, row["id"], {"extra_field": {**row["extra_field"], "id": row["id"]}})
