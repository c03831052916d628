"""The back office's own stock reservation is dropped when ours holds (page 70, A7), once per item."""

from datetime import timedelta

from django.db import connection, transaction

from packhouse.integrations.failures import Refused, TemporaryFailure, text_of
from packhouse.integrations.omnitron import conf
from packhouse.integrations.omnitron.client import Omnitron
from packhouse.integrations.omnitron.messages import ReleaseStock
from packhouse.integrations.omnitron.models import StockRelease
from packhouse.integrations.patience import GIVE_UP_AFTER_HOURS
from packhouse.kernel import clock, exceptions, outbox, settings_store
from packhouse.packages.states import PACKED_AND_LATER, PackageStatus

BATCH = 500
KIND = "omnitron_stock_release"
MAPPED_ELSEWHERE = (400, 406)
State = StockRelease.State

_GIVEN_UP = [PackageStatus.CANCELLED.value, PackageStatus.PACKED_FOR_REFUND.value]
_PACKED = [state.value for state in PACKED_AND_LATER]
_OWE = """
INSERT INTO omnitron_stockrelease (order_item_id, code, state, answer, created_date)
SELECT DISTINCT ON (pi.order_item_id) pi.order_item_id, p.number || '-' || pi.id, 'waiting', '', %(now)s
FROM packages_packageitem pi
JOIN packages_package p ON p.id = pi.package_id
JOIN orders_orderitem oi ON oi.id = pi.order_item_id
WHERE oi.omnitron_id IS NOT NULL AND NOT p.state = ANY(%(given_up)s)
    AND (%(on_planned)s OR p.state = ANY(%(packed)s))
    AND NOT EXISTS (SELECT FROM omnitron_stockrelease r WHERE r.order_item_id = pi.order_item_id)
ORDER BY pi.order_item_id, pi.id
LIMIT %(batch)s
ON CONFLICT (order_item_id) DO NOTHING
RETURNING order_item_id
"""


def owe_releases() -> int:
    """Note items that came to be planned (or packed) as `OMNITRON_STOCK_RELEASE` says; how many."""
    when = settings_store.get("OMNITRON_STOCK_RELEASE")
    if when == "never" or not conf.is_configured():
        return 0
    parameters = {
        "now": clock.now(),
        "given_up": _GIVEN_UP,
        "packed": _PACKED,
        "on_planned": when == "on_planned",
        "batch": BATCH,
    }
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_OWE, parameters)
            items = [row[0] for row in cursor.fetchall()]
        rows = StockRelease.objects.filter(order_item_id__in=items)
        orders = (
            rows.order_by("order_item__order_id").values_list("order_item__order_id", flat=True).distinct()
        )
        outbox.enqueue([ReleaseStock(order_id=order_id) for order_id in orders])
    return len(items)


def release(order_id: int) -> None:
    """Send what is owed of an order. Raises a TemporaryFailure; after 48 hours it is parked."""
    client = Omnitron()
    waiting = StockRelease.objects.filter(order_item__order_id=order_id, state=State.WAITING)
    for row in waiting.select_related("order_item").order_by("order_item_id"):
        try:
            client.create(
                "create_mapping", {"update_stock": True, "code": row.code}, pk=row.order_item.omnitron_id
            )
        except Refused as refusal:
            _refused(row, refusal)
        except TemporaryFailure as failure:
            if clock.now() - row.created_date < timedelta(hours=GIVE_UP_AFTER_HOURS):
                raise
            _end(row, State.PARKED, text_of(failure))
        else:
            _end(row, State.DONE, "")


def _refused(row: StockRelease, refusal: Refused) -> None:
    if refusal.answered in MAPPED_ELSEWHERE:
        _end(row, State.ELSEWHERE, "mapped by another system")
    else:
        _end(row, State.PARKED, text_of(refusal))


def _end(row: StockRelease, state: StockRelease.State, answer: str) -> None:
    row.state, row.answer, row.done_date = state, answer, clock.now()
    row.save()
    if state == State.PARKED:
        exceptions.report(
            KIND,
            f"order_item/{row.order_item_id}",
            f"The back office still holds stock for the item: {answer}",
            action="retry",
        )


def retry(order_item_id: int) -> None:
    """Ask again for a parked item, by hand."""
    row = StockRelease.objects.select_related("order_item").get(pk=order_item_id)
    with transaction.atomic():
        StockRelease.objects.filter(pk=row.pk, state=State.PARKED).update(
            state=State.WAITING, created_date=clock.now()
        )
        outbox.enqueue([ReleaseStock(order_id=row.order_item.order_id)])
