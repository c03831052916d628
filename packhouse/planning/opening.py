"""Working hours of a location: when it is open on the wall clock of the installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_OF_A_DAY = 24 * 60

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Spans of each day, Monday first, as minutes after midnight; None where nothing is kept for a day."""

    days: tuple[Spans | None, ...]

    @classmethod
    def parse(cls, document: Mapping[str, Sequence[Sequence[str]]] | None) -> WorkingHours | None:
        """From ``{"mon": [["10:00", "22:00"]], "sun": []}``; None or ``{}`` gives None.

        A span that ends before it begins runs past midnight. ``ValueError`` names the day that is wrong.
        """
        if not document:
            return None
        if not isinstance(document, Mapping):
            raise ValueError("expected an object with the days mon to sun")
        unknown = set(document) - set(DAYS)
        if unknown:
            raise ValueError(f"{min(map(str, unknown))} is not a day; days are {', '.join(DAYS)}")
        return cls(tuple(_spans(day, document[day]) if day in document else None for day in DAYS))

    def is_open(self, local: datetime) -> bool:
        """True when ``local`` (time on the wall) lies in a span; a day nothing is kept for counts as open."""
        minute = local.hour * 60 + local.minute
        today = self.days[local.weekday()]
        if today is None or any(_covers(span, minute) for span in today):
            return True
        yesterday = self.days[local.weekday() - 1] or ()
        return any(end < start and minute < end for start, end in yesterday)

    def never_opens(self) -> bool:
        """True when every day is kept and none has a span."""
        return all(spans == () for spans in self.days)


def _covers(span: tuple[int, int], minute: int) -> bool:
    start, end = span
    return start <= minute < (end if end > start else MINUTES_OF_A_DAY)


def _spans(day: str, rows: Sequence[Sequence[str]]) -> Spans:
    try:
        return tuple((_minute(start), _minute(end)) for start, end in rows)
    except (TypeError, ValueError) as error:
        raise ValueError(f'{day}: expected a list of ["HH:MM", "HH:MM"]') from error


def _minute(text: object) -> int:
    if not isinstance(text, str):
        raise TypeError(text)
    hours, _, minutes = text.partition(":")
    minute = int(hours) * 60 + int(minutes)
    if not (0 <= minute <= MINUTES_OF_A_DAY and 0 <= int(minutes) < 60):
        raise ValueError(text)
    return minute
