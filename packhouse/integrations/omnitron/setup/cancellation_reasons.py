"""Cancellation reasons that the back office wants us to know."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from packhouse.catalog.models import CancellationReason
from packhouse.commands.orders.document_types import Flag, Mapping, Reading, Text32, Text64, Text255, Whole
from packhouse.commands.orders.mirrored_rows import Row, copy_rows
from packhouse.commands.orders.order_document import Part, read_part
from packhouse.integrations.omnitron.setup.collections import (
    copy_collection,
    installed_channels,
    switch_off_vanished,
)
from packhouse.integrations.omnitron.setup.progress import Progress

COLLECTION = "cancellation_reasons"


class ReasonPart(Part):
    cancellation_type: Text32 = None
    subject: Text255 = None
    order: Whole = None
    is_active: Flag = None
    send_to_remote: Flag = None
    send_to_oms: Flag = None
    extra_information_needed: Flag = None
    translations: Mapping = None
    uuid: Text64 = None


def is_required() -> bool:
    """None came from the back office yet."""
    return not CancellationReason.objects.filter(omnitron_id__isnull=False).exists()


def execute(progress: Progress) -> None:
    """Those of each channel that are meant for us (`send_to_oms`)."""
    for channel in installed_channels():
        copy_collection(
            progress, f"channel {channel}", "cancellation_reasons", _take, met_as=COLLECTION, channel=channel
        )
    switch_off_vanished(CancellationReason, progress.met(COLLECTION))


def _take(rows: Sequence[Any]) -> None:
    parts = [read_part(ReasonPart, row, Reading(lenient=True)) for row in rows]
    copy_rows(CancellationReason, [_row(part) for part in parts if part.send_to_oms and part.pk])


def _row(part: ReasonPart) -> Row:
    return {
        "omnitron_id": part.pk,
        "cancellation_type": part.cancellation_type or "",
        "subject": part.subject or "",
        "order": max(0, min(part.order or 0, 2**31 - 1)),
        "is_active": part.is_active is not False,
        "send_to_remote": bool(part.send_to_remote),
        "send_to_oms": True,
        "extra_information_needed": bool(part.extra_information_needed),
        "translations": part.translations,
        "uuid": _uuid(part.uuid),
        "remote_modified_date": part.modified_date,
        "remote_data": part.rest,
    }


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
