"""Cargo companies of every channel."""

from collections.abc import Sequence
from typing import Any

from packhouse.catalog.models import CargoCompany
from packhouse.commands.orders.document_types import Reading
from packhouse.commands.orders.mirrored_rows import copy_rows
from packhouse.commands.orders.order_document import CargoPart, read_part
from packhouse.commands.orders.remote_references import cargo_row
from packhouse.integrations.omnitron.setup.collections import (
    copy_collection,
    installed_channels,
    switch_off_vanished,
)
from packhouse.integrations.omnitron.setup.progress import Progress

COLLECTION = "cargo_companies"


def is_required() -> bool:
    """None came from the back office yet."""
    return not CargoCompany.objects.filter(omnitron_id__isnull=False).exists()


def execute(progress: Progress) -> None:
    """Those of each channel; one that no channel has any more is switched off, and nobody switches it on but us."""
    for channel in installed_channels():
        copy_collection(
            progress, f"channel {channel}", "cargo_companies", _take, met_as=COLLECTION, channel=channel
        )
    switch_off_vanished(CargoCompany, progress.met(COLLECTION))


def _take(rows: Sequence[Any]) -> None:
    parts = [read_part(CargoPart, row, Reading(lenient=True)) for row in rows]
    copy_rows(
        CargoCompany, [cargo_row(part) for part in parts], natural_key="erp_code", only_new=("is_active",)
    )
