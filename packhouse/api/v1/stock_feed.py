"""Reading a feed of counts (`stocks/bulk/`): each row for itself, its error as a text (page 40)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from rest_framework import serializers

from packhouse.api.serializers import TimeField
from packhouse.api.v1.shapes.shape import Shape
from packhouse.catalog.models import UnitType
from packhouse.inventory.counting import Count
from packhouse.kernel import clock
from packhouse.kernel.accounts import Actor
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
Text = Annotated[str, Field(min_length=1, max_length=128, strict=True)]


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


def read_counts(rows: Sequence[Any], actor: Actor) -> tuple[list[Count], list[dict[str, Any]]]:
    """The counts, and `{"index", "sku", "erp_code", "error"}` of each row that is none. One statement."""
    known = _locations(rows)
    counts: list[Count] = []
    errors: list[dict[str, Any]] = []
    for index, given in enumerate(rows):
        try:
            counts.append(_count(given, known, actor))
        except ValueError as error:
            errors.append({"index": index, **_named(given), "error": _text(error)})
    return counts, errors


def _locations(rows: Sequence[Any]) -> dict[str, int]:
    given = [row.get("erp_code") for row in rows if isinstance(row, Mapping)]
    wanted = {code.strip() for code in given if isinstance(code, str)}
    return dict(StockLocation.objects.filter(erp_code__in=wanted).values_list("erp_code", "pk"))


def _count(given: Any, known: Mapping[str, int], actor: Actor) -> Count:
    if not isinstance(given, Mapping):
        raise ValueError(_("Send an object."))
    row = _Row.model_validate(given)
    location_id = known.get(row.erp_code)
    if location_id is None:
        raise ValueError(_("There is no location %(code)s.") % {"code": row.erp_code})
    if actor.location_ids is not None and location_id not in actor.location_ids:
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


def _named(given: Any) -> dict[str, Any]:
    """What the row calls itself, as far as it is readable."""
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


class CountSerializer(Shape):
    """One row of a feed: `quantity` is what lay on the shelf at `counted_at`, `delta` a change."""

    writable = frozenset(
        {"sku", "erp_code", "quantity", "delta", "counted_at", "version", "safety_stock", "unit_type"}
    )

    sku = serializers.CharField(max_length=128)
    erp_code = serializers.CharField(max_length=128)
    quantity = serializers.DecimalField(required=False, allow_null=True, max_digits=12, decimal_places=3)
    delta = serializers.DecimalField(required=False, allow_null=True, max_digits=12, decimal_places=3)
    counted_at = TimeField(required=False, allow_null=True)
    version = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    safety_stock = serializers.DecimalField(
        required=False, allow_null=True, max_digits=12, decimal_places=3, min_value=0
    )
    unit_type = serializers.ChoiceField(required=False, allow_null=True, choices=UnitType.choices)


class FeedErrorSerializer(Shape):
    index = serializers.IntegerField()
    sku = serializers.CharField(allow_null=True)
    erp_code = serializers.CharField(allow_null=True)
    error = serializers.CharField()


class FeedResultSerializer(Shape):
    accepted = serializers.IntegerField()
    ignored = serializers.IntegerField()
    errors = FeedErrorSerializer(many=True)  # type: ignore[assignment]
