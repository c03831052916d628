"""Values between the wire, Python and SQLite, by the kind of their field. Input is taken leniently."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from sandbox.omnitron import clock
from sandbox.omnitron.schema import Field

MAX_INTEGER = 2**63 - 1
_TRUE = {"true", "1", "yes", "on"}
_FALSE = {"false", "0", "no", "off"}
_MAX_AMOUNT = Decimal(10) ** 14
MAX_TEXT = 100_000


class BadValue(ValueError):
    """A value that does not fit its field; the text is what the caller reads."""


def money(amount: Decimal) -> str:
    """An amount as the wire has it: two decimals, half up."""
    return rounded(amount, 2)


def rounded(amount: Decimal, places: int) -> str:
    """A number as text with exactly `places` decimals, half up."""
    return str(amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def clean(field: Field, raw: Any) -> Any:
    """The stored value for what a caller sent. Raises BadValue."""
    if raw is None or (raw == "" and field.kind not in ("text", "document")):
        return None
    return _CLEANERS[field.kind](field, raw)


def as_integer(raw: Any) -> int:
    """`7`, `"7"`, `7.0`, `{"pk": 7}`. Raises BadValue."""
    if isinstance(raw, dict):
        raw = raw.get("pk", raw.get("id"))
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        raise BadValue("A valid integer is required.")
    try:
        value = int(raw)
    except ValueError:
        raise BadValue("A valid integer is required.") from None
    if abs(value) > MAX_INTEGER:
        raise BadValue("Ensure this value is less than or equal to 9223372036854775807.")
    return value


def as_flag(raw: Any) -> bool:
    """`true`, `"True"`, `1`, `"1"`. Raises BadValue."""
    word = str(raw).strip().lower()
    if isinstance(raw, dict | list) or word not in _TRUE | _FALSE:
        raise BadValue("Must be a valid boolean.")
    return word in _TRUE


def as_number(raw: Any) -> Decimal:
    """`"9.90"`, `9.9`, `9`. Raises BadValue."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise BadValue("A valid number is required.")
    try:
        value = Decimal(str(raw).strip())
    except InvalidOperation:
        raise BadValue("A valid number is required.") from None
    if not value.is_finite():
        raise BadValue("A valid number is required.")
    if abs(value) >= _MAX_AMOUNT:
        raise BadValue("Ensure that there are no more than 16 digits in total.")
    return value


def as_moment(raw: Any) -> str:
    """An ISO 8601 time, leniently; UTC when it names no zone. Raises BadValue."""
    try:
        return clock.to_text(clock.parse(raw if isinstance(raw, str) else "?"))
    except ValueError:
        raise BadValue("Datetime has wrong format. Use ISO 8601.") from None


def _clean_text(_field: Field, raw: Any) -> str:
    if isinstance(raw, dict | list):
        raise BadValue("Not a valid string.")
    text = str(raw)
    if len(text) > MAX_TEXT:
        raise BadValue(f"Ensure this field has no more than {MAX_TEXT} characters.")
    if "\x00" in text or any("\ud800" <= each <= "\udfff" for each in text):
        raise BadValue("Null characters and lone surrogates are not allowed.")
    return text


def _clean_document(field: Field, raw: Any) -> Any:
    if isinstance(field.default, dict) and not isinstance(raw, dict):
        raise BadValue("Expected an object.")
    if isinstance(field.default, list) and not isinstance(raw, list):
        raise BadValue("Expected a list of items.")
    return raw


_CLEANERS: dict[str, Callable[[Field, Any], Any]] = {
    "integer": lambda _field, raw: as_integer(raw),
    "link": lambda _field, raw: as_integer(raw),
    "text": _clean_text,
    "flag": lambda _field, raw: as_flag(raw),
    "document": _clean_document,
    "number": lambda field, raw: rounded(as_number(raw), field.places),
    "moment": lambda _field, raw: as_moment(raw),
}


def to_column(field: Field, value: Any) -> Any:
    """What SQLite keeps."""
    if value is None:
        return None
    if field.kind == "document":
        return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    if field.kind == "flag":
        return int(value)
    return value


def from_column(field: Field, value: Any) -> Any:
    """The value of a document or a flag again; all other columns hold their value as it is."""
    if value is None:
        return None
    return bool(value) if field.kind == "flag" else json.loads(value)
