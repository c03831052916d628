"""Reading orders: asked for by webhooks, catch-up, people; one at a time per order; waiting, parked, retried."""

import logging
import random
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from procrastinate.contrib.django.models import ProcrastinateJob

from packhouse.commands.orders.document_types import Reading
from packhouse.commands.orders.order_changes import OrderChanges, Outcome, UpsertResult
from packhouse.commands.orders.order_document import Part, parse_order, read_part
from packhouse.commands.orders.remote_references import RemoteReferences
from packhouse.commands.orders.upsert_order import upsert_order
from packhouse.integrations.failures import BadAnswer, TemporaryFailure, text_of
from packhouse.integrations.omnitron import echoes
from packhouse.integrations.omnitron.client import Omnitron, Row
from packhouse.integrations.omnitron.conf import CONNECTION
from packhouse.integrations.omnitron.messages import MarkSent, ReadOrder, order_lock
from packhouse.integrations.omnitron.models import InboxEvent, OrderRead
from packhouse.integrations.omnitron.order_document import OrderGone, completed, fetch_order
from packhouse.integrations.patience import GIVE_UP_AFTER_HOURS, TryLater
from packhouse.kernel import clock, exceptions, outbox, settings_store
from packhouse.kernel.errors import InvalidParameter, NotConfigured
from packhouse.orders.models import Order

logger = logging.getLogger(__name__)

TRIES = 5
FIRST_WAIT = 2.0
FORGOTTEN_AFTER = timedelta(minutes=2)
MOST_WOKEN = 500
KIND = "omnitron_order"

_ASK = """
INSERT INTO omnitron_orderread AS r (connection, order_pk, wanted, done, tries, parked, waiting_since, seen_date,
    last_error)
SELECT %(connection)s, a.pk, 1, 0, 0, false, %(now)s, a.seen, ''
FROM unnest(%(pks)s::bigint[], %(seen)s::timestamptz[]) AS a(pk, seen)
ON CONFLICT (connection, order_pk) DO UPDATE SET
    wanted = r.wanted + 1, tries = 0, parked = false, seen_date = coalesce(excluded.seen_date, r.seen_date),
    waiting_since = CASE WHEN r.done < r.wanted AND NOT r.parked THEN r.waiting_since ELSE excluded.waiting_since END
RETURNING order_pk, wanted
"""


def ask(order_pks: Collection[int], *, seen: Mapping[int, datetime | None] | None = None) -> dict[int, int]:
    """Have orders read, in the caller's transaction; the number of each request, by order.

    `seen`: the remote dates that made somebody ask.
    """
    pks = sorted(set(order_pks))
    if not pks:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _ASK,
            {
                "connection": CONNECTION,
                "now": clock.now(),
                "pks": pks,
                "seen": [(seen or {}).get(pk) for pk in pks],
            },
        )
        numbers = dict(cursor.fetchall())
    outbox.enqueue([ReadOrder(order_pk=pk) for pk in pks])
    return numbers


def owed() -> int:
    """How many orders wait to be read (parked ones do not)."""
    return OrderRead.objects.filter(parked=False, wanted__gt=F("done")).count()


def perform(order_pk: int) -> None:
    """Read and copy one order, unless a read that began later has answered this request.

    Raises TemporaryFailure or TryLater when it is to be tried again; after five faults of its own, or 48 hours
    of a silent back office, it is parked in the exceptions list. Nonsense stands there from the first answer on.
    """
    row = OrderRead.objects.filter(connection=CONNECTION, order_pk=order_pk).first()
    if row is None or row.done >= row.wanted or row.parked:
        return
    try:
        result = read_and_copy(order_pk)
    except TemporaryFailure as failure:
        if _has_waited_long(row):
            _park(row, failure)
            return
        if isinstance(failure, BadAnswer):
            _show(order_pk, f"The back office answers nonsense for the order {order_pk}: {text_of(failure)}")
        raise
    except NotConfigured as failure:
        logger.info("order %s waits until the back office is configured: %s", order_pk, failure)
        return
    except Exception as fault:
        logger.exception("order %s of the back office could not be copied", order_pk)
        _try_later_or_park(row, fault)
        return
    _finish(row)
    if result is not None and result.order_id is not None:
        _mark_sent_on_copy(order_pk, result.order_id)


def wake_forgotten() -> int:
    """Orders that wait to be read although no job seems to care (it was lost, or nobody was configured); how many."""
    before = clock.now() - FORGOTTEN_AFTER
    rows = OrderRead.objects.filter(parked=False, wanted__gt=F("done"), waiting_since__lt=before)
    messages = {
        order_lock(pk): ReadOrder(order_pk=pk) for pk in rows.values_list("order_pk", flat=True)[:MOST_WOKEN]
    }
    queued = ProcrastinateJob.objects.filter(lock__in=list(messages), status__in=("todo", "doing"))
    for lock in queued.values_list("lock", flat=True):
        messages.pop(str(lock), None)
    with transaction.atomic():
        outbox.enqueue(list(messages.values()))
    return len(messages)


def read_and_copy(order_pk: int) -> UpsertResult | None:
    """Read one order now; None where it is gone, or of a channel that is not to be copied.

    An order that says nothing but what we know and told ourselves is not copied again.
    """
    client = Omnitron()
    try:
        document = fetch_order(client, order_pk)
    except OrderGone as gone:
        _note_gone(order_pk, str(gone))
        return None
    told = echoes.fingerprint(document)
    known = echoes.is_known(order_pk, document, told)
    if known is not None:
        echoes.move_date(known, _modified_date(document))
        return UpsertResult(Outcome.UNCHANGED, known.pk, OrderChanges(), ())
    order = parse_order(completed(client, document), Reading(lenient=True))
    wanted = settings_store.get("OMNITRON_CHANNELS")
    if wanted and (order.channel is None or order.channel.pk not in wanted):
        return None
    result = upsert_order(order, RemoteReferences())
    echoes.remember(order_pk, told)
    return result


def _modified_date(document: Row) -> datetime | None:
    """When the order changed there; None where that cannot be read."""
    try:
        return read_part(Part, {"modified_date": document.get("modified_date")}, Reading()).modified_date
    except InvalidParameter:
        return None


def retry(order_pk: int) -> None:
    """Read an order again and copy it whole, by hand."""
    with transaction.atomic():
        ask([order_pk])
        echoes.forget([order_pk])


def _finish(row: OrderRead) -> None:
    now = clock.now()
    with transaction.atomic():
        OrderRead.objects.filter(pk=row.pk).update(done=row.wanted, tries=0, last_error="", read_date=now)
        OrderRead.objects.filter(pk=row.pk, wanted=row.wanted).update(waiting_since=None)
        InboxEvent.objects.filter(order_pk=row.order_pk, processed_date=None, read__lte=row.wanted).update(
            processed_date=now
        )
    exceptions.resolve(KIND, _subject(row.order_pk))


def _has_waited_long(row: OrderRead) -> bool:
    since = row.waiting_since or clock.now()
    return clock.now() - since > timedelta(hours=GIVE_UP_AFTER_HOURS)


def _try_later_or_park(row: OrderRead, fault: Exception) -> None:
    tries = row.tries + 1
    text = text_of(fault)
    OrderRead.objects.filter(pk=row.pk, wanted=row.wanted).update(tries=tries, last_error=text[:4000])
    if tries >= TRIES:
        _park(row, fault)
        return
    wait = FIRST_WAIT * 4 ** (tries - 1)
    raise TryLater(wait * random.uniform(1, 1.5), text) from None  # noqa: S311 - spreads the waiting


def _park(row: OrderRead, fault: Exception) -> None:
    text = text_of(fault)
    if not OrderRead.objects.filter(pk=row.pk, wanted=row.wanted).update(parked=True, last_error=text[:4000]):
        return  # asked for again meanwhile: the next job tries
    _show(row.order_pk, f"The order {row.order_pk} of the back office could not be copied: {text}")


def _show(order_pk: int, text: str) -> None:
    exceptions.report(KIND, _subject(order_pk), text, detail={"order_pk": order_pk}, action="retry")


def _note_gone(order_pk: int, text: str) -> None:
    known = Order.objects.filter(connection=CONNECTION, omnitron_id=order_pk).first()
    if known is not None:
        exceptions.report("omnitron_order_gone", f"order/{known.pk}", text)


def _mark_sent_on_copy(order_pk: int, order_id: int) -> None:
    if settings_store.get("OMNITRON_MARK_SENT") != "on_copy":
        return
    if Order.objects.filter(pk=order_id, is_send=False).exists():
        with transaction.atomic():
            outbox.enqueue([MarkSent(order_pk=order_pk)])


def _subject(order_pk: int) -> str:
    return f"omnitron_order/{order_pk}"
