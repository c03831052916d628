"""Values on their way from PostgreSQL's JSON to the wire (page 50, "Types").

Numbers with a fraction are read as strings (`parse_float=str`), so money and coordinates keep their scale.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from packhouse.kernel import outbox, settings_store, wire

Document = dict[str, Any]

_SECONDS = len("2026-03-02T09:00:00")
_UTC = "+00:00"


def moment(text: str | None) -> str | None:
    """`2026-03-02T09:00:00.25+00:00` becomes `2026-03-02T09:00:00.250000Z`."""
    if text is None:
        return None
    if not text.endswith(_UTC):
        return wire.timestamp(datetime.fromisoformat(text))
    return f"{text[:_SECONDS]}.{text[_SECONDS + 1 : -len(_UTC)]:0<6}Z"


def moments(row: Document, *keys: str) -> None:
    """Finish the times under these keys."""
    for key in keys:
        row[key] = moment(row[key])


def local_date(text: str | None) -> str | None:
    """The day of a moment in the installation's time zone, `2026-03-02`."""
    if text is None:
        return None
    zone = ZoneInfo(settings_store.get("LOCALE")["time_zone"])
    return datetime.fromisoformat(text).astimezone(zone).date().isoformat()


def quantity(text: str | None) -> int | float | None:
    """A `numeric(…, 3)`: an integer when whole, else a number of up to three places."""
    if text is None:
        return None
    return int(text[:-4]) if text.endswith(".000") else float(text)


def quantities(row: Document, *keys: str) -> None:
    """Finish the quantities under these keys."""
    for key in keys:
        row[key] = quantity(row[key])


def stored(text: str | None) -> Any:
    """A `jsonb` column, selected as text so that its own numbers stay numbers."""
    if text is None:
        return None
    return {} if text == "{}" else json.loads(text)


def stored_values(row: Document, *keys: str) -> None:
    """Finish the JSON columns under these keys."""
    for key in keys:
        row[key] = stored(row[key])


def frozen(document: Mapping[str, Any]) -> str:
    """The text of a document as it is sent and kept: `", "` and `": "` between, non-ASCII as `\\uXXXX`."""
    return outbox.freeze(document)
