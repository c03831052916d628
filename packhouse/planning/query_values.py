"""Operators of the query language: reading the wanted value once, comparing many times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from operator import ge, gt, le, lt
from typing import Any

from packhouse.planning.query_fields import FieldType

_EQUALITY = ("eq", "ne", "in", "not_in")
_ORDER = ("gt", "gte", "lt", "lte")
_TEXT = ("contains", "starts_with")

OPERATORS: Mapping[FieldType, tuple[str, ...]] = {
    FieldType.STRING: (*_EQUALITY, *_TEXT, "exists"),
    FieldType.NAME: (*_EQUALITY, *_TEXT, "exists"),
    FieldType.DECIMAL: (*_EQUALITY, *_ORDER, "exists"),
    FieldType.INTEGER: (*_EQUALITY, *_ORDER, "exists"),
    FieldType.BOOLEAN: ("eq", "ne", "exists"),
    FieldType.DATETIME: (*_EQUALITY, *_ORDER, "exists"),
    FieldType.ANY: (*_EQUALITY, *_ORDER, *_TEXT, "exists"),
}

MAX_DIGITS = 30
"""Before the decimal point; more is no number here, so that ``1e999999`` costs nothing."""

Compare = Callable[[Any], bool]
"""Of the actual value."""

_ORDERINGS: Mapping[str, Callable[[Any, Any], bool]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le}
_FOLD = str.maketrans({"İ": "i", "I": "i", "ı": "i"})


class BadValue(ValueError):
    """The value does not fit the field; `path` is the place in a list."""

    def __init__(self, text: str, path: tuple[int, ...] = ()) -> None:
        self.path = path
        super().__init__(text)


def comparison(type: FieldType, operator: str, value: object) -> Compare:
    """Make the comparison of one condition. Raises `BadValue` when ``value`` is of a wrong type."""
    if operator == "exists":
        if not isinstance(value, bool):
            raise BadValue("expected true or false")
        return lambda actual: (actual is not None) is value
    if operator in ("ne", "not_in"):
        inverse = comparison(type, {"ne": "eq", "not_in": "in"}[operator], value)
        return lambda actual: not inverse(actual)
    if operator == "in":
        return _membership(type, value)
    if operator in _TEXT:
        return _each(_text_comparison(type, operator, value))
    if operator in _ORDERINGS:
        return _each(_ordering(type, operator, value))
    return _each(_equality(type, value))


def fold(text: str) -> str:
    """Text as it is compared in names of places: ``fold("DİYARBAKIR") == fold("diyarbakır")``."""
    return text.translate(_FOLD).casefold()


def _each(compare: Compare) -> Compare:
    """A missing value holds for nothing, a list of values when one of them does."""

    def on_any(actual: Any) -> bool:
        if isinstance(actual, (list, tuple)):
            return any(entry is not None and compare(entry) for entry in actual)
        return actual is not None and compare(actual)

    return on_any


def _membership(type: FieldType, value: object) -> Compare:
    if not isinstance(value, list) or not value:
        raise BadValue("expected a list with at least one value")
    members = []
    for n, entry in enumerate(value):
        try:
            members.append(_each(_equality(type, entry)))
        except BadValue as error:
            raise BadValue(str(error), (n,)) from error
    return lambda actual: any(member(actual) for member in members)


def _equality(type: FieldType, value: object) -> Compare:
    if type is FieldType.ANY:
        return _loose_equality(value)
    wanted = _read(type, value)
    if type is FieldType.DATETIME:
        return lambda actual: _like(wanted, actual) == wanted
    if type is FieldType.NAME:
        return lambda actual: fold(actual) == wanted
    return lambda actual: actual == wanted


def _loose_equality(value: object) -> Compare:
    if not isinstance(value, (str, int, float, bool)):
        raise BadValue("expected a text, a number, true or false")
    number = None if isinstance(value, (str, bool)) else _decimal(value)
    text = _as_text(value)

    def same(actual: Any) -> bool:
        is_number = isinstance(actual, (int, float, Decimal)) and not isinstance(actual, bool)
        if number is not None or is_number:
            one, other = _number(actual), _number(value)
            return one is not None and one == other
        return _as_text(actual) == text

    return same


def _ordering(type: FieldType, operator: str, value: object) -> Compare:
    before = _ORDERINGS[operator]
    if type is FieldType.DATETIME:
        moment = _read(type, value)
        return lambda actual: before(_like(moment, actual), moment)
    wanted = _decimal(value) if type is FieldType.ANY else _read(type, value)

    def ordered(actual: Any) -> bool:
        number = _number(actual)
        return number is not None and before(number, wanted)

    return ordered


def _text_comparison(type: FieldType, operator: str, value: object) -> Compare:
    if not isinstance(value, str) or not value:
        raise BadValue("expected a text that is not empty")
    normal = fold if type is FieldType.NAME else _as_text
    wanted = normal(value)
    if operator == "contains":
        return lambda actual: wanted in normal(actual)
    return lambda actual: normal(actual).startswith(wanted)


def _read(type: FieldType, value: object) -> Any:
    if type is FieldType.BOOLEAN:
        if not isinstance(value, bool):
            raise BadValue("expected true or false")
        return value
    if type is FieldType.DECIMAL:
        return _decimal(value)
    if type is FieldType.INTEGER:
        number = _decimal(value)
        if number != number.to_integral_value():
            raise BadValue("expected a whole number")
        return int(number)
    if not isinstance(value, str):
        raise BadValue("expected a text")
    if type is FieldType.DATETIME:
        return _moment(value)
    return fold(value) if type is FieldType.NAME else value


def _decimal(value: object) -> Decimal:
    number = _number(value)
    if number is None:
        raise BadValue("expected a number")
    return number


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        return None
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() and number.adjusted() <= MAX_DIGITS else None


def _moment(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise BadValue("expected a date or a time in ISO 8601, such as 2026-03-02T09:00:00Z") from error


def _like(wanted: datetime, actual: datetime) -> datetime:
    """A query that names no time zone means the clock on the wall, which is how facts state their times."""
    return actual if wanted.tzinfo else actual.replace(tzinfo=None)


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
