"""Integration actions: what a channel knows of our rows. One per channel, content type and row."""
# ruff: noqa: S608  (names come from our own tables)

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.omnitron.errors import NotAcceptable, field_error
from sandbox.omnitron.filters import Condition
from sandbox.omnitron.rules.cleaning import cleaned
from sandbox.omnitron.schema import TABLES, Table
from sandbox.omnitron.store import Row, Store

ACTION, CONTENT_TYPE = TABLES["integration_action"], TABLES["content_type"]
STATUSES = ("processing", "success", "error")
_SENT_STATUS = ("status", "state", "remote_id", "version_date", "local_batch_id")


def content_type_of(store: Store, raw: Any, field: str) -> Row:
    """A content type by id, by model name, or by object with either. Raises BadRequest."""
    if isinstance(raw, dict):
        raw = raw.get("id", raw.get("model"))
    word = str(raw).strip()
    where = (
        ("id = ?", [int(word)])
        if word.isascii() and word.isdigit() and len(word) < 18
        else ("model = ?", [word])
    )
    found = store.first(CONTENT_TYPE, *where)
    if found is None:
        raise field_error(field, f'Invalid content type "{word}".', "does_not_exist")
    return found


def create_action(store: Store, channel: Row, body: Mapping[str, Any]) -> Row:
    """An action a channel tells of itself; `success` unless it says otherwise. Raises BadRequest, NotAcceptable."""
    content_type = content_type_of(
        store, body.get("content_type_id", body.get("content_type")), "content_type"
    )
    values = cleaned(store, ACTION, body, ("object_id", *_SENT_STATUS), required=("object_id",))
    key = [channel["id"], content_type["id"], values["object_id"]]
    if store.count(ACTION, "channel = ? AND content_type = ? AND object_id = ?", key):
        raise NotAcceptable("This object has an integration action already.", "integration_action_100_1")
    values["status"] = _status(values.get("status") or "success")
    values["synced_date"] = values.get("version_date")
    return store.insert(ACTION, {**values, "channel": channel["id"], "content_type": content_type["id"]})


def change_action(store: Store, action: Row, body: Mapping[str, Any]) -> Row:
    """Change what a channel knows of a row. Raises BadRequest."""
    values = cleaned(store, ACTION, body, _SENT_STATUS)
    if "status" in values:
        _status(values["status"])
    status = values.get("status", action["status"])
    if status == "success":
        values["synced_date"] = values.get("version_date", action["version_date"])
    return store.update(ACTION, action["id"], values)


def _status(word: str) -> str:
    if word not in STATUSES:
        raise field_error("status", f'"{word}" is not a valid choice.', "invalid_choice")
    return word


def not_sent(table: Table, channel_id: int) -> Condition:
    """Rows the channel has no action for: its `inserts/`."""
    return Condition(f"NOT EXISTS ({_action_of(table)})", [channel_id, table.model])


def changed_since_sent(table: Table, channel_id: int) -> Condition:
    """Rows changed since they were last sent with success, and not under way in a batch: its `updates/`."""
    fresh = f""" AND status <> 'processing' AND COALESCE(synced_date, '') < "{table.name}".modified_date"""
    return Condition(f"EXISTS ({_action_of(table)}{fresh})", [channel_id, table.model])


def _action_of(table: Table) -> str:
    return (
        "SELECT 1 FROM integration_action WHERE channel = ?"
        " AND content_type = (SELECT id FROM content_type WHERE model = ?)"
        f' AND object_id = "{table.name}".id'
    )
