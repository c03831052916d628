"""Countries, cities, townships, districts."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from packhouse.catalog.models import City, Country, District, Township
from packhouse.commands.orders.document_types import Reading
from packhouse.commands.orders.mirrored_rows import Copied
from packhouse.commands.orders.order_document import PlacePart, read_part
from packhouse.commands.orders.places import copy_cities, copy_countries, copy_districts, copy_townships
from packhouse.integrations.omnitron.setup.collections import (
    copy_collection,
    installed_channels,
    switch_off_vanished,
)
from packhouse.integrations.omnitron.setup.progress import Progress
from packhouse.kernel.models import Mirrored

Copy = Callable[[Iterable[PlacePart]], Copied]
_LEVELS: tuple[tuple[str, type[Mirrored], Copy], ...] = (
    ("countries", Country, copy_countries),
    ("cities", City, copy_cities),
    ("townships", Township, copy_townships),
    ("districts", District, copy_districts),
)


def is_required() -> bool:
    """No township came from the back office yet."""
    return not Township.objects.filter(omnitron_id__isnull=False).exists()


def execute(progress: Progress) -> None:
    """Each level in turn, so that what a place lies in is there before it."""
    channel = installed_channels()[0]
    for name, model, copy in _LEVELS:
        copy_collection(progress, name, name, _taker(copy), channel=channel)
        switch_off_vanished(model, progress.met(name))


def _taker(copy: Copy) -> Callable[[Sequence[Any]], None]:
    def take(rows: Sequence[Any]) -> None:
        copy(read_part(PlacePart, row, Reading(lenient=True)) for row in rows)

    return take
