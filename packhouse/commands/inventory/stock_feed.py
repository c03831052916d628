"""Reading a feed of counts: each row for itself, its error as a text (page 40)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from packhouse.catalog.models import Product, UnitType
from packhouse.inventory.counting import Count
from packhouse.kernel import clock
from packhouse.kernel.times import parse_time
from packhouse.locations.models import StockLocation

MOST_ROWS = 10_000
# Clocks differ; a count from further ahead would keep later ones out until its time comes.
AHEAD = timedelta(minutes=5)


def _number(value: Any) -> Any:
    """Numbers come as number or text; a fraction of a JSON number as it was written."""
    if isinstance(value, bool):
        raise ValueError("expected a number")
    return str(value) if isinstance(value, float) else value


def _moment(value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("expected a time as in 2026-03-02T09:00:00Z")
    try:
        moment = parse_time(value)
    except ValueError:
        raise ValueError("expected a time as in 2026-03-02T09:00:00Z") from None
    if moment > clock.now() + AHEAD:
        raise ValueError("this time has not come yet")
    return moment


Units = Annotated[Decimal, BeforeValidator(_number), Field(max_digits=12, decimal_places=3)]


def _storable(value: str) -> str:
    if "\x00" in value:
        raise ValueError("a NUL character cannot be kept")
    return value


Text = Annotated[str, Field(min_length=1, max_length=128, strict=True), AfterValidator(_storable)]


_WHOLE = "what is counted in whole units has no fraction; weights say unit_type kg"


def _has_a_fraction(*units: Decimal | None) -> bool:
    return any(each is not None and each % 1 for each in units)


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    sku: Text
    erp_code: Text
    quantity: Annotated[Units, Field(ge=0)] | None = None
    delta: Units | None = None
    counted_at: Annotated[datetime | None, BeforeValidator(_moment)] = None
    version: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    safety_stock: Annotated[Units, Field(ge=0)] | None = None
    unit_type: Literal["quantity", "kg"] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "_Row":
        if (self.quantity is None) == (self.delta is None):
            raise ValueError("send quantity or delta, one of them")
        return self

    @model_validator(mode="after")
    def _counted_whole(self) -> "_Row":
        if self.unit_type == "quantity" and _has_a_fraction(self.quantity, self.delta, self.safety_stock):
            raise ValueError(_WHOLE)
        return self


def read_counts(
    rows: Sequence[Any], location_ids: Collection[int] | None = None
) -> tuple[dict[int, Count], list[dict[str, Any]]]:
    """The counts by index, and `{"index", "sku", "erp_code", "error"}` of each row that is none.

    `location_ids`: where the caller may write; None: everywhere. One statement; a second one where fractions
    are told without a unit.
    """
    known = _locations(rows)
    counts: dict[int, Count] = {}
    errors: list[dict[str, Any]] = []
    for index, given in enumerate(rows):
        try:
            counts[index] = _count(given, known, location_ids)
        except ValueError as error:
            errors.append({"index": index, **named(given), "error": _text(error)})
    _weigh(counts, errors, rows)
    return counts, errors


def _weigh(counts: dict[int, Count], errors: list[dict[str, Any]], rows: Sequence[Any]) -> None:
    """A fraction without a unit is a weight, unless the product is known to be counted."""
    parts = {
        index: count
        for index, count in counts.items()
        if count.unit_type is None and _has_a_fraction(count.quantity, count.delta, count.safety_stock)
    }
    if not parts:
        return
    products = Product.objects.filter(sku__in={count.sku for count in parts.values()})
    counted = set(products.filter(unit_type=UnitType.QUANTITY).values_list("sku", flat=True))
    for index, count in parts.items():
        if count.sku in counted:
            del counts[index]
            errors.append({"index": index, **named(rows[index]), "error": _WHOLE})
        else:
            counts[index] = replace(count, unit_type=UnitType.KG.value)
    errors.sort(key=lambda error: int(error["index"]))


def _locations(rows: Sequence[Any]) -> dict[str, int]:
    given = [row.get("erp_code") for row in rows if isinstance(row, Mapping)]
    wanted = {code.strip() for code in given if isinstance(code, str) and "\x00" not in code}
    return dict(StockLocation.objects.filter(erp_code__in=wanted).values_list("erp_code", "pk"))


def _count(given: Any, known: Mapping[str, int], location_ids: Collection[int] | None) -> Count:
    if not isinstance(given, Mapping):
        raise ValueError(_("Send an object."))
    row = _Row.model_validate(given)
    location_id = known.get(row.erp_code)
    if location_id is None:
        raise ValueError(_("There is no location %(code)s.") % {"code": row.erp_code})
    if location_ids is not None and location_id not in location_ids:
        raise ValueError(_("This key may not write the stock of %(code)s.") % {"code": row.erp_code})
    return Count(
        stock_location_id=location_id,
        sku=row.sku,
        quantity=row.quantity,
        delta=row.delta,
        counted_at=row.counted_at,
        version=row.version,
        safety_stock=row.safety_stock,
        unit_type=row.unit_type,
    )


def named(given: Any) -> dict[str, Any]:
    """What a row calls itself, as far as it is readable."""
    row = given if isinstance(given, Mapping) else {}
    return {key: value if isinstance(value := row.get(key), str) else None for key in ("sku", "erp_code")}


def _text(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    parts = []
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        path = ".".join(str(part) for part in detail["loc"][:1])
        text = detail["msg"].removeprefix("Value error, ")
        parts.append(f"{path}: {text}" if path else text)
    return "; ".join(dict.fromkeys(parts))
