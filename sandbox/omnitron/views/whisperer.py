"""Webhook subscriptions and their delivery log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from sandbox.omnitron.call import Answer, Call
from sandbox.omnitron.errors import BadRequest, HookRefusal, field_error
from sandbox.omnitron.filters import Condition
from sandbox.omnitron.hooks import countdown
from sandbox.omnitron.hooks.changes import EVENT_TYPES
from sandbox.omnitron.hooks.sender import envelope_of
from sandbox.omnitron.render import flat
from sandbox.omnitron.rules.cleaning import cleaned
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store
from sandbox.omnitron.values import BadValue, as_flag
from sandbox.omnitron.views.generic import Routes, detail, listing, reading, row_of

HOOK, DELIVERY = TABLES["hook"], TABLES["delivery"]
_WRITABLE = (
    "target_url",
    "is_active",
    "secret_key",
    "event_type",
    "callback",
    "additional_headers",
    "config",
)
_LONGEST = {"target_url": 255, "secret_key": 124, "event_type": 124, "callback": 64}
_OWN_HEADERS = {"host", "content-length", "transfer-encoding", "connection", "x-whisperer-signature"}
_RETRIES_BEFORE_BY_HAND = 11


def own(call: Call) -> Condition | None:
    """An admin sees every hook, anyone else his own."""
    return None if call.user["is_superuser"] else Condition('"user" = ?', [call.user["id"]])


def own_deliveries(*, tried: bool) -> Any:
    """Deliveries of hooks the user sees: those tried at least once, or those not yet."""

    def scoped(call: Call) -> Condition:
        compare = "> 0" if tried else "= 0 AND state = 'waiting'"
        condition = Condition(f"retry_count {compare}")
        if not call.user["is_superuser"]:
            condition.sql += ' AND webhook IN (SELECT id FROM hook WHERE "user" = ?)'
            condition.params.append(call.user["id"])
        return condition

    return scoped


def create(call: Call) -> Answer:
    """POST. The same subscription again is 406, unless it was switched off: then it is switched on."""
    body = call.object_body()
    values = _values(call.store, body, required=("target_url", "event_type"))
    values["retry_countdown_config"] = countdown.checked(body.get("retry_countdown_config"))
    twin = _twin(call, values["target_url"], values["event_type"], None)
    if twin is None:
        return Answer(flat(HOOK, call.store.insert(HOOK, {**values, "user": call.user["id"]})), 201)
    if twin["is_active"]:
        raise HookRefusal("webhook_100_2", "Webhook already registered")
    return Answer(flat(HOOK, _write(call, twin, {**values, "is_active": True})), 201)


def change(call: Call) -> dict[str, Any]:
    """PATCH and PUT."""
    hook, body = row_of(call, HOOK, own), call.object_body()
    values = _values(call.store, body)
    if "retry_countdown_config" in body:
        values["retry_countdown_config"] = countdown.checked(body["retry_countdown_config"])
    merged = {**hook, **values}
    if _twin(call, merged["target_url"], merged["event_type"], hook["id"]) is not None:
        raise HookRefusal("webhook_100_2", "Webhook already registered")
    return flat(HOOK, _write(call, hook, values))


def switch_off(call: Call) -> Answer:
    """DELETE: the row stays, inactive."""
    hook = row_of(call, HOOK, own)
    call.store.update(HOOK, hook["id"], {"is_active": False})
    return Answer(status=204)


def registry(_call: Call) -> list[str]:
    """Every event type."""
    return list(EVENT_TYPES)


async def retry(call: Call) -> Answer:
    """POST: one attempt now."""
    delivery = row_of(call, DELIVERY, own_deliveries(tried=True))
    try:
        force = as_flag(call.object_body().get("force", False))
    except BadValue as error:
        raise field_error("force", str(error)) from None
    if delivery["delivered"]:
        raise HookRefusal("event_100_3", "Webhook event already delivered")
    sender = call.box.sender
    early = delivery["retry_count"] < _RETRIES_BEFORE_BY_HAND and not force
    if early or sender.is_under_way(delivery["id"]):
        raise HookRefusal("event_100_6", "Webhook event is still in retry process")
    outcome = await sender.attempt(delivery["id"], repeat=True)
    if outcome is None:
        raise HookRefusal("webhook_100_1", "Webhook is not active")
    detail_text = (
        "Webhook event delivered successfully" if outcome.delivered else "Webhook event delivery failed"
    )
    written = call.store.get(DELIVERY, delivery["id"]) or delivery
    body = {
        "detail": detail_text,
        "response_status": outcome.status,
        "response_content": outcome.content,
        "response_time": written["response_time"],
        "delivered": outcome.delivered,
    }
    return Answer(body, 200 if outcome.delivered else 406)


def _write(call: Call, hook: Row, values: Mapping[str, Any]) -> Row:
    written = call.store.update(HOOK, hook["id"], values)
    if written["is_active"] and not hook["is_active"]:
        call.box.sender.resume(hook["id"])
    return written


def _twin(call: Call, target_url: str, event_type: str, own_id: int | None) -> Row | None:
    where = '"user" = ? AND target_url = ? AND event_type = ? AND id IS NOT ?'
    return call.store.first(HOOK, where, [call.user["id"], target_url, event_type, own_id])


def _values(store: Store, body: Mapping[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    values = cleaned(store, HOOK, body, _WRITABLE, required)
    errors = {
        name: [f"Ensure this field has no more than {longest} characters."]
        for name, longest in _LONGEST.items()
        if len(values.get(name) or "") > longest
    }
    event_type = values.get("event_type")
    if event_type is not None and event_type not in EVENT_TYPES:
        errors["event_type"] = [f'"{event_type}" is not a valid choice.']
    if "target_url" in values and not _is_url(values["target_url"]):
        errors["target_url"] = ["Enter a valid URL."]
    if not _are_headers(values.get("additional_headers", {})):
        errors["additional_headers"] = ["Expected names and values of headers, none of the sender's own."]
    if errors:
        raise BadRequest(errors)
    return values


def _is_url(url: str | None) -> bool:
    try:
        parts = urlsplit(url or "")
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _are_headers(headers: Mapping[str, Any]) -> bool:
    return all(
        isinstance(value, str)
        and name.isascii()
        and name.replace("-", "").replace("_", "").isalnum()
        and value.isprintable()
        and value.isascii()
        and name.lower() not in _OWN_HEADERS
        for name, value in headers.items()
    )


def event_rows(store: Store, rows: Sequence[Row]) -> list[Any]:
    """Deliveries with the whole hook and the frozen body."""
    hooks = store.by_id(HOOK, (row["webhook"] for row in rows))
    return [
        {
            **flat(DELIVERY, row),
            "webhook": flat(HOOK, hooks[row["webhook"]]),
            "request_payload": envelope_of(row),
        }
        for row in rows
    ]


def queue_rows(_store: Store, rows: Sequence[Row]) -> list[Any]:
    """Deliveries not yet tried."""
    return [
        {
            **{
                name: row[name]
                for name in ("id", "created_date", "modified_date", "uuid", "event_type", "object_id")
            },
            "hook_id": row["webhook"],
            "app_label": "omnitron",
            "model_name": row["content_type"],
            "instance_dict": envelope_of(row)["payload"],
        }
        for row in rows
    ]


_TRIED, _QUEUED = own_deliveries(tried=True), own_deliveries(tried=False)
ROUTES: Routes = {
    "/whisperer/hooks": {"GET": listing(HOOK, scope=own), "POST": create},
    "/whisperer/hooks/registry": {"GET": registry},
    "/whisperer/hooks/{id}": {
        "GET": detail(HOOK, scope=own),
        "PATCH": change,
        "PUT": change,
        "DELETE": switch_off,
    },
    **reading("/whisperer/hook_events", DELIVERY, shape=event_rows, scope=_TRIED),
    "/whisperer/hook_events/{id}/retry": {"POST": retry},
    **reading("/whisperer/event_queues", DELIVERY, shape=queue_rows, scope=_QUEUED),
}
