"""The scenario document: distribution and transfer scenarios as JSON (page 30), typed and validated."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from packhouse.planning import queries
from packhouse.planning.location_conditions import LocationCondition
from packhouse.planning.queries import Query
from packhouse.planning.query_fields import Scope
from packhouse.planning.scenario_errors import ScenarioInvalid, query_error, read_errors

READ_ONLY = frozenset({"id", "version", "warnings", "created_date", "modified_date"})
"""Keys of an answer; a client may send back what it read, so they are passed over."""

SortKey = Literal[
    "PRIORITY", "STOCK_AMOUNT", "PACKAGE_DENSITY", "DISTANCE", "AVAILABLE_QUOTA", "ACCEPTANCE_RATE", "COST"
]


def _reader(scope: Scope) -> Callable[[object], Query | None]:
    def read(value: object) -> Query | None:
        if value is None or isinstance(value, Query):
            return value
        try:
            return queries.parse(value, scope)
        except queries.QueryInvalid as error:
            raise query_error(error) from error

    return read


def _once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    repeated = next((value for n, value in enumerate(values) if value in values[:n]), None)
    if repeated is not None:
        raise PydanticCustomError("repeated", "{value} stands here twice", {"value": repeated})
    return values


def _not_blank(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("blank", "must not be empty")
    return text


_AS_DOCUMENT = PlainSerializer(lambda query: None if query is None else query.document)

_QUERY_SCHEMA = WithJsonSchema(
    {"type": ["object", "null"], "description": "A query: all, any, not, or field, op and value"}
)

OrderQuery = Annotated[Query | None, BeforeValidator(_reader(Scope.ORDER)), _AS_DOCUMENT, _QUERY_SCHEMA]
ProductQuery = Annotated[Query | None, BeforeValidator(_reader(Scope.PRODUCT)), _AS_DOCUMENT, _QUERY_SCHEMA]
TransferQuery = Annotated[Query | None, BeforeValidator(_reader(Scope.TRANSFER)), _AS_DOCUMENT, _QUERY_SCHEMA]

Name = Annotated[str, Field(max_length=255), AfterValidator(_not_blank)]
Code = Annotated[str, Field(min_length=1, max_length=64)]
Whole = Annotated[int, Field(strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Codes = Annotated[tuple[Code, ...], AfterValidator(_once)]
Ids = Annotated[tuple[Annotated[Whole, Field(ge=1)], ...], AfterValidator(_once)]
ConditionType = Literal["static", "dynamic"]


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Sort(_Document):
    """One sort key of a rule; what is not known sorts last in both directions."""

    key: SortKey
    direction: Literal["asc", "desc"] = "asc"


def _keys_once(sorts: tuple[Sort, ...]) -> tuple[Sort, ...]:
    _once(tuple(sort.key for sort in sorts))
    return sorts


class Rule(_Document):
    name: Name
    prerequisite: Query | None = None
    product_condition: Literal["all_products", "available_products", "query"] = "available_products"
    product_query: ProductQuery = None
    location_conditions: tuple[LocationCondition, ...] = ()
    sort: Annotated[tuple[Sort, ...], AfterValidator(_keys_once)] = ()
    strategy: Literal["ordered", "fewest_packages"] = "ordered"
    max_packages: Annotated[Whole, Field(ge=1)] | None = None
    allow_last_known_stock: Flag = False
    transferable: bool = False

    @model_validator(mode="after")
    def _has_its_query(self) -> Rule:
        if self.product_condition == "query" and self.product_query is None:
            raise PydanticCustomError(
                "required", "product_condition query needs it", {"at": ("product_query",)}
            )
        return self

    @cached_property
    def left_as_safety(self) -> Decimal:
        """Units that stay at a location beside its safety stock; the largest when stated more than once."""
        stated = [
            condition.value
            for condition in self.location_conditions
            if condition.code == "LEAVE_SAFETY_STOCK"
        ]
        return max(stated, default=Decimal(0))


class PackagingRule(Rule):
    """Who packs, tried in list order on what the rules before it left."""

    prerequisite: OrderQuery = None
    transferable: Flag = False


class TransferRule(Rule):
    """Where missing items come from; conditions and distances are taken from the package's location."""

    prerequisite: TransferQuery = None
    transferable: Literal[False] = False


class _Scenario(_Document):
    name: Name
    kind: str
    description: str = ""
    status: Literal["active", "passive"] = "passive"
    priority: Whole = 100
    channel_condition_type: ConditionType = "dynamic"
    channels: Ids = ()
    channel_query: OrderQuery = None
    shipping_condition_type: ConditionType = "dynamic"
    cargo_companies: Codes = ()
    shipping_query: OrderQuery = None
    payment_condition_type: ConditionType = "dynamic"
    payment_options: Codes = ()
    payment_query: OrderQuery = None
    customer_condition_type: ConditionType = "dynamic"
    customer_types: Codes = ()
    customer_query: OrderQuery = None

    def to_json(self) -> dict[str, Any]:
        """The document with every key, as `parse` reads it."""
        return self.model_dump(mode="json")


class DistributionScenario(_Scenario):
    """Who packs what."""

    kind: Literal["distribution"] = "distribution"
    default_location: Code
    default_multiple_packages_state: Literal["WAITING", "WAITING_REMOTE_ACTION"] = "WAITING"
    rules: tuple[PackagingRule, ...] = ()


class TransferScenario(_Scenario):
    """Where missing items come from."""

    kind: Literal["transfer"] = "transfer"
    rules: tuple[TransferRule, ...] = ()


Scenario = DistributionScenario | TransferScenario


_MODELS: Mapping[str, type[DistributionScenario] | type[TransferScenario]] = {
    "distribution": DistributionScenario,
    "transfer": TransferScenario,
}


def parse(document: object) -> Scenario:
    """Read a scenario document. Raises `ScenarioInvalid`, which names the path of every wrong field."""
    if not isinstance(document, Mapping):
        raise ScenarioInvalid({"": ["expected an object"]})
    body = {key: value for key, value in document.items() if key not in READ_ONLY}
    kind = body.get("kind", "distribution")
    model = _MODELS.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise ScenarioInvalid({"kind": ["expected distribution or transfer"]})
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise ScenarioInvalid(read_errors(error)) from error


def parse_json(text: str | bytes) -> Scenario:
    """`parse` for JSON text; raises `ScenarioInvalid` when it is no JSON."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ScenarioInvalid({"": [f"not readable as JSON: {error}"]}) from error
    return parse(document)
