"""Batches, integration actions, and what channels report."""

from __future__ import annotations

from typing import Any

from sandbox.omnitron.call import Answer, Call, Handler
from sandbox.omnitron.render import action_rows, flat
from sandbox.omnitron.rules.actions import change_action, create_action
from sandbox.omnitron.rules.batches import change_batch, create_batch, release_batch
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.views.generic import Routes, listing, of_channel, reading, row_of

BATCH, ACTION = TABLES["batch_request"], TABLES["integration_action"]
REPORT, SHIPPING_INFO = TABLES["error_report"], TABLES["order_shipping_info"]
BATCHES, ACTIONS = "/channel/{channel}/batch_requests", "/channel/{channel}/integration_actions"
REPORTS = "/channel/{channel}/error_reports"
SHIPPING_INFOS = "/channel/{channel}/order_shipping_infos"
ADDRESS_KINDS = ("country", "city", "township", "district")


def add_batch(call: Call) -> Answer:
    """POST `{"channel"}` → `initialized`."""
    call.object_body()
    return Answer(flat(BATCH, create_batch(call.store, call.channel())), 201)


def move_batch(call: Call) -> dict[str, Any]:
    """PATCH and PUT."""
    batch = row_of(call, BATCH, of_channel)
    strict = call.box.settings.strict_batches
    return flat(BATCH, change_batch(call.store, batch, call.object_body(), strict=strict))


def delete_batch(call: Call) -> Answer:
    """DELETE."""
    release_batch(call.store, row_of(call, BATCH, of_channel))
    return Answer(status=204)


def add_action(call: Call) -> Answer:
    """POST."""
    row = create_action(call.store, call.channel(), call.object_body())
    return Answer(action_rows(call.store, [row])[0], 201)


def move_action(call: Call) -> dict[str, Any]:
    """PATCH."""
    action = row_of(call, ACTION, of_channel)
    return action_rows(call.store, [change_action(call.store, action, call.object_body())])[0]


def report(kind: str | None) -> Handler:
    """POST of a report: kept as it was sent."""

    def handle(call: Call) -> Answer:
        body = call.object_body()
        row = call.store.insert(REPORT, {"channel": call.channel()["id"], "kind": kind, "body": body})
        return Answer({**body, "pk": row["id"], "created_date": row["created_date"]}, 201)

    return handle


def keep_shipping_info(call: Call) -> Answer:
    """POST of an order's shipping: kept as it was sent."""
    body = call.object_body()
    row = call.store.insert(SHIPPING_INFO, {"channel": call.channel()["id"], "body": body})
    return Answer({**body, "pk": row["id"], "created_date": row["created_date"]}, 201)


def kept_bodies(_store: Any, rows: Any) -> list[Any]:
    """What was sent, with its id."""
    return [{**row["body"], "pk": row["id"], "created_date": row["created_date"]} for row in rows]


ROUTES: Routes = {
    **reading(BATCHES, BATCH, scope=of_channel),
    **reading(ACTIONS, ACTION, shape=action_rows, scope=of_channel),
    REPORTS: {"GET": listing(REPORT, shape=kept_bodies, scope=of_channel), "POST": report(None)},
    SHIPPING_INFOS: {
        "GET": listing(SHIPPING_INFO, shape=kept_bodies, scope=of_channel),
        "POST": keep_shipping_info,
    },
    **{f"{REPORTS}/{kind}": {"POST": report(kind)} for kind in ADDRESS_KINDS},
}
ROUTES[BATCHES]["POST"] = add_batch
ROUTES[f"{BATCHES}/{{id}}"].update(PATCH=move_batch, PUT=move_batch, DELETE=delete_batch)
ROUTES[ACTIONS]["POST"] = add_action
ROUTES[f"{ACTIONS}/{{id}}"]["PATCH"] = move_action
