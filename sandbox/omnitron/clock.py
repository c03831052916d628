"""Times as the wire has them: UTC, microseconds, a `Z` at the end, so that text order is time order."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_LOST_PLUS = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d:?\d\d)$")
_TICK = timedelta(microseconds=1)


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    """`2026-01-05T10:00:00.000000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def now_text() -> str:
    """The present moment as the wire has it."""
    return to_text(now())


def parse(text: str) -> datetime:
    """Read a time leniently: a blank for the `T`, no zone (UTC then), a date alone, a `+` that a URL made a blank.

    Raises ValueError.
    """
    moment = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", text.strip()))
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from None


def after(previous: str | None) -> str:
    """Now, but later than `previous` by a microsecond at least: a row's `modified_date` never stands still."""
    present = now_text()
    if previous is None or present > previous:
        return present
    return to_text(parse(previous) + _TICK)
