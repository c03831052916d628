"""Customers and their addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.omnitron.call import Answer, Call
from sandbox.omnitron.errors import field_error
from sandbox.omnitron.render import flat
from sandbox.omnitron.rules.addresses import ADDRESS_FIELDS, add_address, rewrite_address
from sandbox.omnitron.rules.cleaning import cleaned
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Store
from sandbox.omnitron.views.generic import Routes, of_channel, reading, row_of

CUSTOMER, ADDRESS, CHANNEL = TABLES["customer"], TABLES["address"], TABLES["channel"]
_CUSTOMER_FIELDS = tuple(each.name for each in CUSTOMER.own_fields if each.name != "channel")


def create_customer(call: Call) -> Answer:
    """POST; the channel is the path's, or the body's where the path has none."""
    body = call.object_body()
    if "channel" in call.path:
        channel = call.channel()["id"]
    else:
        channel = cleaned(call.store, CUSTOMER, body, ["channel"], ["channel"])["channel"]
    values = cleaned(call.store, CUSTOMER, body, _CUSTOMER_FIELDS)
    row = call.store.insert(CUSTOMER, {**values, "channel": channel})
    return Answer(flat(CUSTOMER, row), 201)


def change_customer(call: Call) -> dict[str, Any]:
    """PATCH."""
    row = row_of(call, CUSTOMER, of_channel)
    values = cleaned(call.store, CUSTOMER, call.object_body(), _CUSTOMER_FIELDS)
    return flat(CUSTOMER, call.store.update(CUSTOMER, row["id"], values))


def create_address(call: Call) -> Answer:
    """POST; the same address again is 400 with its hash."""
    channel = call.channel()
    required = ("customer", "country", "city", "line")
    values = cleaned(call.store, ADDRESS, call.object_body(), ADDRESS_FIELDS, required)
    _check_customer(call.store, values, channel["id"])
    row = add_address(call.store, values, channel["id"])
    return Answer(flat(ADDRESS, row), 201)


def change_address(call: Call) -> dict[str, Any]:
    """PATCH; the hash follows."""
    row = row_of(call, ADDRESS, of_channel)
    values = cleaned(call.store, ADDRESS, call.object_body(), ADDRESS_FIELDS)
    _check_customer(call.store, values, row["channel"])
    return flat(ADDRESS, rewrite_address(call.store, row, values))


def _check_customer(store: Store, values: Mapping[str, Any], channel_id: int) -> None:
    customer = store.get(CUSTOMER, values.get("customer"))
    if customer is not None and customer["channel"] != channel_id:
        raise field_error("customer", f'Invalid pk "{customer["id"]}" - object belongs to another channel.')


ROUTES: Routes = {
    **reading("/customers", CUSTOMER),
    **reading("/channel/{channel}/customers", CUSTOMER, scope=of_channel),
    **reading("/channel/{channel}/addresses", ADDRESS, scope=of_channel),
}
for _path in ("/customers", "/channel/{channel}/customers"):
    ROUTES[_path]["POST"] = create_customer
    ROUTES[f"{_path}/{{id}}"]["PATCH"] = change_customer
ROUTES["/channel/{channel}/addresses"]["POST"] = create_address
ROUTES["/channel/{channel}/addresses/{id}"]["PATCH"] = change_address
