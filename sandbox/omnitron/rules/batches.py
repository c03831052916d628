"""Batches: a channel takes rows to work on, they are locked, and it says what became of each."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.omnitron import clock
from sandbox.omnitron.errors import BadRequest, NotAcceptable, field_error
from sandbox.omnitron.rules.actions import content_type_of
from sandbox.omnitron.rules.cleaning import cleaned, objects
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store
from sandbox.omnitron.values import BadValue, as_integer, as_moment

BATCH, ACTION = TABLES["batch_request"], TABLES["integration_action"]
_FROM_REMOTE = {"ongoing", "commit", "done", "fail"}
MOVES: dict[str, set[str]] = {
    "initialized": {"commit", "done", "fail"},
    "commit": {"commit", "sent_to_remote", "done", "fail"},
    "sent_to_remote": _FROM_REMOTE,
    "ongoing": _FROM_REMOTE,
    "done": set(),
    "fail": set(),
}


def create_batch(store: Store, channel: Row) -> Row:
    """A fresh batch with its own uuid."""
    return store.insert(BATCH, {"channel": channel["id"], "local_batch_id": str(uuid.uuid4())})


def change_batch(store: Store, batch: Row, body: Mapping[str, Any], *, strict: bool) -> Row:
    """Move a batch on, with the rows it names. Raises BadRequest, NotAcceptable for a move that is none."""
    values = cleaned(store, BATCH, body, ("remote_batch_id",))
    if body.get("content_type") not in (None, ""):
        values["content_type"] = content_type_of(store, body["content_type"], "content_type")["model"]
    status = body.get("status") or batch["status"]
    if body.get("status"):
        _check_move(batch, status)
        values["status"] = status
    named = _named(store, body.get("objects"), values.get("content_type") or batch["content_type"])
    batch = {**batch, **values}
    if strict and status == "commit":
        _check_alone(store, batch)
    if body.get("status") in ("commit", "done"):
        for each in named:
            _account_for(store, batch, each, closing=status == "done")
    if status in ("done", "fail"):
        _finish(store, batch, named, status)
    if body.get("objects") is not None:
        values["objects"] = body["objects"]
    return store.update(BATCH, batch["id"], values)


def release_batch(store: Store, batch: Row) -> None:
    """Remove a batch; what it holds is free again."""
    _unlock(store, batch)
    store.delete(BATCH, batch["id"])


def _check_move(batch: Row, status: Any) -> None:
    if status not in MOVES:
        raise field_error("status", f'"{status}" is not a valid choice.', "invalid_choice")
    if status not in MOVES[batch["status"]]:
        code = "batch_request_status_100_1"
        raise NotAcceptable(f"{code}: status cannot change from {batch['status']} to {status}.", code)


def _check_alone(store: Store, batch: Row) -> None:
    where = "channel = ? AND content_type = ? AND status = 'commit' AND id <> ?"
    if store.count(BATCH, where, [batch["channel"], batch["content_type"], batch["id"]]):
        code = "batch_request_status_100_2"
        raise NotAcceptable(f"{code}: another batch of {batch['content_type']} is committing.", code)


def _named(store: Store, raw: Any, default_type: str | None) -> list[dict[str, Any]]:
    """The rows a body names, read: `content_type` row, `object_id`, `remote_id`, `version_date`, `reason`."""
    named: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for each in objects(raw or [], "objects"):
        try:
            named.append(_read(store, each, default_type))
            errors.append({})
        except BadRequest as refusal:
            errors.append(refusal.errors)
    if any(errors):
        raise BadRequest({"objects": errors})
    return named


def _read(store: Store, each: Mapping[str, Any], default_type: str | None) -> dict[str, Any]:
    try:
        object_id = as_integer(each.get("pk", each.get("object_id")))
        version_date = as_moment(each["version_date"]) if each.get("version_date") else None
    except BadValue as error:
        raise BadRequest({"non_field_errors": [str(error)]}) from None
    remote_id = each.get("remote_id")
    return {
        "content_type": content_type_of(store, each.get("content_type") or default_type, "content_type"),
        "object_id": object_id,
        "remote_id": None if remote_id is None else str(remote_id),
        "version_date": version_date,
        "reason": each.get("failed_reason_type"),
    }


def _account_for(store: Store, batch: Row, named: Mapping[str, Any], *, closing: bool) -> None:
    """Make or reuse the action of a row: `processing` at first, at the second time what became of it."""
    key = [batch["channel"], named["content_type"]["id"], named["object_id"]]
    action = store.first(ACTION, "channel = ? AND content_type = ? AND object_id = ?", key)
    again = action is not None and action["local_batch_id"] == batch["local_batch_id"]
    version = named["version_date"] or _version_of(store, named)
    values: dict[str, Any] = {"local_batch_id": batch["local_batch_id"], "version_date": version}
    if named["remote_id"] is not None:
        values["remote_id"] = named["remote_id"]
    values.update(_verdict(action, named["reason"], version, closed=closing or again))
    if action is None:
        names = ("channel", "content_type", "object_id")
        store.insert(ACTION, {**dict(zip(names, key, strict=True)), **values})
    else:
        store.update(ACTION, action["id"], values)


def _verdict(action: Row | None, reason: Any, version: str, *, closed: bool) -> dict[str, Any]:
    if reason:
        synced = (action or {}).get("synced_date") or version
        return {"status": "error", "state": {"failed_reason_type": reason}, "synced_date": synced}
    if closed:
        return {"status": "success", "state": {}, "synced_date": version}
    return {"status": "processing"}


def _version_of(store: Store, named: Mapping[str, Any]) -> str:
    table = next((each for each in TABLES.values() if each.model == named["content_type"]["model"]), None)
    row = store.get(table, named["object_id"]) if table else None
    return str(row["modified_date"]) if row else clock.now_text()


def _finish(store: Store, batch: Row, named: Sequence[Mapping[str, Any]], status: str) -> None:
    """What a batch that ends still holds: done means it went well, fail that it never happened."""
    if status == "done":
        for action in _held(store, batch):
            closed = {"status": "success", "state": {}, "synced_date": action["version_date"]}
            store.update(ACTION, action["id"], closed)
        return
    for each in named:
        if each["reason"]:
            _account_for(store, batch, each, closing=True)
    _unlock(store, batch)


def _unlock(store: Store, batch: Row) -> None:
    for action in _held(store, batch):
        if action["synced_date"] is None:
            store.delete(ACTION, action["id"])
        else:
            former = {"status": "success", "version_date": action["synced_date"]}
            store.update(ACTION, action["id"], former)


def _held(store: Store, batch: Row) -> list[Row]:
    where = "local_batch_id = ? AND status = 'processing'"
    return store.find(ACTION, where, [batch["local_batch_id"]])
