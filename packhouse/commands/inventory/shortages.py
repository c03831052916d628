"""Locations where less lies than was promised (page 40): nothing new is promised there, and a person is shown it."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import F, Q

from packhouse.inventory.models import Stock
from packhouse.kernel import exceptions
from packhouse.kernel.models import ExceptionEntry

KIND = "negative_stock"
SHOWN = 50
# What a stock service answers is its own count; how far it knows of our promises is not known.
_SHORT = Q(on_hand__lt=F("reserved")) & (Q(stock_location__engine=None) | Q(stock_location__engine=1))


def review_shortages(location_ids: Collection[int]) -> None:
    """Open, keep or close the entry of each of these locations in the exceptions list."""
    if not location_ids:
        return
    short = _short_rows(location_ids)
    for location_id in sorted(location_ids):
        subject = f"stock_location/{location_id}"
        if location_id not in short:
            exceptions.resolve(KIND, subject)
            continue
        rows = short[location_id]
        exceptions.report(
            KIND,
            subject,
            f"{rows[0]['erp_code']} has less than it promised of {', '.join(row['sku'] for row in rows[:5])}"
            f"{' and others' if len(rows) > 5 else ''}.",
            detail={"count": len(rows), "first": rows[:SHOWN]},
            action="count stock",
        )


def review_all_shortages() -> None:
    """The same for every location that is short, or was."""
    subjects = ExceptionEntry.objects.filter(kind=KIND, resolved_date__isnull=True)
    known = {int(subject.partition("/")[2]) for subject in subjects.values_list("subject", flat=True)}
    short = Stock.objects.filter(_SHORT).values_list("stock_location_id", flat=True)
    review_shortages(known | set(short))


def _short_rows(location_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    rows = Stock.objects.filter(_SHORT, stock_location__in=location_ids)
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows.select_related("stock_location").order_by("stock_location_id", "sku"):
        found[row.stock_location_id].append(
            {
                "erp_code": row.stock_location.erp_code,
                "sku": row.sku,
                "on_hand": str(row.on_hand),
                "reserved": str(row.reserved),
            }
        )
    return found
