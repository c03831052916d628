"""Cancelling orders, the plans that come of it, and the requests customers make through a channel."""

from __future__ import annotations

from typing import Any

from sandbox.omnitron.call import Answer, Call
from sandbox.omnitron.errors import NotAcceptable, field_error
from sandbox.omnitron.filters import Condition
from sandbox.omnitron.render import flat, plan_rows
from sandbox.omnitron.rules.actions import changed_since_sent, not_sent
from sandbox.omnitron.rules.cancellations import cancel
from sandbox.omnitron.rules.cleaning import cleaned
from sandbox.omnitron.rules.statuses import REQUEST_STATUSES
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.views.generic import Routes, feeds, listing, of_channel, reading, row_of
from sandbox.omnitron.views.orders import by_name

ORDER, PLAN, REQUEST = TABLES["order"], TABLES["cancellation_plan"], TABLES["cancellation_request"]
PLANS, REQUESTS = "/channel/{channel}/cancellation_plans", "/channel/{channel}/cancellation_requests"
_REQUEST_FIELDS = ("reason", "remote_id", "description", "cancellation_type", "easy_return")
_TYPES = ("cancel", "refund")


def cancel_order(call: Call) -> dict[str, Any]:
    """POST: items go to 50, a plan is made; the answer is the order, flat."""
    order = row_of(call, ORDER, of_channel) if "channel" in call.path else by_name(call)
    cancel(call.store, call.changes, order, call.object_body())
    return flat(ORDER, call.store.get(ORDER, order["id"]) or order)


def new_or_changed_plans(call: Call) -> Condition:
    """Plans the channel has not seen, or not as they are now."""
    channel = call.channel()["id"]
    parts = (not_sent(PLAN, channel), changed_since_sent(PLAN, channel))
    sql = " OR ".join(each.sql for each in parts)
    return Condition(
        f"channel = ? AND ({sql})", [channel, *(param for each in parts for param in each.params)]
    )


def create_request(call: Call) -> Answer:
    """POST: a customer asks; somebody has to approve."""
    channel, body = call.channel(), call.object_body()
    values = cleaned(call.store, REQUEST, body, ("order_item", *_REQUEST_FIELDS), ("order_item", "reason"))
    item = call.store.get(TABLES["order_item"], values["order_item"])
    if item is None or item["channel"] != channel["id"]:
        raise field_error("order_item", f'Invalid pk "{values["order_item"]}" - object does not exist.')
    _check_type(values)
    row = call.store.insert(REQUEST, {**values, "channel": channel["id"], "status": REQUEST_STATUSES[0]})
    return Answer(flat(REQUEST, row), 201)


def change_request(call: Call) -> dict[str, Any]:
    """PATCH; a status that is none is 406."""
    row = row_of(call, REQUEST, of_channel)
    values = cleaned(call.store, REQUEST, call.object_body(), ("status", *_REQUEST_FIELDS))
    if values.get("status", REQUEST_STATUSES[0]) not in REQUEST_STATUSES:
        raise NotAcceptable(
            f'"{values["status"]}" is not a valid status.', "InvalidCancellationRequestStatus"
        )
    _check_type(values)
    return flat(REQUEST, call.store.update(REQUEST, row["id"], values))


def _check_type(values: dict[str, Any]) -> None:
    if values.get("cancellation_type", _TYPES[0]) not in _TYPES:
        raise field_error("cancellation_type", f'"{values["cancellation_type"]}" is not a valid choice.')


PLAN_ROUTES: Routes = {
    **reading(PLANS, PLAN, shape=plan_rows, scope=of_channel),
    f"{PLANS}/inserts_or_updates": {"GET": listing(PLAN, shape=plan_rows, scope=new_or_changed_plans)},
}
"""Served below `/api` too, without a version."""
ROUTES: Routes = {
    "/orders/{id}/cancel": {"POST": cancel_order},
    "/channel/{channel}/orders/{id}/cancel": {"POST": cancel_order},
    **PLAN_ROUTES,
    **reading(REQUESTS, REQUEST, scope=of_channel),
    **feeds(REQUESTS, REQUEST, scope=of_channel),
}
ROUTES[REQUESTS]["POST"] = create_request
ROUTES[f"{REQUESTS}/{{id}}"]["PATCH"] = change_request
