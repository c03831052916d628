"""Orders in every form they are read, and how they are placed."""

from __future__ import annotations

from typing import Any

from sandbox.omnitron.call import Answer, Call
from sandbox.omnitron.errors import NotFound, field_error
from sandbox.omnitron.render import flat, nested_orders
from sandbox.omnitron.rules.cleaning import cleaned, objects
from sandbox.omnitron.rules.create_order import create_order
from sandbox.omnitron.rules.replace_product import replace_products
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row
from sandbox.omnitron.values import BadValue, as_integer
from sandbox.omnitron.views.generic import Routes, detail, feeds, listing, of_channel, reading, row_of

ORDER = TABLES["order"]
CHANNEL_ORDERS = "/channel/{channel}/orders"


def by_name(call: Call) -> Row:
    """The order a path names by pk or number: `v1` tries the pk first, `i1` the number. Raises NotFound."""
    word = call.path["id"]
    ways = [_by_pk, _by_number] if call.prefix == "v1" else [_by_number, _by_pk]
    found = ways[0](call, word) or ways[1](call, word)
    if found is None:
        raise NotFound()
    return found


def _by_pk(call: Call, word: str) -> Row | None:
    try:
        return call.store.get(ORDER, as_integer(word))
    except BadValue:
        return None


def _by_number(call: Call, word: str) -> Row | None:
    return call.store.first(ORDER, "number = ?", [word])


def read(call: Call) -> dict[str, Any]:
    """GET of one order, flat."""
    return flat(ORDER, by_name(call))


def read_nested(call: Call) -> dict[str, Any]:
    """GET of one order with all it points at."""
    return nested_orders(call.store, [by_name(call)])[0]


def read_by_number(call: Call) -> dict[str, Any]:
    """GET by number, nested."""
    found = _by_number(call, call.path["number"])
    if found is None:
        raise NotFound()
    return nested_orders(call.store, [found])[0]


def mark(call: Call) -> dict[str, Any]:
    """PATCH takes `is_send` alone; other keys are ignored."""
    order = by_name(call)
    values = cleaned(call.store, ORDER, call.object_body(), ["is_send"])
    if not values:
        return flat(ORDER, order)
    written = call.store.update(ORDER, order["id"], values)
    call.changes.order(order["id"])
    return flat(ORDER, written)


def create_with_items(call: Call) -> Answer:
    """POST `{"order": {…}, "order_item": [{…}]}`."""
    channel, body = call.channel(), call.object_body()
    order = body.get("order")
    if not isinstance(order, dict):
        raise field_error("order", "This field is required, as an object.", "required")
    items = call.list_body("order_item")
    if not items:
        raise field_error("order_item", "This list may not be empty.", "empty")
    return Answer(flat(ORDER, create_order(call.store, call.changes, channel, order, items)), 201)


def create_flat(call: Call) -> Answer:
    """POST of a flat order, its items, if any, under `orderitem_set` or `order_item`."""
    channel, body = call.channel(), call.object_body()
    field = "order_item" if "order_item" in body else "orderitem_set"
    items = objects(body.get(field) or [], field)
    placed = create_order(call.store, call.changes, channel, body, items, items_field=field)
    return Answer(flat(ORDER, placed), 201)


def bulk_replace_product(call: Call) -> dict[str, Any]:
    """POST `[{"order_item", "new_product_sku"}]` → the nested order."""
    order = row_of(call, ORDER, of_channel)
    replace_products(call.store, call.changes, order, objects(call.body, "non_field_errors"))
    return nested_orders(call.store, [call.store.get(ORDER, order["id"]) or order])[0]


ROUTES: Routes = {
    "/orders": {"GET": listing(ORDER)},
    "/orders/{id}": {"GET": read, "PATCH": mark},
    "/orders/{id}/detailed": {"GET": read_nested},
    "/orders/detailed": {"GET": listing(ORDER, shape=nested_orders)},
    "/orders_integration": {"GET": listing(ORDER)},
    "/orders_integration/detailed_integration": {"GET": listing(ORDER, shape=nested_orders)},
    "/orders_integration/{id}": {"GET": read},
    "/orders_integration/{id}/detailed_integration": {"GET": read_nested},
    "/order_number": {"GET": listing(ORDER)},
    "/order_number/{number}": {"GET": read_by_number},
    **reading(CHANNEL_ORDERS, ORDER, scope=of_channel),
    **feeds(CHANNEL_ORDERS, ORDER, scope=of_channel),
    f"{CHANNEL_ORDERS}/detailed": {"GET": listing(ORDER, shape=nested_orders, scope=of_channel)},
    f"{CHANNEL_ORDERS}/{{id}}/detailed": {"GET": detail(ORDER, shape=nested_orders, scope=of_channel)},
    f"{CHANNEL_ORDERS}/{{id}}/bulk_replace_product": {"POST": bulk_replace_product},
    "/channel/{channel}/create_orders": {"POST": create_with_items, "GET": listing(ORDER, scope=of_channel)},
}
ROUTES[CHANNEL_ORDERS]["POST"] = create_flat
