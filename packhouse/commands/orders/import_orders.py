"""Orders without Omnitron: documents people or other systems send us (page 70, C)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import DataError, transaction

from packhouse.catalog.models import UnitType
from packhouse.commands.orders.document_types import LARGEST_MONEY, Reading
from packhouse.commands.orders.import_references import ImportReferences, sku_of
from packhouse.commands.orders.order_changes import Outcome
from packhouse.commands.orders.order_document import ItemPart, OrderPart, parse_order
from packhouse.commands.orders.upsert_order import upsert_order
from packhouse.kernel.accounts import SYSTEM, Actor
from packhouse.kernel.errors import InvalidParameter, PackhouseError
from packhouse.kernel.times import local_zone
from packhouse.locations.models import StockLocation

REQUIRED = "This field is required."
Texts = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Source:
    """One order as sent. `lines`: where its items stand in a file, the first one for the order's own fields;
    `columns`: the file's column of a document path."""

    document: Any
    lines: tuple[int, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)

    def place(self, path: str) -> str:
        """A path as the sender knows it: itself, or `lines.3.price` of a file."""
        if not self.lines:
            return path
        head, _, rest = path.partition(".")
        position, _, name = rest.partition(".")
        if head == "items" and position.isdigit() and int(position) < len(self.lines):
            return f"lines.{self.lines[int(position)]}.{name or 'sku'}"
        return f"lines.{self.lines[0]}.{self.columns.get(path, path)}"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of one order. `errors` by path; `code` the public code of the refusal, None when it was taken."""

    index: int
    channel: str | None
    number: str | None
    order_id: int | None
    outcome: Outcome
    code: str | None = None
    errors: Texts = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As the API answers it: `error` is null, or the texts by path with their `code`."""
        return {
            "index": self.index,
            "channel": self.channel,
            "number": self.number,
            "id": self.order_id,
            "result": self.outcome.value,
            "error": {**self.errors, "code": self.code} if self.code else None,
        }


def documents_of(body: Any) -> list[Any]:
    """The orders of a JSON body: one object, a list, or `{"orders": […]}`. Raises InvalidParameter."""
    given = body.get("orders", body) if isinstance(body, Mapping) else body
    orders = [given] if isinstance(given, Mapping) else given
    if not isinstance(orders, list) or not orders:
        raise InvalidParameter({"detail": ['Send one order, a list of orders, or them under "orders".']})
    return orders


def import_orders(
    documents: Sequence[Any],
    *,
    dry_run: bool = False,
    create_missing: bool = True,
    actor: Actor = SYSTEM,
    first_index: int = 0,
) -> list[ImportResult]:
    """Take over orders, each in a transaction of its own; one result per document (or `Source`), in order.

    `dry_run`: the same answers, nothing written. `create_missing`: channels, products, customers, places and
    cargo companies that are not known are made; else they are errors naming the field.
    """
    sources = [each if isinstance(each, Source) else Source(each) for each in documents]
    return [
        _import_one(index, source, dry_run=dry_run, create_missing=create_missing, actor=actor)
        for index, source in enumerate(sources, start=first_index)
    ]


def _import_one(
    index: int, source: Source, *, dry_run: bool, create_missing: bool, actor: Actor
) -> ImportResult:
    channel, number = _name(source.document)
    try:
        document = read_import(source.document)
        with transaction.atomic():
            result = upsert_order(document, ImportReferences(create_missing=create_missing, actor=actor))
            transaction.set_rollback(dry_run)
    except DataError:  # a value that every check let through
        text = "A value of the order does not fit into its field."
        return ImportResult(
            index, channel, number, None, Outcome.REFUSED, InvalidParameter.code, {"detail": [text]}
        )
    except PackhouseError as error:
        errors: Texts = {}
        for path, texts in error.errors.items():
            errors.setdefault(source.place(path), []).extend(texts)
        return ImportResult(index, channel, number, None, Outcome.REFUSED, error.code, errors)
    order_id = None if dry_run and result.outcome is Outcome.CREATED else result.order_id
    return ImportResult(index, channel, number, order_id, result.outcome)


def _name(document: Any) -> tuple[str | None, str | None]:
    """What the sender calls the order, as far as it can be read."""
    given = document.get("order") if isinstance(document, Mapping) else None
    given = given if isinstance(given, Mapping) else document
    if not isinstance(given, Mapping):
        return None, None
    channel, number = given.get("channel"), given.get("number")
    if isinstance(channel, Mapping):
        channel = channel.get("slug") or channel.get("name") or channel.get("id")
    return _word(channel), _word(number)


def _word(value: Any) -> str | None:
    return str(value)[:255] if isinstance(value, str | int) else None


def read_import(given: Any) -> OrderPart:
    """The document read and complete enough to be an order. Raises InvalidParameter, keyed by path."""
    order = parse_order(given, Reading(lenient=False, zone=local_zone()))
    errors: Texts = {}
    for name in ("channel", "number"):
        if getattr(order, name) is None:
            errors[name] = [REQUIRED]
    order = _with_address_of_store(order, errors)
    if not order.items:
        errors["items"] = ["An order has at least one line."]
    for index, item in enumerate(order.items):
        _check_item(f"items.{index}", item, errors)
    _check_external_ids(order, errors)
    if not errors and order.gross >= LARGEST_MONEY:
        errors["items"] = ["The lines come to more than any order can."]
    if errors:
        raise InvalidParameter(errors)
    return order


def _with_address_of_store(order: OrderPart, errors: Texts) -> OrderPart:
    """A click & collect order without an address goes to its store's."""
    address = order.shipping_address
    if address is not None:
        if address.city is None:
            errors["shipping_address.city"] = [REQUIRED]
        if not address.line and not (order.retail_store or address.retail_store):
            errors["shipping_address.line"] = [REQUIRED]
        return order
    if order.retail_store is None:
        needed = "retail_store" if order.delivery_type == "in_store" else "shipping_address"
        errors[needed] = [REQUIRED]
        return order
    store = (
        StockLocation.objects.filter(erp_code=order.retail_store)
        .select_related("address__country", "address__city", "address__township", "address__district")
        .first()
    )
    if store is None or store.address is None or store.address.city is None:
        errors["retail_store"] = [f"There is no stock location {order.retail_store} with an address."]
        return order
    places = ("country", "city", "township", "district")
    given = {name: {"pk": place.pk} for name in places if (place := getattr(store.address, name)) is not None}
    told = {**given, "line": store.address.line, "postcode": store.address.postcode, "title": store.name}
    made = {"address_type": "retail_store", "retail_store": store.erp_code, **told}
    copy = type(order).model_validate({"shipping_address": made})
    return order.model_copy(update={"shipping_address": copy.shipping_address})


def _check_item(path: str, item: ItemPart, errors: Texts) -> None:
    nothing = Decimal(0)
    if sku_of(item) is None and (item.product is None or item.product.pk is None):
        errors[f"{path}.sku"] = [REQUIRED]
    if item.price is None:
        errors[f"{path}.price"] = [REQUIRED]
    elif item.price < 0:
        errors[f"{path}.price"] = ["A price is not negative."]
    if not 0 <= (item.discount_amount or nothing) <= max(item.price or nothing, nothing):
        errors[f"{path}.discount_amount"] = ["A discount is between 0 and the price."]
    if not 0 <= (item.tax_rate or nothing) <= 100:
        errors[f"{path}.tax_rate"] = ["A tax rate is between 0 and 100."]
    if item.unit_type is not None and item.unit_type not in UnitType.values:
        errors[f"{path}.unit_type"] = [f"One of: {', '.join(UnitType.values)}."]


def _check_external_ids(order: OrderPart, errors: Texts) -> None:
    seen: set[str] = set()
    for index, item in enumerate(order.items):
        if item.external_id is not None and item.external_id in seen:
            errors[f"items.{index}.external_id"] = ["Two lines have this external_id."]
        seen.add(item.external_id or "")
