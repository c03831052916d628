"""Taking in a stock feed: counts are written, and packages that lacked what rose are planned again at once."""

from collections.abc import Iterator, Sequence

from django.db import transaction

from packhouse.commands.inventory.shortages import review_shortages
from packhouse.inventory.counting import Count, Counted, set_counts
from packhouse.kernel import outbox
from packhouse.orders.messages import ReschedulePackage
from packhouse.packages.models import Package
from packhouse.packages.services import resolve_discrepancies
from packhouse.packages.states import PackageStatus


def count_stock(counts: Sequence[Count]) -> Counted:
    """Write the rows in order, in one transaction; what became of them by index."""
    total = Counted()
    with transaction.atomic():
        for indexes in _without_repeats(counts):
            done = set_counts([counts[index] for index in indexes])
            total = Counted(*(known | _placed(new, indexes) for known, new in zip(total, done, strict=True)))
        resolve_discrepancies({counts[n].key for n in total.accepted if counts[n].quantity is not None})
        review_shortages({counts[index].stock_location_id for index in total.short})
        _plan_what_lacked({counts[index].sku for index in total.rose})
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


def _plan_what_lacked(skus: set[str]) -> None:
    if not skus:
        return
    lacking = Package.objects.filter(
        state=PackageStatus.OUT_OF_STOCK.value, items__order_item__product__sku__in=skus
    ).distinct()
    ids = lacking.order_by("id").values_list("id", flat=True)
    outbox.enqueue([ReschedulePackage(package_id=package_id) for package_id in ids])
