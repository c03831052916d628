"""Taking in a stock feed: counts are written, and packages that lacked what rose are planned again at once."""

from collections.abc import Iterator, Sequence

from django.db import transaction

from packhouse.commands.inventory.lacking import plan_what_lacked
from packhouse.commands.inventory.shortages import review_shortages
from packhouse.inventory.counting import Count, Counted, set_counts
from packhouse.packages.services import resolve_discrepancies


def count_stock(counts: Sequence[Count]) -> Counted:
    """Write the rows in order, in one transaction; what became of them by index."""
    total = Counted()
    with transaction.atomic():
        for indexes in _without_repeats(counts):
            done = set_counts([counts[index] for index in indexes])
            total = Counted(*(known | _placed(new, indexes) for known, new in zip(total, done, strict=True)))
        resolve_discrepancies({counts[n].key for n in total.accepted if counts[n].quantity is not None})
        review_shortages({counts[index].stock_location_id for index in total.short})
        plan_what_lacked({counts[index].sku for index in total.rose})
    return total


def _placed(found: frozenset[int], indexes: Sequence[int]) -> frozenset[int]:
    return frozenset(indexes[n] for n in found)


def _without_repeats(counts: Sequence[Count]) -> Iterator[list[int]]:
    """Indexes in runs in which no (location, SKU) pair comes twice."""
    run: list[int] = []
    seen: set[tuple[int, str]] = set()
    for index, count in enumerate(counts):
        if count.key in seen:
            yield run
            run, seen = [], set()
        run.append(index)
        seen.add(count.key)
    if run:
        yield run
