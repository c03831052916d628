"""What an absolute count means (page 40): what lay on the shelf at `counted_at`, plus the movements after it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from packhouse.inventory.services import lock_stock
from packhouse.kernel import clock


@dataclass(frozen=True, slots=True)
class Count:
    """One row of a stock feed: `quantity` is absolute, `delta` a change; one of them is given.

    `version`: the feed's own number, an older one is ignored. `counted_at`: default now.
    """

    stock_location_id: int
    sku: str
    quantity: Decimal | None = None
    delta: Decimal | None = None
    counted_at: datetime | None = None
    version: int | None = None
    safety_stock: Decimal | None = None
    unit_type: str | None = None

    @property
    def key(self) -> tuple[int, str]:
        return self.stock_location_id, self.sku


_GIVEN = """
given AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s) AS g(n int, stock_location_id bigint, sku text, quantity numeric,
        delta numeric, counted_at timestamptz, version bigint, safety_stock numeric, unit_type text)
)
"""

_MAKE = f"""
WITH {_GIVEN}
INSERT INTO inventory_stock (stock_location_id, sku, opening, unit_type, created_date, modified_date)
SELECT stock_location_id, sku, 0, coalesce(unit_type, 'quantity'), %(now)s, %(now)s FROM given g
WHERE NOT EXISTS (SELECT FROM inventory_stock s WHERE s.stock_location_id = g.stock_location_id AND s.sku = g.sku)
ORDER BY stock_location_id, sku
ON CONFLICT (stock_location_id, sku) DO NOTHING
"""  # noqa: S608 - built from constants of this file

_SET = f"""
WITH {_GIVEN}, before AS (
    SELECT s.id, g.n, s.on_hand, s.on_hand - s.reserved - s.safety_stock AS available,
        s.on_hand < s.reserved AS short,
        CASE WHEN g.delta IS NOT NULL THEN s.on_hand + g.delta
            ELSE g.quantity + coalesce((
                SELECT sum(m.delta) FROM inventory_movement m
                WHERE m.stock_location_id = s.stock_location_id AND m.sku = s.sku AND m.kind <> 'counted'
                    AND m.created_date > g.counted_at), 0)
        END AS counted
    FROM given g JOIN inventory_stock s USING (stock_location_id, sku)
    WHERE (g.version IS NULL OR s.version IS NULL OR g.version > s.version)
        AND (g.delta IS NOT NULL OR s.counted_at IS NULL OR g.counted_at >= s.counted_at)
), fitting AS (
    SELECT * FROM before WHERE abs(counted) < 1000000000
), changed AS (
    UPDATE inventory_stock s SET on_hand = b.counted, modified_date = %(now)s,
        version = coalesce(g.version, s.version),
        counted_at = CASE WHEN g.delta IS NULL THEN g.counted_at ELSE s.counted_at END,
        safety_stock = coalesce(g.safety_stock, s.safety_stock),
        unit_type = coalesce(g.unit_type, s.unit_type)
    FROM fitting b JOIN given g ON g.n = b.n
    WHERE s.id = b.id
    RETURNING b.n, s.stock_location_id, s.sku, s.on_hand - b.on_hand AS delta,
        s.on_hand - s.reserved - s.safety_stock > greatest(b.available, 0) AS rose, g.delta IS NULL AS absolute,
        b.short OR s.on_hand < s.reserved AS short
), moved AS (
    INSERT INTO inventory_movement (stock_location_id, sku, delta, kind, created_date)
    SELECT stock_location_id, sku, delta, CASE WHEN absolute THEN 'counted' ELSE 'delta' END, %(now)s
    FROM changed WHERE delta <> 0
)
SELECT n, rose, short, false FROM changed
UNION ALL SELECT n, false, false, true FROM before WHERE abs(counted) >= 1000000000
"""  # noqa: S608 - built from constants of this file


class Counted(NamedTuple):
    """Indexes of the rows that were taken; of those after which more is free than before; of those where less
    lies than is reserved, before or after; and of those that were refused, for no such count can be kept."""

    accepted: frozenset[int] = frozenset()
    rose: frozenset[int] = frozenset()
    short: frozenset[int] = frozenset()
    too_large: frozenset[int] = frozenset()


def set_counts(counts: Sequence[Count]) -> Counted:
    """Write a feed's rows in the caller's transaction; rows of older versions or counts are left out.

    Rows of one (location, SKU) pair must come once; callers split a feed that repeats a pair.
    """
    if not counts:
        return Counted()
    now = clock.now()
    rows = json.dumps([_row(n, count, now) for n, count in enumerate(counts)])
    parameters: dict[str, Any] = {"rows": rows, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_MAKE, parameters)
        lock_stock([count.key for count in counts])
        cursor.execute(_SET, parameters)
        taken = cursor.fetchall()
    return Counted(
        accepted=frozenset(n for n, _, _, is_too_large in taken if not is_too_large),
        rose=frozenset(n for n, rose, _, _ in taken if rose),
        short=frozenset(n for n, _, short, _ in taken if short),
        too_large=frozenset(n for n, _, _, is_too_large in taken if is_too_large),
    )


def _row(n: int, count: Count, now: datetime) -> dict[str, object]:
    numbers = {"quantity": count.quantity, "delta": count.delta, "safety_stock": count.safety_stock}
    return {
        "n": n,
        "stock_location_id": count.stock_location_id,
        "sku": count.sku,
        "counted_at": (count.counted_at or now).isoformat(),
        "version": count.version,
        "unit_type": count.unit_type,
        **{name: None if value is None else str(value) for name, value in numbers.items()},
    }
