"""What stock engines other than the internal one answer: asked, and kept as the last answer."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from packhouse.inventory.ports import Question, Reply, stock_engines
from packhouse.kernel import clock, exceptions
from packhouse.locations.models import StockLocation

KIND = "stock_service_failing"
INTERNAL = 1

_GIVEN = """
given AS (
    SELECT l.id AS place, g.sku, g.quantity, g.unit_type
    FROM jsonb_to_recordset(%(rows)s) AS g(erp_code text, sku text, quantity numeric, unit_type text)
    JOIN locations_stocklocation l ON l.erp_code = g.erp_code AND l.engine = %(engine)s
)
"""

_MAKE = f"""
WITH {_GIVEN}
INSERT INTO inventory_stock (stock_location_id, sku, unit_type, created_date, modified_date)
SELECT place, sku, unit_type, %(now)s, %(now)s FROM given WHERE quantity > 0 ORDER BY 1, 2
ON CONFLICT (stock_location_id, sku) DO NOTHING
"""  # noqa: S608 - built from constants of this file

# Rows that say the same are left alone: most do, and each write costs.
_KEEP = f"""
WITH {_GIVEN}, due AS MATERIALIZED (
    SELECT s.id, coalesce(g.quantity, 0) AS quantity, coalesce(g.unit_type, s.unit_type) AS unit_type
    FROM inventory_stock s JOIN locations_stocklocation l ON l.id = s.stock_location_id
    LEFT JOIN given g ON g.place = s.stock_location_id AND g.sku = s.sku
    WHERE s.sku = ANY(%(skus)s::text[]) AND l.engine = %(engine)s AND l.erp_code = ANY(%(codes)s::text[])
        AND (s.counted_at IS NULL OR s.counted_at <= %(asked)s)
        AND (s.counted_at IS NULL OR s.on_hand <> coalesce(g.quantity, 0))
    ORDER BY s.stock_location_id, s.sku FOR UPDATE OF s
)
UPDATE inventory_stock s SET on_hand = due.quantity, unit_type = due.unit_type, counted_at = %(asked)s,
    modified_date = %(now)s
FROM due WHERE s.id = due.id
"""  # noqa: S608


def others_serve() -> bool:
    """Whether an active location has another engine than the internal one."""
    return StockLocation.objects.filter(engine__gt=INTERNAL, is_active=True).exists()


def ask_engines(skus: Collection[str], location_ids: Collection[int] | None = None) -> frozenset[int]:
    """Ask the engines of all active locations (or of these) about the SKUs; the ids of those that stay unknown.

    What is answered stands in the stock table afterwards, where planning and reserving find it; of a location
    that stays unknown it holds the last answer. Without such locations one statement. Never inside a
    transaction (then RuntimeError), so that no row is locked while somebody else is waited for.
    """
    with transaction.atomic(durable=True):
        pass  # raises RuntimeError inside of a transaction
    places = StockLocation.objects.filter(engine__gt=INTERNAL, is_active=True)
    if location_ids is not None:
        places = places.filter(pk__in=location_ids)
    by_engine: dict[int, dict[str, int]] = defaultdict(dict)
    for engine, code, location_id in places.values_list("engine", "erp_code", "pk"):
        by_engine[engine or INTERNAL][code] = location_id
    if not by_engine or not skus:
        return frozenset()
    questions = [
        Question(engine, tuple(sorted(skus)), tuple(sorted(codes)))
        for engine, codes in sorted(by_engine.items())
    ]
    asked = clock.now()
    unknown: set[int] = set()
    for reply in stock_engines().ask(questions):
        if reply.problem is not None:
            unknown.update(by_engine[reply.question.engine].values())
        else:
            _keep(reply, asked)
        _tell(reply)
    return frozenset(unknown)


@transaction.atomic
def _keep(reply: Reply, asked: datetime) -> None:
    """An answer to an older question than the last one kept is left out."""
    rows = [
        {"erp_code": row.erp_code, "sku": row.sku, "quantity": str(row.quantity), "unit_type": row.unit_type}
        for row in reply.rows
    ]
    _run(
        (_MAKE, _KEEP),
        {
            "rows": json.dumps(rows),
            "engine": reply.question.engine,
            "skus": list(reply.question.skus),
            "codes": list(reply.question.erp_codes),
            "asked": asked,
            "now": clock.now(),
        },
    )


def _run(statements: Sequence[str], parameters: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, parameters)


def _tell(reply: Reply) -> None:
    subject = f"stock_engine/{reply.question.engine}"
    if reply.problem is None:
        exceptions.resolve(KIND, subject)
        return
    exceptions.report(
        KIND,
        subject,
        f"The stock engine {reply.question.engine} gives no answer: {reply.problem}",
        detail={"locations": list(reply.question.erp_codes[:50]), "skus": list(reply.question.skus[:50])},
        action="settings",
    )
