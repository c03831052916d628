"""Channels: those installed here have their orders planned."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from packhouse.catalog.models import Channel
from packhouse.commands.orders.document_types import Reading
from packhouse.commands.orders.mirrored_rows import copy_rows
from packhouse.commands.orders.order_document import ChannelPart, read_part
from packhouse.commands.orders.remote_references import channel_row
from packhouse.integrations.omnitron.conf import CONNECTION
from packhouse.integrations.omnitron.setup.collections import copy_collection, switch_off_vanished
from packhouse.integrations.omnitron.setup.progress import Progress
from packhouse.kernel import outbox, settings_store
from packhouse.orders.messages import PlanOrder
from packhouse.planning.models import ExecutionPlan

PART = "channels"


def is_required() -> bool:
    """None is installed, or an order came of one that is not."""
    rows = Channel.objects.filter(connection=CONNECTION, omnitron_id__isnull=False)
    waiting = rows.filter(is_installed=False)
    if wanted := settings_store.get("OMNITRON_CHANNELS"):
        waiting = waiting.filter(omnitron_id__in=wanted)
    return waiting.exists() or not rows.filter(is_installed=True).exists()


def execute(progress: Progress) -> None:
    """Install all channels (or those of `OMNITRON_CHANNELS`), and take up the orders that waited for them."""
    copy_collection(progress, PART, "channels", _take)
    switch_off_vanished(Channel, progress.met(PART))
    _plan_waiting_orders()


def _take(rows: Sequence[Any]) -> None:
    wanted = settings_store.get("OMNITRON_CHANNELS")
    parts = [read_part(ChannelPart, row, Reading(lenient=True)) for row in rows]
    copy_rows(
        Channel,
        [{**channel_row(part), "is_installed": not wanted or part.pk in wanted} for part in parts],
        only_new=("currency",),
    )


@transaction.atomic
def _plan_waiting_orders() -> None:
    waiting = ExecutionPlan.objects.filter(
        state=ExecutionPlan.State.PENDING, reason="unknown_channel", order__channel__is_installed=True
    )
    ids = waiting.order_by("order_id").values_list("order_id", flat=True)
    outbox.enqueue([PlanOrder(order_id=order_id) for order_id in ids])
