"""The location conditions of a rule as they stand in its document (page 30)."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError


class _Condition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _not_boolean(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("number", "expected a number")
    return value


Amount = Annotated[Decimal, BeforeValidator(_not_boolean), Field(ge=0, max_digits=12, allow_inf_nan=False)]
ErpCode = Annotated[str, Field(min_length=1, max_length=64)]


class _ListCondition(_Condition):
    code: str
    value: tuple[ErpCode, ...]

    @cached_property
    def members(self) -> frozenset[str]:
        return frozenset(self.value)


class OnlyListed(_ListCondition):
    """erp_code is one of these."""

    code: Literal["STOCK_LOCATION_LIST"]


class ExceptListed(_ListCondition):
    """erp_code is none of these."""

    code: Literal["EXCEPT_STOCK_LOCATION"]


class SamePlace(_Condition):
    """In the same country, city, township or district as the delivery address."""

    code: Literal["LOCATION_TYPE"]
    value: Literal["country", "city", "township", "district"]


class OfType(_Condition):
    code: Literal["STOCK_LOCATION_TYPE"]
    value: Literal["store", "warehouse"]


class HasQuota(_Condition):
    """`available_quota` > 0; a `max_quota` that is not set is no capacity here."""

    code: Literal["SELECT_BY_QUOTA"]
    value: None = Field(default=None, exclude=True)


class WithinDistance(_Condition):
    """At most so many kilometres away; what has no known distance is out."""

    code: Literal["WITHIN_DISTANCE"]
    value: Amount

    @cached_property
    def kilometres(self) -> float:
        return float(self.value)


class HasTag(_ListCondition):
    """Carries at least one of these tags."""

    code: Literal["TAGS"]


class HasFlag(_Condition):
    """This boolean field is true."""

    code: Literal["HAS_FLAG"]
    value: Literal[
        "is_active",
        "is_fulfillment_center",
        "is_pickup_location",
        "is_delivery_location",
        "is_fast_delivery_available",
        "is_return_available",
    ]


class OpenNow(_Condition):
    """Open at the time of the snapshot; where no working hours are kept it counts as open."""

    code: Literal["OPEN_NOW"]
    value: None = Field(default=None, exclude=True)


class LeaveSafetyStock(_Condition):
    """So many units of each SKU stay there beside the safety stock; excludes no location by itself."""

    code: Literal["LEAVE_SAFETY_STOCK"]
    value: Amount


LocationCondition = Annotated[
    OnlyListed
    | ExceptListed
    | SamePlace
    | OfType
    | HasQuota
    | WithinDistance
    | HasTag
    | HasFlag
    | OpenNow
    | LeaveSafetyStock,
    Field(discriminator="code"),
]
