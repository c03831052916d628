"""Retail stores: shops and warehouses."""

from __future__ import annotations

from typing import Any

from sandbox.omnitron.call import Answer, Call
from sandbox.omnitron.errors import NotAcceptable
from sandbox.omnitron.filters import Condition
from sandbox.omnitron.render import nested_stores, store_rows
from sandbox.omnitron.rules.stores import add_store, change_store, replace_store
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.views.generic import Routes, detail, listing, reading, row_of

STORE = TABLES["retail_store"]


def in_channel(call: Call) -> Condition | None:
    """Stores of the channel in the path: those that list it, and those that list none."""
    channel = call.channel()["id"]
    listed = "EXISTS (SELECT 1 FROM json_each(channels) WHERE value = ?)"
    return Condition(f"json_array_length(channels) = 0 OR {listed}", [channel])


def create(call: Call) -> Answer:
    """POST."""
    row = add_store(call.store, call.changes, call.object_body())
    return Answer(store_rows(call.store, [row])[0], 201)


def change(call: Call) -> dict[str, Any]:
    """PATCH."""
    row = change_store(call.store, call.changes, row_of(call, STORE), call.object_body())
    return store_rows(call.store, [row])[0]


def replace(call: Call) -> dict[str, Any]:
    """PUT: fields that are left out go back to their default."""
    row = replace_store(call.store, call.changes, row_of(call, STORE), call.object_body())
    return store_rows(call.store, [row])[0]


def remove(call: Call) -> Answer:
    """DELETE; refused while addresses of orders point at the store."""
    row = row_of(call, STORE)
    if call.store.count(TABLES["address"], "retail_store = ?", [row["id"]]):
        raise NotAcceptable("Addresses belong to this store; switch it off instead.", "RetailStoreInUse")
    call.store.delete(STORE, row["id"])
    return Answer(status=204)


ROUTES: Routes = {
    **reading("/retail_stores", STORE, shape=store_rows),
    **reading("/channel/{channel}/retail_stores", STORE, shape=store_rows, scope=in_channel),
    "/retail_stores/detailed": {"GET": listing(STORE, shape=nested_stores)},
    "/retail_stores/{id}/detailed": {"GET": detail(STORE, shape=nested_stores)},
}
ROUTES["/retail_stores"]["POST"] = create
ROUTES["/retail_stores/{id}"].update(PATCH=change, PUT=replace, DELETE=remove)
