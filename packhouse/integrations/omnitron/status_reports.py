"""Telling the back office what became of order items (page 70, A7): in order per item, together where possible."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from procrastinate.contrib.django.models import ProcrastinateJob

from packhouse.commands.orders.document_types import Reading
from packhouse.commands.orders.order_document import ItemPart, read_part
from packhouse.integrations.failures import Refused, TemporaryFailure, text_of
from packhouse.integrations.omnitron import conf, echoes
from packhouse.integrations.omnitron.client import Omnitron
from packhouse.integrations.patience import GIVE_UP_AFTER_HOURS
from packhouse.kernel import clock, exceptions, outbox
from packhouse.kernel.errors import InvalidParameter
from packhouse.orders.messages import SyncOrderStatus
from packhouse.orders.models import Order, StatusReport
from packhouse.orders.states import OrderStatus

logger = logging.getLogger(__name__)

MOST_ITEMS = 100
MOST_ORDERS = 500
KIND = "omnitron_status"
FORGOTTEN_AFTER = timedelta(minutes=2)
State = StatusReport.State
_ON_THE_WAY = range(int(OrderStatus.APPROVED), int(OrderStatus.DELIVERED) + 1)


@dataclass
class Step:
    """What is told of one item in one call: rows of the same status that follow one another, newest fields win."""

    omnitron_id: int
    status: str
    rows: list[StatusReport] = field(default_factory=list)

    def fields(self) -> dict[str, Any]:
        """What goes beside the status. Keys without a value are left out, so that nothing is erased there."""
        fields: dict[str, Any] = {}
        for row in self.rows:
            fields.update({key: value for key, value in row.fields.items() if value not in (None, "")})
        return fields

    def body(self) -> dict[str, Any]:
        """The item's part of the call."""
        return {"id": self.omnitron_id, "status": self.status, **self.fields()}


def report(order_id: int) -> None:
    """Send what waits of an order, step by step, until nothing is due.

    Raises a TemporaryFailure when the job is to come back; rows older than 48 hours are parked instead.
    """
    if not conf.is_configured():
        return
    client = Omnitron()
    while steps := due_steps(order_id):
        try:
            _send(client, steps)
        except TemporaryFailure as failure:
            _note_failure(steps, failure)
            if not _park_old(steps, failure):
                raise
    _come_back_for_later_rows(order_id)


def due_steps(order_id: int) -> list[Step]:
    """The first step of each item that may be sent now; an item with a refused or parked row waits."""
    now = clock.now()
    steps: dict[int, Step] = {}
    closed: set[int] = set()
    rows = StatusReport.objects.filter(order_id=order_id).exclude(state=State.SENT)
    for row in rows.select_related("order_item").order_by("id"):
        item_id = row.order_item_id
        step = steps.get(item_id)
        if item_id in closed:
            continue
        if row.state != State.WAITING or (step is None and _is_for_later(row, now)):
            closed.add(item_id)
        elif step is None:
            steps[item_id] = Step(row.order_item.omnitron_id or 0, row.status, [row])
        elif step.status == row.status:
            step.rows.append(row)
        else:
            closed.add(item_id)
    return [step for step in steps.values() if step.omnitron_id][:MOST_ITEMS]


def _is_for_later(row: StatusReport, now: datetime) -> bool:
    return row.not_before is not None and row.not_before > now


def _send(client: Omnitron, steps: Sequence[Step]) -> None:
    """One call; refused, it is halved until the bad items stand alone."""
    try:
        client.change("order_item_bulk_update", {"orderitem_set": [step.body() for step in steps]})
    except Refused as refusal:
        if len(steps) > 1:
            middle = len(steps) // 2
            _send(client, steps[:middle])
            _send(client, steps[middle:])
        else:
            _judge(client, steps[0], refusal)
        return
    _mark_sent(steps)


def _judge(client: Omnitron, step: Step, refusal: Refused) -> None:
    """A refused item is read back: there already, or further, is fine; else a person looks at it."""
    try:
        present = read_part(ItemPart, client.row("order_items", pk=step.omnitron_id), Reading(lenient=True))
    except Refused as missing:
        _refuse(step, State.PARKED if missing.answered == 404 else State.REFUSED, refusal)
        return
    except InvalidParameter:
        _refuse(step, State.REFUSED, refusal)
        return
    if present.status is not None and is_there(step.status, present.status.value):
        _mark_sent([step], answer=_text(refusal))
    else:
        _refuse(step, State.REFUSED, refusal)


def is_there(ours: str, theirs: str) -> bool:
    """What we wanted to tell is known there: the same, further on the way of an order, or refunded since."""
    if theirs in (ours, OrderStatus.REFUNDED.value):
        return True
    return int(ours) in _ON_THE_WAY and int(theirs) in _ON_THE_WAY and int(theirs) > int(ours)


def _mark_sent(steps: Sequence[Step], *, answer: str = "") -> None:
    """The back office knows it; what was told beside the status is kept as its own."""
    ids = [row.pk for step in steps for row in step.rows]
    taken = {} if answer else {step.rows[0].order_item_id: step.fields() for step in steps if step.fields()}
    with transaction.atomic():
        if taken:
            Order.objects.select_for_update().only("pk").get(pk=steps[0].rows[0].order_id)
            echoes.keep(taken)
        StatusReport.objects.filter(pk__in=ids).update(
            state=State.SENT, sent_date=clock.now(), tries=F("tries") + 1, answer=answer or None
        )
    for step in steps:
        exceptions.resolve(KIND, _subject(step))


def _refuse(step: Step, state: State, refusal: Refused) -> None:
    ids = [row.pk for row in step.rows]
    StatusReport.objects.filter(pk__in=ids).update(
        state=state, tries=F("tries") + 1, last_error=text_of(refusal), answer=_text(refusal)
    )
    _report(step, f"The back office refuses the status {step.status}: {text_of(refusal)}", _text(refusal))


def _report(step: Step, text: str, answer: str) -> None:
    detail = {"order": step.rows[0].order_id, "status": step.status, "answer": answer}
    exceptions.report(KIND, _subject(step), text, detail=detail, action="retry")


def _subject(step: Step) -> str:
    return f"order_item/{step.rows[0].order_item_id}"


def _text(refusal: Refused) -> str:
    return refusal.content[:4000].decode("utf-8", "replace").replace("\x00", "")


def _note_failure(steps: Sequence[Step], failure: TemporaryFailure) -> None:
    ids = [row.pk for step in steps for row in step.rows]
    StatusReport.objects.filter(pk__in=ids, state=State.WAITING).update(
        tries=F("tries") + 1, last_error=text_of(failure)
    )


def _park_old(steps: Sequence[Step], failure: TemporaryFailure) -> bool:
    """Give up what could not be told for 48 hours; whether there was anything to give up."""
    limit = clock.now() - timedelta(hours=GIVE_UP_AFTER_HOURS)
    old = [step for step in steps if step.rows[0].created_date < limit]
    for step in old:
        ids = [row.pk for row in step.rows]
        StatusReport.objects.filter(pk__in=ids, state=State.WAITING).update(state=State.PARKED)
        _report(step, f"The status {step.status} could not be told for 48 hours: {text_of(failure)}", "")
    return bool(old)


def _come_back_for_later_rows(order_id: int) -> None:
    """Rows that wait for their invoice get a job of their own."""
    later = StatusReport.objects.filter(
        order_id=order_id, state=State.WAITING, not_before__gt=clock.now()
    ).order_by("not_before")
    first = later.first()
    if first is not None:
        with transaction.atomic():
            outbox.enqueue([outbox.Scheduled(SyncOrderStatus(order_id=order_id), first.not_before)])


def retry(order_item_id: int) -> int:
    """Send refused and parked rows of an item again, by hand; how many."""
    with transaction.atomic():
        rows = StatusReport.objects.filter(
            order_item_id=order_item_id, state__in=(State.REFUSED, State.PARKED)
        )
        order_id = rows.values_list("order_id", flat=True).first()
        count = rows.update(state=State.WAITING, not_before=None, created_date=clock.now())
        if order_id is not None:
            outbox.enqueue([SyncOrderStatus(order_id=order_id)])
    return count


def wake_forgotten() -> int:
    """Orders whose rows wait although no job seems to care (it was lost, or nobody was configured); how many."""
    if not conf.is_configured():
        return 0
    before = clock.now() - FORGOTTEN_AFTER
    blocked = StatusReport.objects.filter(
        order_item=OuterRef("order_item"), state__in=(State.REFUSED, State.PARKED), pk__lt=OuterRef("pk")
    )
    waiting = StatusReport.objects.filter(~Exists(blocked), state=State.WAITING, created_date__lt=before)
    ids = set(waiting.values_list("order_id", flat=True)[:MOST_ORDERS])
    messages = {SyncOrderStatus(order_id=order_id).lock(): order_id for order_id in ids}
    queued = ProcrastinateJob.objects.filter(lock__in=list(messages), status__in=("todo", "doing"))
    for lock in queued.values_list("lock", flat=True):
        messages.pop(str(lock), None)
    with transaction.atomic():
        outbox.enqueue([SyncOrderStatus(order_id=order_id) for order_id in sorted(messages.values())])
    return len(messages)
