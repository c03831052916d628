"""The sandbox's own stock reservation: what was sold and not yet reported back lies in `sold_quantity_unreported`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store
from sandbox.omnitron.values import BadValue, as_number

ORDER_ITEM, PRODUCT_STOCK = TABLES["order_item"], TABLES["product_stock"]
QUANTITY_KEY = "quantity"


def quantity_of(item: Mapping[str, Any]) -> int:
    """Units of an item: its quantity attribute, one when there is none."""
    try:
        return max(1, math.ceil(as_number((item.get("attributes") or {}).get(QUANTITY_KEY, 1))))
    except BadValue:
        return 1


def reserve(store: Store, item: Row) -> Row:
    """Reserve an item's units, if its stock list has the product."""
    units = quantity_of(item)
    if not _shift(store, item, units):
        return item
    return _noted(store, item, units)


def release(store: Store, item: Row) -> Row:
    """Give back what is reserved for an item, once."""
    if not item["reserved"]:
        return item
    _shift(store, item, -item["reserved"])
    return _noted(store, item, 0)


def _noted(store: Store, item: Row, units: int) -> Row:
    store.run("UPDATE order_item SET reserved = ? WHERE id = ?", [units, item["id"]])
    return {**item, "reserved": units}


def _shift(store: Store, item: Row, units: int) -> bool:
    stock = store.first(
        PRODUCT_STOCK, "stock_list = ? AND product = ?", [item["stock_list"], item["product"]]
    )
    if stock is None:
        return False
    sold = max(0, stock["sold_quantity_unreported"] + units)
    values = {"sold_quantity_unreported": sold, "adjusted_stock": stock["stock"] - sold}
    store.update(PRODUCT_STOCK, stock["id"], values)
    return True
