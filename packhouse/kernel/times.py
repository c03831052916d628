"""Times as callers write them."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from packhouse.kernel import settings_store

_BLANK_FOR_PLUS = re.compile(r"(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) (\d{2}:?\d{2})$")


def local_zone() -> ZoneInfo:
    """The installation's time zone (setting `LOCALE`)."""
    return ZoneInfo(settings_store.get("LOCALE")["time_zone"])


def parse_time(text: str) -> datetime:
    """ISO 8601 in UTC: any offset; a naive time or a bare date (its midnight) is in the installation's zone.

    A blank where a query string has lost its `+` is understood. Raises ValueError.
    """
    given = datetime.fromisoformat(_BLANK_FOR_PLUS.sub(r"\1+\2", text.strip()))
    if given.tzinfo is None:
        given = given.replace(tzinfo=local_zone())
    try:
        return given.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text} is out of range") from None


def parse_day(text: str) -> tuple[datetime, datetime]:
    """First moment of a day (`2026-03-02`) in the installation's zone, and of the day after. Raises ValueError."""
    midnight = datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=local_zone())
    try:
        return midnight.astimezone(UTC), (midnight + timedelta(days=1)).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text} is out of range") from None
