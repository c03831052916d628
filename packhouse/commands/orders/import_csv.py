"""A file of order lines: UTF-8, a header row, `,` or `;` between, decimal points; one order's rows need not be
adjacent (page 70, C)."""

from dataclasses import dataclass, field
from typing import Any

from packhouse.commands.orders.import_orders import Source
from packhouse.kernel.csv_rows import read_rows
from packhouse.kernel.errors import InvalidParameter

MOST_LINES = 100_000
_ORDER = {
    "channel": "channel",
    "number": "number",
    "date_placed": "date_placed",
    "currency": "currency",
    "customer_email": "customer.email",
    "customer_first_name": "customer.first_name",
    "customer_last_name": "customer.last_name",
    "customer_phone": "customer.phone_number",
    "country": "shipping_address.country",
    "city": "shipping_address.city",
    "township": "shipping_address.township",
    "district": "shipping_address.district",
    "line": "shipping_address.line",
    "postcode": "shipping_address.postcode",
    "delivery_type": "delivery_type",
    "retail_store": "retail_store",
    "payment_type": "payment_type",
    "cargo_company": "cargo_company",
    "shipping_amount": "shipping_amount",
    "notes": "notes",
}
_ITEM = (
    "external_id",
    "sku",
    "barcode",
    "product_name",
    "quantity",
    "price",
    "tax_rate",
    "discount_amount",
    "status",
)
COLUMNS = (*_ORDER, *_ITEM)
NEEDED = ("channel", "number", "sku", "price")
_COLUMN_OF = {path: column for column, path in _ORDER.items()}


@dataclass
class _Order:
    document: dict[str, Any] = field(default_factory=dict)
    values: dict[str, tuple[str, int]] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)


def read_csv(content: bytes) -> list[Source]:
    """The orders of a file, in the order of their first rows.

    Raises InvalidParameter (`detail`, or `lines.<n>.<column>`; line 1 is the header) for what cannot be read as
    such a file; then nothing should be taken of it.
    """
    rows = read_rows(content, columns=COLUMNS, needed=NEEDED, most=MOST_LINES)
    orders: dict[tuple[str, str], _Order] = {}
    errors: dict[str, list[str]] = {}
    for given in rows:
        if isinstance(given, InvalidParameter):
            errors.update(given.errors)
            continue
        line, row = given.line, dict(given.values)
        missing = [name for name in ("channel", "number") if name not in row]
        errors.update({f"lines.{line}.{name}": ["This field is required."] for name in missing})
        if not missing:
            order = orders.setdefault((row["channel"], row["number"]), _Order())
            _add(order, line, row, errors)
    if errors:
        raise InvalidParameter(errors)
    if not orders:
        raise InvalidParameter({"detail": ["The file has no rows."]})
    return [Source(_nested(order), tuple(order.lines), _COLUMN_OF) for order in orders.values()]


def _add(order: _Order, line: int, row: dict[str, str], errors: dict[str, list[str]]) -> None:
    """One line more; what is told of the order itself must be the same on all of its rows."""
    for column, value in row.items():
        if column not in _ORDER:
            continue
        known, at = order.values.setdefault(column, (value, line))
        if known != value:
            errors[f"lines.{line}.{column}"] = [f"Line {at} says {known!r} for the same order."]
    order.lines.append(line)
    order.document.setdefault("items", []).append({name: row[name] for name in _ITEM if name in row})


def _nested(order: _Order) -> dict[str, Any]:
    document = dict(order.document)
    for column, (value, _) in order.values.items():
        head, _, name = _ORDER[column].partition(".")
        if name:
            document.setdefault(head, {})[name] = value
        else:
            document[head] = value
    if "retail_store" in document and "city" not in document.get("shipping_address", {}):
        document.pop("shipping_address", None)
    return document
