"""How a step tells how far it is, and where it goes on after an interruption."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from packhouse.integrations.omnitron.models import SeenRow, SetupRun
from packhouse.kernel import clock

Report = Callable[[int, int], None]


class Progress:
    """Of one run of one step. `options` are what the run was asked to do."""

    def __init__(self, row: SetupRun, report: Report) -> None:
        self._row = row
        self._report = report

    @property
    def options(self) -> dict[str, Any]:
        return dict(self._row.options)

    def expect(self, more: int) -> None:
        """So many more things are to be done, as far as is known."""
        self._row.total = self._row.done + more
        self._save("total")

    def did(self, count: int = 1) -> None:
        """So many more are done."""
        self._row.done += count
        self._row.total = max(self._row.total, self._row.done)
        self._save("done", "total")

    def is_past(self, part: str) -> bool:
        """This part was finished before the run was interrupted."""
        return part in self._row.position.get("finished", [])

    def page_of(self, part: str) -> int:
        """The page to go on with."""
        return int(self._row.position.get("pages", {}).get(part, 1))

    def turned(self, part: str, page: int, met: Iterable[int], met_as: str) -> None:
        """A page is through; `met`: the back office's ids on it, of the collection `met_as`."""
        rows = [SeenRow(step=self._row.step, collection=met_as, omnitron_id=each) for each in met]
        with transaction.atomic():
            SeenRow.objects.bulk_create(rows, ignore_conflicts=True)
            pages = {**self._row.position.get("pages", {}), part: page + 1}
            self._row.position = {**self._row.position, "pages": pages}
            self._save("position")

    def met(self, collection: str) -> QuerySet[SeenRow, int]:
        """Every id met in this run, also before an interruption; a subquery."""
        rows = SeenRow.objects.filter(step=self._row.step, collection=collection)
        return rows.values_list("omnitron_id", flat=True)

    def finished(self, part: str) -> None:
        """The part is through, all pages of it."""
        done = [*self._row.position.get("finished", []), part]
        self._row.position = {**self._row.position, "finished": done}
        self._save("position")

    def _save(self, *fields: str) -> None:
        self._row.beat_date = clock.now()
        self._row.save(update_fields=[*fields, "beat_date"])
        self._report(self._row.done, self._row.total)
