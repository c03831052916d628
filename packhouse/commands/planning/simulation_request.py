"""What a simulation is asked for (page 30): versions, orders by filter or as documents, stock as it is or as rows."""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
)

from packhouse.commands.inventory.stock_feed import read_counts
from packhouse.commands.orders.import_orders import read_import
from packhouse.kernel.errors import InvalidParameter, PackhouseError

MOST_ORDERS = 20_000
MOST_STOCK_ROWS = 1_000_000
MOST_VERSIONS = 10


def _readable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("a NUL character cannot be kept")
    return text


Id = Annotated[int, Field(gt=0, lt=2**63, strict=True)]
Word = Annotated[str, Field(max_length=64), AfterValidator(_readable)]
Texts = dict[str, list[str]]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class VersionAsked(_Part):
    scenario: Id
    version: Annotated[int, Field(gt=0, lt=2**31, strict=True)]


class OrderFilter(_Part):
    """Orders that exist; all that is given must hold. At most `MOST_ORDERS`, the oldest first."""

    date_placed__gte: AwareDatetime | None = None
    date_placed__gt: AwareDatetime | None = None
    date_placed__lte: AwareDatetime | None = None
    date_placed__lt: AwareDatetime | None = None
    channel: Id | None = None
    state: Word | None = None
    number: Word | None = None
    number__in: Annotated[list[Word], Field(max_length=MOST_ORDERS)] | None = None

    def lookups(self) -> dict[str, Any]:
        """As a queryset takes them."""
        return self.model_dump(exclude_none=True)


def _kind(given: Any) -> str:
    return "rows" if isinstance(given, list) else "one"


Rows = list[dict[str, Any]]
Documents = Annotated[Rows, Field(min_length=1, max_length=MOST_ORDERS), Tag("rows")]
Shelves = Annotated[Rows, Field(max_length=MOST_STOCK_ROWS), Tag("rows")]
Orders = Annotated[Annotated[OrderFilter, Tag("one")] | Documents, Discriminator(_kind)]
Stock = Annotated[Annotated[Literal["now"], Tag("one")] | Shelves, Discriminator(_kind)]


class SimulationRequest(_Part):
    """`orders`: a filter, or documents as in the import; `stock`: `now`, or rows as in `stocks/bulk/`."""

    versions: Annotated[list[VersionAsked], Field(max_length=MOST_VERSIONS)] = []
    orders: Orders
    stock: Stock = "now"


def read_request(given: Any) -> SimulationRequest:
    """Raises InvalidParameter, keyed by the path of every wrong field."""
    if not isinstance(given, dict):
        raise InvalidParameter({"non_field_errors": ["Send a JSON object."]})
    _check_kinds(given)
    try:
        request = SimulationRequest.model_validate(given)
    except ValidationError as error:
        texts: Texts = {}
        for detail in error.errors(include_url=False, include_context=False, include_input=False):
            texts.setdefault(_path(detail["loc"]), []).append(detail["msg"].removeprefix("Value error, "))
        raise InvalidParameter(texts) from None
    _check_documents(request)
    _check_stock(request)
    return request


def _check_kinds(given: dict[str, Any]) -> None:
    if not isinstance(given.get("orders"), dict | list):
        raise InvalidParameter({"orders": ["Send a filter (an object) or a list of orders."]})
    stock = given.get("stock", "now")
    if stock != "now" and not isinstance(stock, list):
        raise InvalidParameter({"stock": ['Send "now" or a list of rows.']})


def _path(places: tuple[int | str, ...]) -> str:
    """Without the tag that tells a filter from documents, `now` from rows."""
    tagged = len(places) > 1 and places[0] in ("orders", "stock")
    return ".".join(str(place) for n, place in enumerate(places) if not (tagged and n == 1))


def _check_documents(request: SimulationRequest) -> None:
    if isinstance(request.orders, OrderFilter):
        return
    errors: Texts = {}
    for index, document in enumerate(request.orders):
        try:
            read_import(document)
        except PackhouseError as error:
            errors |= {f"orders.{index}.{path}": texts for path, texts in error.errors.items()}
    if errors:
        raise InvalidParameter(errors)


def _check_stock(request: SimulationRequest) -> None:
    if request.stock == "now":
        return
    counts, errors = read_counts(request.stock)
    wrong = {f"stock.{each['index']}": [each["error"]] for each in errors}
    changes = [index for index, count in counts.items() if count.quantity is None]
    wrong |= {
        f"stock.{index}.delta": ["Send the quantity; a change has nothing to add to."] for index in changes
    }
    if wrong:
        raise InvalidParameter(wrong)
