"""Reading what a stock service answers (page 40): a list of rows, or quantities by SKU and location."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from packhouse.integrations.failures import BadAnswer
from packhouse.inventory.ports import Question, StockRow

Units = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=3)]


class _Row(BaseModel):
    """A row of the list; a service may say more than is asked."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    sku: str
    erp_code: str
    quantity: Units
    unit_type: Literal["quantity", "kg"] | None = None

    @model_validator(mode="after")
    def _counted_whole(self) -> Self:
        if self.unit_type == "quantity" and self.quantity % 1:
            raise ValueError("what is counted in whole units has no fraction")
        return self


_LIST: TypeAdapter[list[_Row]] = TypeAdapter(list[_Row])
_TABLE: TypeAdapter[dict[str, dict[str, Units]]] = TypeAdapter(dict[str, dict[str, Units]])


def rows_of(body: Any, question: Question) -> tuple[StockRow, ...]:
    """What was asked for; other SKUs and locations are left out. Raises BadAnswer, with the place in the answer."""
    try:
        if isinstance(body, Mapping):
            return _of_interest(_from_table(_TABLE.validate_python(body)), question)
        return _of_interest(map(_row, _LIST.validate_python(body)), question)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the answer"
        raise BadAnswer(f"{where}: {first['msg']}") from None


def checked(rows: Iterable[Any], question: Question) -> tuple[StockRow, ...]:
    """The rows of a plug-in, under the same rules. Raises BadAnswer."""
    given = [
        {"sku": row.sku, "erp_code": row.erp_code, "quantity": row.quantity, "unit_type": row.unit_type}
        if isinstance(row, StockRow)
        else row
        for row in rows
    ]
    return rows_of(given, question)


def _row(row: _Row) -> StockRow:
    return StockRow(row.sku, row.erp_code, row.quantity, row.unit_type or _unit_type(row.quantity))


def _unit_type(quantity: Decimal) -> str:
    """Where nobody says it: a fraction is a weight."""
    return "kg" if quantity % 1 else "quantity"


def _from_table(table: Mapping[str, Mapping[str, Decimal]]) -> Iterable[StockRow]:
    for sku, places in table.items():
        for erp_code, quantity in places.items():
            yield StockRow(sku, erp_code, quantity, _unit_type(quantity))


def _of_interest(rows: Iterable[StockRow], question: Question) -> tuple[StockRow, ...]:
    skus: Collection[str] = set(question.skus)
    codes: Collection[str] = set(question.erp_codes)
    found: dict[tuple[str, str], StockRow] = {}
    for row in rows:
        if row.sku not in skus or row.erp_code not in codes:
            continue
        known = found.setdefault((row.erp_code, row.sku), row)
        if known.quantity != row.quantity:
            raise BadAnswer(
                f"{row.sku} at {row.erp_code} is told twice: {known.quantity:f} and {row.quantity:f}"
            )
    return tuple(found.values())
