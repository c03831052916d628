"""Turning changes into deliveries: the payload is frozen here, within the transaction of the change."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.omnitron.hooks.changes import Changes
from sandbox.omnitron.render import order_payload, plan_payload, store_payload
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store

HOOK, DELIVERY = TABLES["hook"], TABLES["delivery"]
_PAYLOADS = {"order": order_payload, "cancellation_plan": plan_payload, "retail_store": store_payload}


@dataclass(frozen=True)
class Send:
    """One sending to come, how long it is held back for, and whether it is a second one of the same event."""

    delivery_id: int
    delay_s: float
    repeat: bool


def record(store: Store, changes: Changes, faults: Mapping[str, Any], chance: random.Random) -> list[Send]:
    """Write a delivery per event and active hook; returns what is to be sent. `faults` may lose, double or delay."""
    sends: list[Send] = []
    for event_type, table, row_id in changes.events():
        hooks = store.find(HOOK, "event_type = ? AND is_active", [event_type])
        row = store.get(TABLES[table], row_id) if hooks else None
        if row is None:
            continue
        payload = json.dumps(_PAYLOADS[table](store, row))
        for hook in hooks:
            dropped = chance.random() < faults.get("drop", 0)
            delivery = _insert(
                store, hook, event_type, table, row_id, payload, "dropped" if dropped else "waiting"
            )
            if not dropped:
                delays = enumerate(_delays(faults, chance))
                sends.extend(Send(delivery["id"], delay, repeat=index > 0) for index, delay in delays)
    return sends


def envelope(event_type: str, event_uuid: str, payload: str) -> str:
    """The body that goes out: the envelope around a payload already serialised, non-ASCII escaped."""
    event = json.dumps({"type": event_type, "uuid": event_uuid})
    return f'{{"event": {event}, "payload": {payload}}}'


def _insert(
    store: Store, hook: Row, event_type: str, table: str, row_id: int, payload: str, state: str
) -> Row:
    event_uuid = uuid.uuid4().hex
    return store.insert(
        DELIVERY,
        {
            "uuid": event_uuid,
            "webhook": hook["id"],
            "event_type": event_type,
            "body": envelope(event_type, event_uuid, payload),
            "content_type": TABLES[table].model,
            "object_id": str(row_id),
            "state": state,
        },
    )


def _delays(faults: Mapping[str, Any], chance: random.Random) -> list[float]:
    """One delay per sending of the event, in seconds: a second one when it is to arrive twice."""
    times = 2 if chance.random() < faults.get("duplicate", 0) else 1
    held = faults.get("delay_s", 0)
    low, high = held if isinstance(held, list) else (held, held)
    return [chance.uniform(low, high) + chance.uniform(0, faults.get("shuffle_s", 0)) for _ in range(times)]
