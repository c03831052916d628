"""Order items: read, patched one by one or in bulk, mapped to the order line of another system."""

from __future__ import annotations

from typing import Any

from sandbox.omnitron.call import Answer, Call
from sandbox.omnitron.errors import REQUIRED, BadRequest, NotAcceptable, field_error
from sandbox.omnitron.render import flat, nested_items
from sandbox.omnitron.rules.items import item_values, touch_orders, write_item
from sandbox.omnitron.rules.reservations import release
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row
from sandbox.omnitron.values import BadValue, as_flag, as_integer
from sandbox.omnitron.views.generic import Routes, detail, listing, of_channel, reading, row_of

ITEM, DISCOUNT, MAPPING = TABLES["order_item"], TABLES["discount_item"], TABLES["mapping"]
EXTERNAL_COMPANY = "external_company"
_MAPPING_KEY = ("content_type", "object_id", "integration_type")


def change(call: Call) -> dict[str, Any]:
    """PATCH of one item."""
    item = row_of(call, ITEM, of_channel)
    written = write_item(call.store, item, item_values(call.store, item, call.object_body()))
    touch_orders(call.store, call.changes, [item["order"]])
    return flat(ITEM, written)


def bulk_status_update(call: Call) -> dict[str, Any]:
    """PATCH `{"orderitem_set": [{"id", "status", …}]}`: all of them or none, errors by position."""
    written: dict[int, Row] = {}
    errors: list[dict[str, Any]] = []
    for body in call.list_body("orderitem_set"):
        try:
            item = _named(call, body)
            written[item["id"]] = write_item(call.store, item, item_values(call.store, item, body))
            errors.append({})
        except BadRequest as refusal:
            errors.append(refusal.errors)
        except NotAcceptable as refusal:
            errors.append({refusal.field: [refusal.text]})
    if any(errors):
        raise BadRequest({"orderitem_set": errors})
    touch_orders(call.store, call.changes, (each["order"] for each in written.values()))
    return {"orderitem_set": [flat(ITEM, each) for each in written.values()]}


def _named(call: Call, body: dict[str, Any]) -> Row:
    raw = body.get("id", body.get("pk"))
    if raw in (None, ""):
        raise field_error("id", REQUIRED, "required")
    try:
        found = call.store.get(ITEM, as_integer(raw))
    except BadValue as error:
        raise field_error("id", str(error)) from None
    if found is None:
        raise field_error("id", f'Invalid pk "{raw}" - object does not exist.')
    return found


def create_mapping(call: Call) -> Answer:
    """POST `{"code", "update_stock"}`: keeps the other system's line id and drops the stock reservation."""
    item, body = row_of(call, ITEM), call.object_body()
    code = str(body.get("code") or "").strip()
    if not code:
        raise field_error("code", REQUIRED, "required")
    try:
        update_stock = as_flag(body.get("update_stock", True))
    except BadValue as error:
        raise field_error("update_stock", str(error)) from None
    content_type = call.store.scalar("SELECT id FROM content_type WHERE model = ?", [ITEM.model])
    key = [content_type, item["id"], EXTERNAL_COMPANY]
    mapping = call.store.first(MAPPING, "content_type = ? AND object_id = ? AND integration_type = ?", key)
    if mapping is not None and mapping["code"] != code:
        text = f"This item is mapped to {mapping['code']} already."
        raise NotAcceptable(text, "IntegrationMappingAlreadyExists")
    if mapping is None:
        mapping = call.store.insert(MAPPING, {**dict(zip(_MAPPING_KEY, key, strict=True)), "code": code})
    if update_stock:
        release(call.store, item)
    shown = {name: mapping[name] for name in (*_MAPPING_KEY, "code")}
    return Answer({"pk": mapping["id"], **shown}, 201)


ROUTES: Routes = {
    **reading("/order_items", ITEM),
    **reading("/channel/{channel}/order_items", ITEM, scope=of_channel),
    "/order_items/bulk_status_update": {"PATCH": bulk_status_update},
    "/order_items/{id}/create_mapping": {"POST": create_mapping},
    **reading("/discount_items", DISCOUNT),
    "/discount_items/detailed_integration": {"GET": listing(DISCOUNT)},
    "/discount_items/{id}/detailed_integration": {"GET": detail(DISCOUNT)},
}
for _path in ("/order_items/{id}", "/channel/{channel}/order_items/{id}"):
    ROUTES[_path]["PATCH"] = change
for _path in ("/order_item", "/order_items"):
    ROUTES[f"{_path}/detailed_integration"] = {"GET": listing(ITEM, shape=nested_items)}
    ROUTES[f"{_path}/{{id}}/detailed_integration"] = {"GET": detail(ITEM, shape=nested_items)}
