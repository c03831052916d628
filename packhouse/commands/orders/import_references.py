"""What an imported order points at, by the names people use; what is missing is made, if allowed (page 70, C)."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.text import slugify

from packhouse.catalog.models import CargoCompany, Channel, Customer, PaymentOption, Product, UnitType
from packhouse.commands.orders.mirrored_rows import CONNECTION
from packhouse.commands.orders.order_document import (
    AddressPart,
    CargoPart,
    ChannelPart,
    CustomerPart,
    ItemPart,
    OrderPart,
    Reference,
)
from packhouse.commands.orders.places import Places, places_by_name
from packhouse.kernel import settings_store
from packhouse.kernel.accounts import Actor
from packhouse.kernel.errors import InvalidParameter, PermissionDenied
from packhouse.locations.models import StockLocation

# Customers and places have no unique names; two imports that miss the same one would both make it.
ONE_AT_A_TIME = 4_771_202


class ImportReferences:
    """Implements `References` for imports. An actor bound to channels may import into these only."""

    connection = CONNECTION
    is_import = True

    def __init__(self, *, create_missing: bool, actor: Actor) -> None:
        self.create_missing = create_missing
        self._actor = actor

    def channel(self, part: ChannelPart | None) -> Channel:
        """By slug, name or id. The first thing asked of an import, so what is missing is made by one at a time."""
        if part is None:
            raise InvalidParameter({"channel": ["This field is required."]})
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        channel = self._known_channel(part) or self._new_channel(part)
        allowed = self._actor.channel_ids
        if allowed is not None and channel.pk not in allowed:
            raise PermissionDenied({"channel": [f"Your key is not for the channel {channel.name}."]})
        return channel

    @staticmethod
    def _known_channel(part: ChannelPart) -> Channel | None:
        word = part.slug or part.name or part.key
        if word:
            named = Channel.objects.filter(
                Q(slug=word) | Q(slug=slugify(word) or word) | Q(name__iexact=word)
            )
            if found := named.order_by("id").first():
                return found
        return _by_id(Channel.objects.all(), part)

    def _new_channel(self, part: ChannelPart) -> Channel:
        name = part.name or part.slug or part.key
        if not self.create_missing or not name or part.pk is not None:
            raise InvalidParameter({"channel": [f"There is no channel {name or part.pk}."]})
        currency = (part.currency or settings_store.get("LOCALE")["currency"]).lower()
        channel, _ = Channel.objects.get_or_create(
            slug=slugify(part.slug or name) or None, name=name, defaults={"currency": currency}
        )
        return channel

    def customer(self, part: CustomerPart | None, channel: Channel) -> Customer | None:
        """By email, else phone, within the channel, or by id; nobody when neither is given."""
        if part is None or not (part.model_fields_set or part.pk):
            return None
        if part.is_bare:
            return self._customer_by_id(part)
        within = Customer.objects.filter(channel=channel, anonymised_date=None).order_by("id")
        if part.email:
            known = within.filter(email__iexact=part.email).first()
        elif part.phone_number:
            known = within.filter(phone_number=part.phone_number).first()
        else:
            return None
        if known is None and not self.create_missing:
            field = "email" if part.email else "phone_number"
            raise InvalidParameter({f"customer.{field}": ["There is no such customer in this channel."]})
        customer = known or Customer(channel=channel)
        told = {name: getattr(part, name) for name in _CUSTOMER if getattr(part, name) is not None}
        if known is None or any(getattr(known, name) != value for name, value in told.items()):
            for name, value in told.items():
                setattr(customer, name, value)
            customer.save()
        return customer

    @staticmethod
    def _customer_by_id(part: CustomerPart) -> Customer:
        found = _by_id(Customer.objects.all(), part)
        if found is None and part.key and "@" in part.key:
            found = Customer.objects.filter(email__iexact=part.key).order_by("id").first()
        if found is None:
            raise InvalidParameter({"customer": [f"There is no customer {part.key or part.pk}."]})
        return found

    def places(self, addresses: Sequence[tuple[str, AddressPart]]) -> list[Places]:
        return [
            places_by_name(address, create_missing=self.create_missing, path=field)
            for field, address in addresses
        ]

    def products(self, items: Sequence[ItemPart]) -> list[Product]:
        """By SKU, or by id."""
        skus = {sku for item in items if (sku := sku_of(item)) is not None}
        known = {product.sku: product for product in Product.objects.filter(sku__in=skus)}
        missing = [item for item in items if (sku_of(item) or "") not in known and sku_of(item)]
        if missing and self.create_missing:
            Product.objects.bulk_create([_new_product(item) for item in missing], ignore_conflicts=True)
            known = {product.sku: product for product in Product.objects.filter(sku__in=skus)}
        return [self._product_of(index, item, known) for index, item in enumerate(items)]

    @staticmethod
    def _product_of(index: int, item: ItemPart, known: dict[str, Product]) -> Product:
        sku = sku_of(item)
        product = known.get(sku) if sku is not None else None
        if product is None and sku is None and item.product is not None:
            product = _by_id(Product.objects.all(), item.product)
        if product is None:
            raise InvalidParameter({f"items.{index}.sku": [f"There is no product {sku or 'of this line'}."]})
        if item.quantity is not None and item.quantity % 1 and product.unit_type == UnitType.QUANTITY:
            raise InvalidParameter({f"items.{index}.quantity": [f"{product.sku} is sold in whole units."]})
        return product

    def cargo_company(self, part: CargoPart | None) -> CargoCompany | None:
        """By erp_code, or by id."""
        if part is None:
            return None
        code = part.erp_code or part.key
        found = CargoCompany.objects.filter(erp_code=code).first() if code else None
        found = found or _by_id(CargoCompany.objects.all(), part)
        if found is not None:
            return found
        if not self.create_missing or not code:
            raise InvalidParameter({"cargo_company": [f"There is no cargo company {code or part.pk}."]})
        made, _ = CargoCompany.objects.get_or_create(
            erp_code=code,
            defaults={"name": part.name or code, "shipping_company": part.shipping_company or code},
        )
        return made

    def payment_option(self, order: OrderPart) -> PaymentOption | None:
        """By slug, or by id; one that is not known is told by `payment_type` alone."""
        part = order.payment_option
        slug = order.payment_option_slug or (part.slug or part.key if part else None)
        found = PaymentOption.objects.filter(slug=slug).order_by("id").first() if slug else None
        return found or (_by_id(PaymentOption.objects.all(), part) if part else None)

    def retail_store(self, order: OrderPart) -> StockLocation | None:
        """By erp_code."""
        address = order.shipping_address
        code = order.retail_store or (address.retail_store if address else None)
        if code is None:
            return None
        found = StockLocation.objects.filter(erp_code=code).select_related("address").first()
        if found is None:
            raise InvalidParameter({"retail_store": [f"There is no stock location {code}."]})
        return found


_CUSTOMER = ("email", "phone_number", "first_name", "last_name", "erp_code", "user_type", "attributes")


def sku_of(item: ItemPart) -> str | None:
    """The SKU of a line, wherever it stands; a bare number is an id."""
    if item.sku:
        return item.sku
    if item.product is None:
        return None
    return item.product.sku or (item.product.key if item.product.pk is None else None)


def _new_product(item: ItemPart) -> Product:
    sku = str(sku_of(item))
    part = item.product
    barcode = item.barcode or (part.barcode if part else None) or sku
    name = item.product_name or (part.name if part else None) or sku
    unit_type = item.unit_type or (part.unit_type if part else None) or UnitType.QUANTITY
    return Product(sku=sku, name=name, barcode=barcode, barcodes=[barcode], unit_type=unit_type)


def _by_id(rows: QuerySet[Any], part: Reference) -> Any:
    """By our id, else by the back office's."""
    if part.pk is None:
        return None
    return rows.filter(pk=part.pk).first() or rows.filter(connection=CONNECTION, omnitron_id=part.pk).first()
