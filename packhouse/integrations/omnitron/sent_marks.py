"""`is_send`: the flag by which the back office knows that somebody has taken an order (page 70, A7)."""

from django.db import transaction
from django.db.models import Exists, OuterRef, TextField, Value
from django.db.models.functions import Cast, Concat
from procrastinate.contrib.django.models import ProcrastinateJob

from packhouse.integrations.omnitron import conf
from packhouse.integrations.omnitron.client import Omnitron
from packhouse.integrations.omnitron.conf import CONNECTION
from packhouse.integrations.omnitron.messages import SENT_LOCK, MarkSent
from packhouse.kernel import outbox, settings_store
from packhouse.kernel.models import ExceptionEntry
from packhouse.orders.models import Order
from packhouse.packages.models import Package

BATCH = 200
KIND = "omnitron_mark_sent"
SUBJECT = "omnitron_order/"


def mark(order_pk: int) -> None:
    """Set the flag there and here. Repeatable. Raises what calls raise."""
    Omnitron().change("orders", {"is_send": True}, pk=order_pk)
    Order.objects.filter(connection=CONNECTION, omnitron_id=order_pk).update(is_send=True)


def mark_planned() -> int:
    """With `OMNITRON_MARK_SENT` `on_planned`: orders that have packages and no flag yet; how many were queued.

    Those whose job waits already, or of which a person has been told, stand in nobody's way.
    """
    if settings_store.get("OMNITRON_MARK_SENT") != "on_planned" or not conf.is_configured():
        return 0
    planned = Exists(Package.objects.filter(order=OuterRef("pk")))
    pk = Cast("omnitron_id", TextField())
    queued = ProcrastinateJob.objects.filter(
        lock=Concat(Value(SENT_LOCK), OuterRef("pk_text")), status__in=("todo", "doing")
    )
    told = ExceptionEntry.objects.filter(
        kind=KIND, subject=Concat(Value(SUBJECT), OuterRef("pk_text")), resolved_date=None
    )
    rows = Order.objects.filter(connection=CONNECTION, omnitron_id__isnull=False, is_send=False)
    rows = rows.alias(pk_text=pk).filter(planned, ~Exists(queued), ~Exists(told))
    pks = [pk for pk in rows.order_by("id").values_list("omnitron_id", flat=True)[:BATCH] if pk is not None]
    with transaction.atomic():
        outbox.enqueue([MarkSent(order_pk=pk) for pk in pks])
    return len(pks)
