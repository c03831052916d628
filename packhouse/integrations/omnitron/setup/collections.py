"""What steps that copy a collection have in common."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet

from packhouse.catalog.models import Channel
from packhouse.integrations.omnitron.client import LIMIT, Omnitron, identity, read_page
from packhouse.integrations.omnitron.conf import CONNECTION
from packhouse.integrations.omnitron.models import SeenRow
from packhouse.integrations.omnitron.setup.progress import Progress
from packhouse.kernel import clock
from packhouse.kernel.errors import NotConfigured
from packhouse.kernel.models import Mirrored

Row = dict[str, Any]
Take = Callable[[Sequence[Row]], None]


def installed_channels() -> list[int]:
    """The back office's ids of our channels. Raises NotConfigured where there are none yet."""
    rows = Channel.objects.filter(connection=CONNECTION, is_installed=True, omnitron_id__isnull=False)
    pks = [pk for pk in rows.order_by("omnitron_id").values_list("omnitron_id", flat=True) if pk is not None]
    if not pks:
        raise NotConfigured("No channel is installed; run the step channels first.")
    return pks


def copy_collection(
    progress: Progress, part: str, endpoint: str, take: Take, *, met_as: str = "", **path: Any
) -> None:
    """Page by page from where the run was interrupted; `take` gets the rows of each page once.

    The ids are noted under `met_as` (several parts may fill one collection), by default the part's name.
    """
    if progress.is_past(part):
        return
    client = Omnitron()
    number = progress.page_of(part)
    before: frozenset[int] = frozenset()
    while True:
        body = client.listing(endpoint, {"page": number, "limit": LIMIT}, **path)
        rows, is_last = read_page(body)
        if not before and isinstance(body, dict) and isinstance(body.get("count"), int):
            progress.expect(max(0, body["count"] - (number - 1) * LIMIT))
        ids = frozenset(pk for row in rows if isinstance(pk := identity(row), int))
        if ids == before:
            break
        take(rows)
        progress.turned(part, number, ids, met_as or part)
        progress.did(len(rows))
        if is_last:
            break
        before, number = ids, number + 1
    progress.finished(part)


def switch_off_vanished(model: type[Mirrored], met: QuerySet[SeenRow, int]) -> None:
    """Rows that the back office no longer has are kept, inactive."""
    rows: QuerySet[Any] = QuerySet(model)
    known = rows.filter(connection=CONNECTION, omnitron_id__isnull=False, is_active=True)
    known.exclude(omnitron_id__in=met).update(is_active=False, modified_date=clock.now())
