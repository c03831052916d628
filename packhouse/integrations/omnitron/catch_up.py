"""Catching up: what webhooks did not tell is found by looking at what changed (page 70, A5)."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from packhouse.commands.orders.document_types import Reading
from packhouse.commands.orders.order_document import Part, read_part
from packhouse.integrations.omnitron import order_reads
from packhouse.integrations.omnitron.client import LIMIT, Omnitron, Row, identity, read_page
from packhouse.integrations.omnitron.conf import CONNECTION
from packhouse.integrations.omnitron.messages import HandlePlan
from packhouse.integrations.omnitron.models import CatchUp, OrderRead
from packhouse.kernel import clock, outbox, settings_store
from packhouse.kernel.errors import InvalidParameter
from packhouse.orders.models import CancellationPlan, Order
from packhouse.orders.states import OrderStatus

logger = logging.getLogger(__name__)

KIND = "omnitron_catch_up"

OVERLAP = timedelta(minutes=10)
FIRST_LOOK_BACK = timedelta(hours=1)
IN_TIME = timedelta(seconds=60)
ROTATION = 50
MOST_PAGES = 1000
Mode = CatchUp.Mode
_CLOSED = (OrderStatus.CANCELED.value, OrderStatus.DELIVERED.value, OrderStatus.REFUNDED.value)


def due() -> bool:
    """`OMNITRON_CATCHUP_SECONDS` have passed since the last look."""
    row = CatchUp.objects.filter(connection=CONNECTION).first()
    if row is None or row.checked_date is None:
        return True
    return clock.now() - row.checked_date >= timedelta(seconds=settings_store.get("OMNITRON_CATCHUP_SECONDS"))


def look_again() -> None:
    """Do not wait until it is due."""
    CatchUp.objects.filter(connection=CONNECTION).update(checked_date=None)


def catch_up() -> int:
    """Have read what changed and is newer than ours; how many orders. Repeatable, and goes on where it stopped."""
    client = Omnitron()
    row = _row()
    CatchUp.objects.filter(pk=row.pk).update(checked_date=clock.now())
    mode = row.mode or learn_mode(client)
    cursor = row.cursor or clock.now() - FIRST_LOOK_BACK
    if mode == Mode.FILTER:
        found = _by_filter(client, cursor)
    elif mode == Mode.NEWEST_FIRST:
        found = _newest_first(client, cursor)
    else:
        found = _by_rotation(client, row)
    return found + find_lost_plans(client)


def begin_at(moment: datetime) -> None:
    """What changed before is known; a cursor that is further on stays.

    Never beyond the present: one row with a date far ahead would hide all that change until then.
    """
    row, moment = _row(), min(moment, clock.now())
    if row.cursor is None or row.cursor < moment:
        CatchUp.objects.filter(pk=row.pk).update(cursor=moment)


def learn_mode(client: Omnitron) -> str:
    """Find out, and remember, whether the filter by date and the sort by it are honoured."""
    future = {"modified_date__gte": (clock.now() + timedelta(days=1)).isoformat(), "limit": 1}
    filtered, _ = read_page(client.listing("orders", future))
    oldest, newest = (_first(client, sort) for sort in ("modified_date", "-modified_date"))
    sorts = oldest is None or newest is None or oldest < newest
    if not sorts:
        rows, _ = read_page(client.listing("orders", {"limit": 2}))
        sorts = len(rows) < 2
    mode = Mode.ROTATION if not sorts else Mode.NEWEST_FIRST if filtered else Mode.FILTER
    CatchUp.objects.filter(pk=_row().pk).update(mode=mode)
    logger.info("catch-up of the back office goes by %s", mode.label)
    return mode


def _first(client: Omnitron, sort: str) -> datetime | None:
    rows, _ = read_page(client.listing("orders", {"sort": sort, "limit": 1}))
    return next(iter(remote_dates(rows).values()), None)


def _row() -> CatchUp:
    row, _ = CatchUp.objects.get_or_create(connection=CONNECTION)
    return row


def _by_filter(client: Omnitron, cursor: datetime) -> int:
    """Oldest change first. Each page starts at the last date of the one before, for rows move while we read."""
    found, since, number = 0, cursor - OVERLAP, 1
    for _ in range(MOST_PAGES):
        parameters = {
            "modified_date__gte": since.isoformat(),
            "sort": "modified_date",
            "page": number,
            "limit": LIMIT,
        }
        rows, is_last = read_page(client.listing("orders", parameters))
        dates = remote_dates(rows)
        newest = max((moment for moment in dates.values() if moment), default=None)
        found += _queue(dates, cursor=newest)
        if is_last or newest is None:
            break
        since, number = (newest, 1) if newest > since else (since, number + 1)
    return found


def _newest_first(client: Omnitron, cursor: datetime) -> int:
    """Back to what is known; the cursor moves when all of it is queued."""
    found, newest = 0, None
    for rows in client.pages("orders", {"sort": "-modified_date"}):
        dates = remote_dates(rows)
        moments = [moment for moment in dates.values() if moment]
        found += _queue(dates, cursor=None)
        newest = newest or max(moments, default=None)
        if not moments or min(moments) < cursor - OVERLAP:
            break
    if newest is not None:
        begin_at(newest)
    return found


def _by_rotation(client: Omnitron, row: CatchUp) -> int:
    """Neither filter nor sort: what waits to be taken, and our open orders, some at a time."""
    found = 0
    for rows in client.pages("orders", {"is_send": "False", "status": "400"}):
        found += _queue(remote_dates(rows), cursor=None)
    open_orders = Order.objects.filter(connection=CONNECTION, omnitron_id__isnull=False).exclude(
        state__in=_CLOSED
    )
    turn = list(
        open_orders.filter(pk__gt=row.rotated_to).order_by("pk").values_list("pk", "omnitron_id")[:ROTATION]
    )
    with transaction.atomic():
        order_reads.ask([pk for _, pk in turn if pk is not None])
        CatchUp.objects.filter(pk=row.pk).update(rotated_to=turn[-1][0] if len(turn) == ROTATION else 0)
    return found


def _queue(dates: Mapping[int, datetime | None], *, cursor: datetime | None) -> int:
    """Have the newer ones read; the cursor moves with them, in one transaction."""
    newer = newer_than_ours(dates)
    now = clock.now()
    late = sum(1 for pk in newer if (moment := dates[pk]) is not None and now - moment > IN_TIME)
    with transaction.atomic():
        order_reads.ask(newer, seen=dates)
        row = _row()
        if late:
            CatchUp.objects.filter(pk=row.pk).update(healed=F("healed") + late)
        if cursor is not None:
            begin_at(cursor)
    return len(newer)


def newer_than_ours(dates: Mapping[int, datetime | None]) -> list[int]:
    """Which of these orders changed since we read them, and are not waiting to be read already."""
    ours = dict(
        Order.objects.filter(connection=CONNECTION, omnitron_id__in=list(dates)).values_list(
            "omnitron_id", "remote_modified_date"
        )
    )
    asked = {read.order_pk: read for read in OrderRead.objects.filter(order_pk__in=list(dates))}
    return sorted(pk for pk, moment in dates.items() if _is_newer(moment, ours.get(pk), asked.get(pk)))


def _is_newer(moment: datetime | None, ours: datetime | None, read: OrderRead | None) -> bool:
    if read is not None:
        waits = read.wanted > read.done and not read.parked
        seen = moment is not None and read.seen_date is not None and moment <= read.seen_date
        if waits or seen:
            return False
    return moment is None or ours is None or moment > ours


def remote_dates(rows: Iterable[Any]) -> dict[int, datetime | None]:
    """When each order of a list changed there, by its id."""
    dates: dict[int, datetime | None] = {}
    for row in rows:
        if isinstance(row, dict):
            try:
                part = read_part(
                    Part, {"pk": identity(row), "modified_date": row.get("modified_date")}, Reading()
                )
            except InvalidParameter as error:
                logger.warning("a row of an order list is passed over: %s", error)
                continue
            if part.pk is not None:
                dates[part.pk] = part.modified_date
    return dates


def find_lost_plans(client: Omnitron) -> int:
    """Cancellations that wait there and that no webhook told us of."""
    waiting = list(client.rows("orders", {"cancel_status": "waiting"}))
    plans = [HandlePlan(order_pk=pk, plan_pk=None) for pk in _without_plan(waiting)]
    with transaction.atomic():
        outbox.enqueue(plans)
    return len(plans)


def _without_plan(rows: Sequence[Row]) -> list[int]:
    """Orders of ours among these whose cancellation nobody has taken up since they changed."""
    dates = remote_dates(rows)
    known = Order.objects.filter(connection=CONNECTION, omnitron_id__in=list(dates))
    taken_up = CancellationPlan.objects.filter(order__in=known, answered_date=None).values_list(
        "order__omnitron_id", flat=True
    )
    return sorted(set(known.values_list("omnitron_id", flat=True)) - set(taken_up))  # type: ignore[arg-type]
