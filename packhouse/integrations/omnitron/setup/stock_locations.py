"""Stock locations from retail stores."""

from collections.abc import Sequence
from typing import Any

from packhouse.integrations.omnitron import stores
from packhouse.integrations.omnitron.conf import CONNECTION
from packhouse.integrations.omnitron.setup.collections import copy_collection
from packhouse.integrations.omnitron.setup.progress import Progress
from packhouse.locations.models import StockLocation

PART = "retail_stores"


def is_required() -> bool:
    """No location came from the back office yet."""
    return not StockLocation.objects.filter(omnitron_id__isnull=False).exists()


def execute(progress: Progress) -> None:
    """Every store; a location whose store vanished is switched off."""
    copy_collection(progress, PART, PART, _take)
    known = StockLocation.objects.filter(connection=CONNECTION, omnitron_id__isnull=False, is_active=True)
    stores.switch_off(list(known.exclude(omnitron_id__in=progress.met(PART)).values_list("id", flat=True)))


def _take(rows: Sequence[Any]) -> None:
    for row in rows:
        stores.copy_store(row)
