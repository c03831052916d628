"""The rules by which a carrier may be chosen, as they are saved (page 80, 2.4)."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from packhouse.planning import queries
from packhouse.planning.queries import QueryInvalid
from packhouse.planning.query_fields import Scope

Amount = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)]


class Cost(BaseModel):
    """`base` + `per_desi` for each desi; the cheaper of two rules of one priority counts."""

    model_config = ConfigDict(extra="forbid")

    base: Amount = Decimal(0)
    per_desi: Amount = Decimal(0)


class Rule(BaseModel):
    """One of several alternatives; what is left out holds always. The lowest `priority` is asked first."""

    model_config = ConfigDict(extra="forbid")

    when: dict[str, Any] | None = None
    priority: Annotated[int, Field(strict=True, ge=0, lt=2**31)] = 100
    shipping_option_slug: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    cost: Cost | None = None

    @field_validator("when")
    @classmethod
    def _is_a_query(cls, document: dict[str, Any] | None) -> dict[str, Any] | None:
        if document is not None:
            try:
                queries.parse(document, Scope.CARRIER)
            except QueryInvalid as refusal:
                raise ValueError(str(refusal)) from None
        return document


class RulesConfiguration(BaseModel):
    """`{"rules": []}`"""

    model_config = ConfigDict(extra="forbid")

    rules: list[Rule] = Field(default_factory=list, max_length=100)
