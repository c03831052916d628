"""Swapping the products of items that nobody has packed yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.omnitron.errors import REQUIRED, BadRequest, NotAcceptable
from sandbox.omnitron.hooks.changes import Changes
from sandbox.omnitron.rules.items import touch_orders
from sandbox.omnitron.rules.reservations import release, reserve
from sandbox.omnitron.rules.statuses import APPROVED, CANCELED, CANCELLATION_WAITING
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store

ORDER_ITEM, PRODUCT = TABLES["order_item"], TABLES["product"]


def replace_products(store: Store, changes: Changes, order: Row, swaps: Sequence[Mapping[str, Any]]) -> None:
    """Give items of an order other products, price unchanged; reservations move along.

    Raises BadRequest by position for items and skus that do not exist, NotAcceptable once an item is packed.
    """
    items = {str(each["id"]): each for each in store.find(ORDER_ITEM, '"order" = ?', [order["id"]])}
    errors: list[dict[str, list[str]]] = []
    pairs: list[tuple[Row, Row]] = []
    for swap in swaps:
        item = items.get(str(swap.get("order_item")))
        product = store.first(PRODUCT, "sku = ?", [str(swap.get("new_product_sku"))])
        errors.append(_errors(swap, item, product))
        if item is not None and product is not None:
            pairs.append((item, product))
    if any(errors):
        raise BadRequest({"non_field_errors": errors})
    for item, product in pairs:
        if int(item["status"]) > int(APPROVED) or item["status"] in (CANCELED, CANCELLATION_WAITING):
            text = f"Item {item['id']} stands at {item['status']}; its product cannot be replaced any more."
            raise NotAcceptable(text, "OrderItemStatusNotSuitable")
        freed = release(store, item)
        reserve(store, {**freed, **store.update(ORDER_ITEM, item["id"], {"product": product["id"]})})
    touch_orders(store, changes, [order["id"]])


def _errors(swap: Mapping[str, Any], item: Row | None, product: Row | None) -> dict[str, list[str]]:
    errors = {name: [REQUIRED] for name in ("order_item", "new_product_sku") if swap.get(name) in (None, "")}
    if item is None:
        errors.setdefault(
            "order_item", [f'Invalid pk "{swap.get("order_item")}" - not an item of this order.']
        )
    if product is None:
        errors.setdefault("new_product_sku", [f'No product has the sku "{swap.get("new_product_sku")}".'])
    return errors
