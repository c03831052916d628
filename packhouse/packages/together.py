"""Moving many packages at once, one of each order: the statements of `services`, for all of them in one each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from packhouse.kernel import clock
from packhouse.kernel.states import Quota
from packhouse.orders.states import OrderStatus
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.order_codes import due_codes
from packhouse.packages.states import PackageStatus


@dataclass(frozen=True, slots=True)
class PackageMove:
    """A package enters `target`; its `sequence` rises by `events`; its order items take `code`, if there is one."""

    package: PackageInHand
    target: PackageStatus
    events: int
    code: OrderStatus | None


@dataclass(frozen=True, slots=True)
class Settling:
    """An order whose codes follow its packages; with `report` the back office learns it, `fields` beside it."""

    order_id: int
    report: bool
    fields: Mapping[str, Any]
    not_before: datetime | None


# Rows of several locations are locked by id first: an UPDATE alone would take them in any order.
_MOVE = """
WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(rows)s)
        AS g(package bigint, location bigint, state text, quota int, holds bool, events int, code text)
), items AS (
    UPDATE packages_packageitem i SET state = g.state, modified_date = %(now)s,
        order_code = coalesce(g.code, i.order_code)
    FROM given g WHERE i.package_id = g.package
), places AS MATERIALIZED (
    SELECT l.id, q.units FROM locations_stocklocation l
    JOIN (SELECT location, sum(quota) AS units FROM given GROUP BY 1 HAVING sum(quota) <> 0) q ON q.location = l.id
    ORDER BY l.id FOR NO KEY UPDATE OF l
), place AS (
    UPDATE locations_stocklocation l SET quota = l.quota + places.units FROM places WHERE l.id = places.id
)
UPDATE packages_package p SET state = g.state, state_date = %(now)s, modified_date = %(now)s,
    holds_quota = g.holds, sequence = p.sequence + g.events,
    packed_date = CASE WHEN g.state = '500' THEN coalesce(p.packed_date, %(now)s) ELSE p.packed_date END,
    shipment_date = CASE WHEN g.state = '600' THEN %(now)s ELSE p.shipment_date END
FROM given g WHERE p.id = g.package RETURNING p.id, p.sequence
"""

_SETTLE = f"""
WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(rows)s)
        AS g(order_id bigint, report bool, fields jsonb, not_before timestamptz)
), {due_codes("oi.order_id IN (SELECT order_id FROM given)")}, changed AS (
    UPDATE orders_orderitem oi SET state = due.state, modified_date = %(now)s
    FROM due WHERE oi.id = due.id AND oi.state <> due.state
    RETURNING oi.id, oi.order_id, oi.state, oi.omnitron_id
), reported AS (
    INSERT INTO orders_statusreport (order_id, order_item_id, status, fields, not_before, created_date)
    SELECT c.order_id, c.id, c.state, g.fields, g.not_before, %(now)s
    FROM changed c JOIN given g USING (order_id)
    WHERE g.report AND c.omnitron_id IS NOT NULL AND c.state <> '400' ORDER BY c.id
    RETURNING order_id
), whole AS (
    UPDATE orders_order o SET state = lowest.state, modified_date = %(now)s
    FROM (
        SELECT order_id, coalesce(min(state::int) FILTER (WHERE state <> '100'), 100)::text AS state
        FROM due GROUP BY order_id
    ) AS lowest
    WHERE o.id = lowest.order_id AND o.state <> lowest.state
)
SELECT DISTINCT order_id FROM reported
"""  # noqa: S608 - built from constants


def move_packages(moves: Sequence[PackageMove]) -> dict[int, int]:
    """As `services.move_package` for each; the raised `sequence` by package id."""
    rows = [_row(move) for move in moves]
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {"rows": json.dumps(rows), "now": clock.now()})
        sequences = dict(cursor.fetchall())
    for move, row in zip(moves, rows, strict=True):
        move.package.state, move.package.holds_quota = move.target, row["holds"]
        for item in move.package.items:
            item.state = move.target
    return sequences


def _row(move: PackageMove) -> dict[str, Any]:
    quota = move.target.quota
    holds = move.package.holds_quota if quota is Quota.KEEPS else quota is Quota.HOLDS
    return {
        "package": move.package.id,
        "location": move.package.stock_location_id,
        "state": str(move.target),
        "quota": int(holds) - int(move.package.holds_quota),
        "holds": holds,
        "events": move.events,
        "code": move.code and str(move.code),
    }


def settle_orders(orders: Sequence[Settling]) -> set[int]:
    """As `services.settle_order` for each; the orders of which the back office has something to learn."""
    if not orders:
        return set()
    rows = [
        {
            "order_id": each.order_id,
            "report": each.report,
            "fields": {key: value for key, value in each.fields.items() if value not in (None, "")},
            "not_before": each.not_before and each.not_before.isoformat(),
        }
        for each in orders
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, {"rows": json.dumps(rows, default=str), "now": clock.now()})
        return {row[0] for row in cursor.fetchall()}
