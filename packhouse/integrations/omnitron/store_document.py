"""A retail store as the back office tells it."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import AliasChoices, Field

from packhouse.commands.orders.document_types import (
    Coordinate,
    Flag,
    LongText,
    Reading,
    Text64,
    Text255,
    Whole,
)
from packhouse.commands.orders.document_types import Mapping as Document
from packhouse.commands.orders.order_document import Part, read_part
from packhouse.locations.models import StockLocation

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]\d|2[0-3]|24(?=:00)):[0-5]\d(:\d\d)?")
LARGEST_QUOTA = 2**31 - 1


class StorePart(Part):
    """`township` and `district` are ids, or whole."""

    name: Text255 = None
    erp_code: Text64 = None
    address: LongText = None
    township: Any = Field(default=None, validation_alias=AliasChoices("township", "township_id"))
    district: Any = Field(default=None, validation_alias=AliasChoices("district", "district_id"))
    phone_number: Text64 = None
    fax_number: Text64 = Field(default=None, validation_alias=AliasChoices("fax_phone_number", "fax_number"))
    latitude: Coordinate = None
    longitude: Coordinate = None
    store_hours: Any = None
    is_active: Flag = None
    click_and_collect: Flag = None
    fast_delivery: Flag = None
    is_return_accepted: Flag = None
    sort_order: Whole = None
    config: Document = None

    @property
    def capacity_limit(self) -> int | None:
        """`config.capacity_limit`: the quota of a new location."""
        limit = (self.config or {}).get("capacity_limit")
        try:
            number = int(str(limit)) if limit is not None else None
        except ValueError:
            return None
        return number if number is not None and 0 <= number <= LARGEST_QUOTA else None

    @property
    def kind(self) -> str:
        """`config.stock_location_type` of a new location: store or warehouse."""
        told = (self.config or {}).get("stock_location_type")
        return told if told in StockLocation.Type.values else StockLocation.Type.STORE

    def working_hours(self) -> dict[str, Any]:
        """`{"mon": [["10:00", "22:00"]], …}`, from a mapping by day or a list that begins on Monday."""
        hours = self.store_hours
        if isinstance(hours, Mapping):
            return {day: _ranges(hours[day]) for day in _DAYS if day in hours}
        if isinstance(hours, list) and len(hours) == len(_DAYS):
            return {day: _ranges(given) for day, given in zip(_DAYS, hours, strict=True)}
        return {}


def _ranges(given: Any) -> list[list[str]]:
    """A day's opening times: `[["10:00", "22:00"]]`, from one pair, a list of pairs, or `{"start", "end"}`."""
    if isinstance(given, Mapping):
        given = [[given.get("start"), given.get("end")]]
    if isinstance(given, list) and len(given) == 2 and all(isinstance(each, str) for each in given):
        given = [given]
    if not isinstance(given, list):
        return []
    pairs = (each for each in given if isinstance(each, list) and len(each) == 2)
    return [[str(start)[:5], str(end)[:5]] for start, end in pairs if _is_time(start) and _is_time(end)]


def _is_time(given: Any) -> bool:
    return isinstance(given, str) and _TIME.fullmatch(given) is not None


def read_store(given: Any) -> StorePart:
    """Raises InvalidParameter keyed by path."""
    return read_part(StorePart, given, Reading(lenient=True))
