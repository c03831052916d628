"""Order documents as planning sees them, without copying anything: what is not known is simply not there."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db import connection

from packhouse.catalog.models import CargoCompany, Channel, Customer, PaymentOption, Product, UnitType
from packhouse.commands.orders.import_references import sku_of
from packhouse.commands.orders.item_rules import quantity_of
from packhouse.commands.orders.order_document import AddressPart, ItemPart, OrderPart, PlacePart, Reference
from packhouse.commands.orders.places import Places, places_by_name
from packhouse.kernel import clock, settings_store
from packhouse.kernel.errors import InvalidParameter
from packhouse.orders.states import LEFT_OUT_OF_PLANNING
from packhouse.planning.batch import Plannable
from packhouse.planning.geography import Address, Point
from packhouse.planning.ground import ADDRESS_COLUMNS, ADDRESS_JOINS, LEVELS, address_of
from packhouse.planning.snapshot import Line, OrderFacts

_ADDRESS = f"""
SELECT {ADDRESS_COLUMNS} FROM (
    SELECT NULL::numeric AS longitude, NULL::numeric AS latitude,
        {", ".join(f"%({level}_id)s::bigint AS {level}_id" for level in LEVELS)}
) a {ADDRESS_JOINS}
"""  # noqa: S608 - built from constants of this file


def plannables_of(documents: Sequence[OrderPart]) -> list[Plannable]:
    """In the order of their `date_placed`, as live planning takes them; without one: placed now.

    Lines that are cancelled or refunded are left out; the others count as approved. Reads only.
    """
    known = _Known.read(documents)
    now = clock.now()
    ordered = sorted(enumerate(documents, start=1), key=lambda pair: (pair[1].date_placed or now, pair[0]))
    return [_plannable(-number, document, known) for number, document in ordered]


def _plannable(number: int, order: OrderPart, known: "_Known") -> Plannable:
    lines = tuple(
        known.line(position, item)
        for position, item in enumerate(order.items, start=1)
        if (item.status or order.status) not in LEFT_OUT_OF_PLANNING
    )
    return Plannable(_facts(number, order, known), lines, None if lines else "nothing_to_plan")


def _facts(number: int, order: OrderPart, known: "_Known") -> OrderFacts:
    channel = known.channel(order)
    option = known.payment_option(order)
    told_slug = order.payment_option_slug or ""
    return OrderFacts(
        id=number,
        number=order.number or "",
        address=known.address(order.shipping_address),
        channel=channel.pk if channel else None,
        cargo_company=known.cargo_company(order),
        payment_option=option.slug if option else None,
        payment_type=(option.payment_type if option else "") or order.payment_type or told_slug or None,
        customer_type=known.customer_type(order),
        amount=order.gross if order.amount is None else order.amount,
        currency=(order.currency or (channel.currency if channel else "") or "").lower() or None,
        delivery_type=order.delivery_type or "standard",
        shipping_option_slug=order.shipping_option_slug,
        segment=order.segment,
        language_code=order.language_code or "tr-tr",
        date_placed=order.date_placed or clock.now(),
        has_gift_box=bool(order.has_gift_box),
        pay_on_delivery_amount=order.pay_on_delivery_amount,
        item_count=sum((known.quantity(item) for item in order.items), Decimal(0)),
        line_count=len(order.items),
        extra_field=order.extra_field or {},
    )


@dataclass
class _Known:
    """What the documents name, as far as it is there. A few statements, and some for each place that is new."""

    channels: dict[Any, Channel]
    carriers: dict[int, str]
    options: dict[Any, PaymentOption]
    customers: dict[str, str]
    products: dict[str, Product]
    quantity_key: str
    _addresses: dict[Any, Address] = field(default_factory=dict)

    @classmethod
    def read(cls, documents: Sequence[OrderPart]) -> "_Known":
        skus = {sku for order in documents for item in order.items if (sku := sku_of(item))}
        emails = {part.email for order in documents if (part := order.customer) and part.email}
        channels = Channel.objects.order_by("-id")
        options = PaymentOption.objects.order_by("-id")
        types = Customer.objects.filter(email__in=emails).order_by("-id")
        return cls(
            channels={word: row for row in channels for word in (row.pk, row.name, row.slug) if word},
            carriers=dict(CargoCompany.objects.values_list("pk", "erp_code")),
            options={word: row for row in options for word in (row.pk, row.slug) if word},
            customers={email: kind for email, kind in types.values_list("email", "user_type") if kind},
            products={row.sku: row for row in Product.objects.filter(sku__in=skus)},
            quantity_key=settings_store.get("ORDER_ITEM_QUANTITY_KEY"),
        )

    def channel(self, order: OrderPart) -> Channel | None:
        part = order.channel
        return self._named(self.channels, part, part.slug, part.name) if part else None

    def payment_option(self, order: OrderPart) -> PaymentOption | None:
        part = order.payment_option
        if order.payment_option_slug in self.options:
            return self.options[order.payment_option_slug]
        return self._named(self.options, part, part.slug) if part else None

    @staticmethod
    def _named(rows: dict[Any, Any], part: Reference, *words: str | None) -> Any:
        """By one of its words, else by its id."""
        return next((rows[word] for word in (*words, part.key, part.pk) if word in rows), None)

    def cargo_company(self, order: OrderPart) -> str | None:
        part = order.cargo_company
        return (part.erp_code or self.carriers.get(part.pk or 0) or part.key) if part else None

    def customer_type(self, order: OrderPart) -> str | None:
        part = order.customer
        return (part.user_type or self.customers.get(part.email or "")) if part else None

    def quantity(self, item: ItemPart) -> Decimal:
        return quantity_of(item, self.quantity_key) or Decimal(1)

    def line(self, position: int, item: ItemPart) -> Line:
        """One that names no SKU keeps its place; nobody has any of it."""
        sku, part = sku_of(item) or "", item.product
        product = self.products.get(sku)
        told = item.unit_type or (part.unit_type if part else None) or UnitType.QUANTITY.value
        base_code = product.base_code if product else part and part.base_code
        attributes = product.attributes if product else part and part.attributes
        return Line(
            order_item_id=position,
            sku=sku,
            quantity=self.quantity(item),
            unit_type=product.unit_type if product else told,
            base_code=base_code or None,
            attributes=attributes or {},
            unit_weight=product.unit_weight if product else None,
            desi=product.desi if product else None,
        )

    def address(self, part: AddressPart | None) -> Address:
        if part is None:
            return Address()
        places = (part.country, part.city, part.township, part.district)
        key = tuple(place and (place.pk, place.code, place.name or place.key) for place in places)
        if key not in self._addresses:
            self._addresses[key] = _address(part)
        point = Point.read(part.longitude, part.latitude)
        return replace(self._addresses[key], point=point) if point else self._addresses[key]


def _address(part: AddressPart) -> Address:
    """With the centres of its places; a place that is not known is known by its name alone."""
    try:
        found = places_by_name(part, create_missing=False, path="shipping_address")
    except InvalidParameter:
        found = Places()
    with connection.cursor() as cursor:
        cursor.execute(_ADDRESS, found.columns())
        address = address_of(cursor.fetchone())
    told = {level: _name(getattr(part, level)) for level in LEVELS}
    names: dict[str, Any] = {
        level: name for level, name in told.items() if name and getattr(address, level) is None
    }
    return replace(address, **names)


def _name(part: PlacePart | None) -> str | None:
    return (part.name or part.key) if part else None
