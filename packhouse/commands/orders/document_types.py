"""Values as other systems write them: numbers as text, dates without zone, flags in any spelling.

Every type is nullable; an empty text is null. How strictly is read stands in the validation context (`Reading`):
what a person sends is refused with the field's name, what arrives by itself is cut rather than lost.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from math import isfinite
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo

from packhouse.orders.states import OrderStatus

CENT = Decimal("0.01")
THOUSANDTH = Decimal("0.001")
LARGEST_ID = 2**63 - 1
LARGEST_MONEY = Decimal(10) ** 14
LARGEST_QUANTITY = Decimal(10) ** 9
DEEPEST = 40
_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})


@dataclass(frozen=True, slots=True)
class Reading:
    """`lenient`: cut what is too long, drop what is no object. `zone`: of times that name none."""

    lenient: bool = False
    zone: tzinfo = UTC


def _reading(info: ValidationInfo) -> Reading:
    return info.context if isinstance(info.context, Reading) else Reading()


def as_text(value: Any, length: int, *, lenient: bool) -> str | None:
    """Text of at most `length` characters. Raises ValueError."""
    if value is None:
        return None
    if isinstance(value, bool | dict | list):
        raise ValueError("Not a text.")
    text = str(value).strip()
    if len(text) > length and not lenient:
        raise ValueError(f"At most {length} characters.")
    return text[:length] or None


def upto(length: int) -> BeforeValidator:
    """Reads a text of at most `length` characters."""

    def read(value: Any, info: ValidationInfo) -> str | None:
        return as_text(value, length, lenient=_reading(info).lenient)

    return BeforeValidator(read)


def as_decimal(value: Any) -> Decimal | None:
    """A finite number, from a number or a text. Raises ValueError."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool | dict | list):
        raise ValueError("Not a number.")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError("Not a number.") from None
    if not number.is_finite():
        raise ValueError("Not a number.")
    return number


def _money(value: Any) -> Decimal | None:
    number = as_decimal(value)
    if number is None:
        return None
    if abs(number) >= LARGEST_MONEY:
        raise ValueError("The amount is too large.")
    return number.quantize(CENT, ROUND_HALF_UP)


def _quantity(value: Any) -> Decimal | None:
    number = as_decimal(value)
    if number is None:
        return None
    if not 0 < number < LARGEST_QUANTITY:
        raise ValueError("A quantity is greater than 0 and less than 1,000,000,000.")
    rounded = number.quantize(THOUSANDTH, ROUND_HALF_UP)
    if rounded != number:
        raise ValueError("At most three decimal places.")
    return rounded


def _coordinate(value: Any) -> Decimal | None:
    number = as_decimal(value)
    if number is None:
        return None
    if abs(number) > 180:
        raise ValueError("Degrees between -180 and 180.")
    return number.quantize(Decimal("0.00000001"), ROUND_HALF_UP)


def _whole(value: Any) -> int | None:
    number = as_decimal(value)
    if number is None:
        return None
    if abs(number) > LARGEST_ID or number != number.to_integral_value():
        raise ValueError("Not a whole number.")
    return int(number)


def _identity(value: Any) -> int | None:
    number = _whole(value)
    if number is not None and number < 1:
        raise ValueError("An id is greater than 0.")
    return number


def _flag(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if not word:
        return None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise ValueError("Not true or false.")


def _moment(value: Any, info: ValidationInfo) -> datetime | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError("Not a date; use ISO 8601, e.g. 2026-03-02T09:00:00Z.")
    try:
        moment = datetime.fromisoformat(value.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=_reading(info).zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("Not a date; use ISO 8601, e.g. 2026-03-02T09:00:00Z.") from None


def _mapping(value: Any, info: ValidationInfo) -> dict[str, Any] | None:
    if value is None or isinstance(value, dict):
        return value
    if _reading(info).lenient:
        return None
    raise ValueError("Not an object.")


def _status(value: Any) -> OrderStatus | None:
    if value is None or value == "":
        return None
    word = str(value).strip().lower()
    for status in OrderStatus:
        if word in (status.value, status.name.lower()):
            return status
    if word == "cancelled":
        return OrderStatus.CANCELED
    raise ValueError(f"There is no order status {str(value)[:40]!r}.")


Text8 = Annotated[str | None, upto(8)]
Text16 = Annotated[str | None, upto(16)]
Text32 = Annotated[str | None, upto(32)]
Text64 = Annotated[str | None, upto(64)]
Text128 = Annotated[str | None, upto(128)]
Text254 = Annotated[str | None, upto(254)]
Text255 = Annotated[str | None, upto(255)]
Text512 = Annotated[str | None, upto(512)]
LongText = Annotated[str | None, upto(4000)]
Money = Annotated[Decimal | None, BeforeValidator(_money)]
Quantity = Annotated[Decimal | None, BeforeValidator(_quantity)]
Coordinate = Annotated[Decimal | None, BeforeValidator(_coordinate)]
Whole = Annotated[int | None, BeforeValidator(_whole)]
Identity = Annotated[int | None, BeforeValidator(_identity)]
Flag = Annotated[bool | None, BeforeValidator(_flag)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Mapping = Annotated[dict[str, Any] | None, BeforeValidator(_mapping)]
Status = Annotated[OrderStatus | None, BeforeValidator(_status)]


def storable(value: Any, depth: int = DEEPEST) -> Any:
    """A copy that PostgreSQL can keep: no zero characters, no halves of surrogate pairs, no infinite numbers.

    What is nested deeper than any document is becomes null.
    """
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, float) and not isfinite(value):
        return None
    if isinstance(value, dict) and depth:
        return {storable(str(key)): storable(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list) and depth:
        return [storable(item, depth - 1) for item in value]
    return None if isinstance(value, dict | list) else value
