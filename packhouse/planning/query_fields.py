"""The typed field list of the query language (page 30) and the facts that fill it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from typing import Any

from packhouse.planning.snapshot import Line, Location, OrderFacts


class FieldType(StrEnum):
    STRING = "string"
    NAME = "name"
    """Text compared without regard to case and to the dots of the Turkish i: names of places."""
    DECIMAL = "decimal"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    ANY = "any"
    """Whatever the back office sent: compared as numbers where one side is a number, else as text."""


class Scope(StrEnum):
    """Where a query stands, which decides the fields it may use."""

    ORDER = "order"
    """Scenario conditions and the prerequisite of a packaging rule."""
    PRODUCT = "product"
    """`product_query`."""
    TRANSFER = "transfer"
    """The prerequisite of a transfer rule."""
    CARRIER = "carrier"
    """Carrier rules (page 80)."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: FieldType
    scopes: frozenset[Scope]
    is_mapping: bool = False


def _fields(scopes: tuple[Scope, ...], **types: FieldType) -> tuple[Field, ...]:
    return tuple(Field(name.replace("__", "."), kind, frozenset(scopes)) for name, kind in types.items())


_EVERYWHERE = tuple(Scope)
_PACKAGE = (Scope.TRANSFER, Scope.CARRIER)

FIELDS: tuple[Field, ...] = (
    *_fields(
        _EVERYWHERE,
        order__amount=FieldType.DECIMAL,
        order__item_count=FieldType.DECIMAL,
        order__line_count=FieldType.INTEGER,
        order__currency=FieldType.STRING,
        order__channel=FieldType.INTEGER,
        order__delivery_type=FieldType.STRING,
        order__shipping_option_slug=FieldType.STRING,
        order__payment_type=FieldType.STRING,
        order__segment=FieldType.STRING,
        order__language_code=FieldType.STRING,
        order__date_placed=FieldType.DATETIME,
        order__has_gift_box=FieldType.BOOLEAN,
        order__country=FieldType.NAME,
        order__city=FieldType.NAME,
        order__township=FieldType.NAME,
        order__district=FieldType.NAME,
    ),
    Field("order.extra_field", FieldType.ANY, frozenset(_EVERYWHERE), is_mapping=True),
    *_fields(_EVERYWHERE, customer__user_type=FieldType.STRING),
    *_fields(
        (Scope.PRODUCT,),
        product__sku=FieldType.STRING,
        product__base_code=FieldType.STRING,
        product__unit_type=FieldType.STRING,
    ),
    Field("product.attributes", FieldType.ANY, frozenset({Scope.PRODUCT}), is_mapping=True),
    *_fields(
        _PACKAGE,
        package__stock_location=FieldType.STRING,
        package__stock_location_type=FieldType.STRING,
        package__city=FieldType.NAME,
    ),
    *_fields(
        (Scope.CARRIER,),
        package__weight=FieldType.DECIMAL,
        package__desi=FieldType.DECIMAL,
        package__pay_on_delivery_amount=FieldType.DECIMAL,
    ),
)

_BY_NAME = {field.name: field for field in FIELDS}
_MAPPINGS = tuple(field for field in FIELDS if field.is_mapping)


def find_field(name: str, scope: Scope) -> tuple[Field, str | None] | None:
    """The field a query names, with the key behind `extra_field.` or `attributes.`; None: unknown there."""
    for mapping in _MAPPINGS:
        key = name.removeprefix(f"{mapping.name}.")
        if key and key != name:
            return (mapping, key) if scope in mapping.scopes else None
    field = _BY_NAME.get(name)
    if field is None or field.is_mapping or scope not in field.scopes:
        return None
    return field, None


def order_facts(order: OrderFacts, lines: Sequence[Line], timezone: tzinfo) -> dict[str, Any]:
    """Values of the ``order.`` and ``customer.`` fields."""
    address, placed = order.address, order.date_placed
    counted = sum(line.quantity for line in lines) if order.item_count is None else order.item_count
    return {
        "order.amount": order.amount,
        "order.item_count": counted,
        "order.line_count": len(lines) if order.line_count is None else order.line_count,
        "order.currency": order.currency,
        "order.channel": order.channel,
        "order.delivery_type": order.delivery_type,
        "order.shipping_option_slug": order.shipping_option_slug,
        "order.payment_type": order.payment_type,
        "order.segment": order.segment,
        "order.language_code": order.language_code,
        "order.date_placed": placed and placed.astimezone(timezone),
        "order.has_gift_box": order.has_gift_box,
        "order.country": address.country,
        "order.city": address.city,
        "order.township": address.township,
        "order.district": address.district,
        "order.extra_field": order.extra_field,
        "customer.user_type": order.customer_type,
    }


def product_facts(line: Line) -> dict[str, Any]:
    """Values of the ``product.`` fields."""
    return {
        "product.sku": line.sku,
        "product.base_code": line.base_code,
        "product.unit_type": line.unit_type,
        "product.attributes": line.attributes,
    }


def package_facts(location: Location) -> dict[str, Any]:
    """Values of the ``package.`` fields that follow from a package's location."""
    return {
        "package.stock_location": location.erp_code,
        "package.stock_location_type": location.type,
        "package.city": location.address.city,
    }
