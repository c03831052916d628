"""How a cancellation plan ends: by the statuses its items are given."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.omnitron.hooks.changes import Changes
from sandbox.omnitron.rules.statuses import CANCELED, REFUNDED
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store

PLAN = TABLES["cancellation_plan"]


def close_decided_plans(store: Store, changes: Changes, order_id: int, items: Sequence[Row]) -> None:
    """End the waiting plans of an order whose items are all decided: `completed`, or `rejected` when all are."""
    by_id = {each["id"]: each for each in items}
    for plan in store.find(PLAN, '"order" = ? AND status = ?', [order_id, "waiting"]):
        verdicts = [_verdict(by_id.get(each["order_item"])) for each in plan["cancellation_items"]]
        if None in verdicts:
            continue
        store.update(PLAN, plan["id"], {"status": "completed" if "approved" in verdicts else "rejected"})
        changes.plan(plan["id"])


def _verdict(item: Row | None) -> str | None:
    if item is None or item["cancel_status"] == "rejected":
        return "rejected"
    if item["cancel_status"] == "approved" and item["status"] in (CANCELED, REFUNDED):
        return "approved"
    return None
