"""Stock locations and their addresses."""

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import NamedTuple

from packhouse.payloads.formats import Document, moments, stored_values
from packhouse.payloads.place import places
from packhouse.payloads.sql import Statement, listed, many, one

_PLACES = places("a")
_ADDRESS = f"""
    a.id, {_PLACES["city"]} AS city, {_PLACES["country"]} AS country, {_PLACES["township"]} AS township,
    {_PLACES["district"]} AS district, a.mapping::text AS mapping, a.title, a.is_active, a.line, a.postcode,
    a.notes, a.longitude, a.latitude
"""
_ADDRESS_OF = one(_ADDRESS, "locations_stocklocationaddress a WHERE a.id = l.address_id")
_TAGS = "locations_stocklocation_tags lt JOIN locations_tag t ON t.id = lt.tag_id WHERE lt.stocklocation_id = l.id"
_CHANNELS = "locations_stocklocation_channels lc WHERE lc.stocklocation_id = l.id ORDER BY lc.channel_id"
_COLUMNS = f"""
    l.id, l.created_date, l.modified_date, l.omnitron_id, l.name, l.stock_location_type, l.erp_code,
    {_ADDRESS_OF} AS address, l.engine, {many("t.id, t.name", f"{_TAGS} ORDER BY t.name")} AS tags,
    l.is_fulfillment_center, l.is_pickup_location, l.is_delivery_location, l.is_return_available,
    l.is_fast_delivery_available, l.is_active, l.priority, l.conf::text AS conf, l.email, l.fax_number,
    l.daytime_phone, l.evening_phone, l.max_quota, l.quota, NULL AS available_quota, l.target_packaging_time,
    l.exit_time, l.working_hours::text AS working_hours, {listed("lc.channel_id", _CHANNELS)} AS channels, l.sequence
"""
_FLAT = f"""
    l.id, l.created_date, l.modified_date, l.omnitron_id, l.name, l.stock_location_type, l.fax_number,
    l.erp_code, l.address_id AS address, l.is_fulfillment_center, l.is_pickup_location, l.is_delivery_location,
    l.is_fast_delivery_available, l.is_return_available, l.is_active, l.priority, l.max_quota, l.quota,
    NULL AS available_quota, l.email, l.daytime_phone, l.evening_phone, l.engine,
    {listed("t.name", f"{_TAGS} ORDER BY t.name")} AS tags
"""
_LOCATIONS = Statement(_COLUMNS, "locations_stocklocation l", "l.id")
_ROWS = Statement(_FLAT, "locations_stocklocation l", "l.id")
_ADDRESSES = Statement(_ADDRESS, "locations_stocklocationaddress a", "a.id")


def documents(ids: Iterable[int]) -> dict[int, Document]:
    """Whole locations by id, always read anew. One statement."""
    rows = _LOCATIONS.rows(ids)
    for row in rows.values():
        moments(row, "created_date", "modified_date")
        stored_values(row, "conf", "working_hours")
        if row["address"] is not None:
            stored_values(row["address"], "mapping")
        if row["exit_time"] is not None:
            row["exit_time"] = row["exit_time"][:5]
        _put_quota(row, row)
    return rows


def flat_documents(ids: Iterable[int]) -> dict[int, Document]:
    """Rows of `stocklocations/list-simple/` by id: the address as id, tags by name. One statement."""
    rows = _ROWS.rows(ids)
    for row in rows.values():
        moments(row, "created_date", "modified_date")
        _put_quota(row, row)
    return rows


def address_documents(ids: Iterable[int]) -> dict[int, Document]:
    """Addresses of locations by id. One statement."""
    rows = _ADDRESSES.rows(ids)
    for row in rows.values():
        stored_values(row, "mapping")
    return rows


def _put_quota(document: Document, present: Document) -> None:
    most, quota = present["max_quota"], present["quota"]
    document["max_quota"], document["quota"] = most, quota
    document["available_quota"] = None if most is None else most - quota


# A location inside another document. Apart from the quota it hardly ever changes, so each process keeps it.


def brief(id: str) -> str:
    """What another statement reads of the location with this id expression, as a column for `complete`."""
    columns = "l.id, l.sequence, l.modified_date, l.quota, l.max_quota"
    return one(columns, f"locations_stocklocation l WHERE l.id = {id}")


class _Stamp(NamedTuple):
    """Two documents with the same stamp differ in quota alone."""

    sequence: int
    modified_date: str
    version: int


class _Kept:
    """The locations used last, whole, by id."""

    LIMIT = 4096

    def __init__(self) -> None:
        self._rows: dict[int, tuple[_Stamp, Document]] = {}
        self._lock = Lock()

    def get(self, id: int, stamp: _Stamp) -> Document | None:
        with self._lock:
            entry = self._rows.pop(id, None)
            if entry is None or entry[0] != stamp:
                return None
            self._rows[id] = entry
            return entry[1]

    def put(self, stamp: _Stamp, document: Document) -> None:
        with self._lock:
            self._rows.pop(document["id"], None)
            self._rows[document["id"]] = (stamp, document)
            if len(self._rows) > self.LIMIT:
                del self._rows[next(iter(self._rows))]

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()


_kept = _Kept()


def complete(rows: Sequence[Document], version: int) -> list[Document]:
    """Whole locations for the `brief` rows, in their order; one statement when one is not known yet.

    Known are those with the same `sequence` and `modified_date` under the same `version` of the installation:
    who edits a location raises the first, who renames geography or tags raises the last.
    """
    missing = []
    known: dict[int, Document] = {}
    for row in rows:
        moments(row, "modified_date")
        document = _kept.get(row["id"], _Stamp(row["sequence"], row["modified_date"], version))
        if document is None:
            missing.append(row["id"])
        else:
            known[row["id"]] = document
    for key, document in documents(missing).items():
        _kept.put(_Stamp(document["sequence"], document["modified_date"], version), document)
        known[key] = document
    return [_with_quota(known[row["id"]], row) for row in rows]


def _with_quota(known: Document, present: Document) -> Document:
    document = known.copy()
    _put_quota(document, present)
    return document


def forget() -> None:
    """Know no location, as a new process does."""
    _kept.clear()
