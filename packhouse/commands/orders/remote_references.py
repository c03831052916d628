"""What an order of the back office points at: rows by (connection, id), copied where they came whole (A5, A6)."""

from collections.abc import Sequence

from packhouse.catalog.models import CargoCompany, Channel, Customer, PaymentOption, Product
from packhouse.commands.orders.mirrored_rows import CONNECTION, Row, copy_rows
from packhouse.commands.orders.order_document import (
    AddressPart,
    CargoPart,
    ChannelPart,
    CustomerPart,
    ItemPart,
    OrderPart,
    PaymentPart,
    ProductPart,
)
from packhouse.commands.orders.places import Places, places_by_id
from packhouse.commands.orders.products import copy_products
from packhouse.kernel.errors import InvalidParameter
from packhouse.locations.models import StockLocation


class RemoteReferences:
    """Implements `References` for orders of the back office."""

    connection = CONNECTION
    is_import = False

    def channel(self, part: ChannelPart | None) -> Channel:
        """By id; one that nobody installed yet is kept as such, and its orders wait for it."""
        if part is None or part.pk is None:
            raise InvalidParameter({"channel": ["This field is required."]})
        known = Channel.objects.filter(connection=self.connection, omnitron_id=part.pk).first()
        if known is not None:
            return known
        fields = {**channel_row(part), "is_installed": False}
        ids = copy_rows(Channel, [fields], only_new=tuple(fields)).ids
        return Channel.objects.get(pk=ids[part.pk])

    def customer(self, part: CustomerPart | None, channel: Channel) -> Customer | None:
        if part is None or part.pk is None:
            return None
        known = Customer.objects.filter(connection=self.connection, omnitron_id=part.pk).first()
        if part.is_bare or (known is not None and known.anonymised_date is not None):
            return known
        row = _customer_row(part, channel)
        if known is not None and all(getattr(known, name) == value for name, value in row.items()):
            return known
        copied = copy_rows(Customer, [row])
        return Customer.objects.get(pk=copied.ids[part.pk])

    def places(self, addresses: Sequence[tuple[str, AddressPart]]) -> list[Places]:
        return places_by_id([address for _, address in addresses])

    def products(self, items: Sequence[ItemPart]) -> list[Product]:
        parts = [item.product for item in items]
        known = self._known_products([part.pk for part in parts if part is not None and part.pk is not None])
        news = [part for part in parts if part is not None and _is_news(part, known.get(part.pk or 0))]
        if news:
            copy_products(news)
            known = self._known_products(
                [part.pk for part in parts if part is not None and part.pk is not None]
            )
        return [self._product_of(index, part, known) for index, part in enumerate(parts)]

    def _known_products(self, pks: list[int]) -> dict[int, Product]:
        rows = Product.objects.filter(connection=self.connection, omnitron_id__in=pks)
        return {row.omnitron_id: row for row in rows if row.omnitron_id is not None}

    @staticmethod
    def _product_of(index: int, part: ProductPart | None, known: dict[int, Product]) -> Product:
        product = known.get(part.pk or 0) if part is not None else None
        if product is None:
            shown = part.pk if part is not None else None
            raise InvalidParameter({f"items.{index}.product": [f"The product {shown} is not known."]})
        return product

    def cargo_company(self, part: CargoPart | None) -> CargoCompany | None:
        if part is None or part.pk is None:
            return None
        if not part.is_bare:
            copy_rows(CargoCompany, [cargo_row(part)], natural_key="erp_code", only_new=("is_active",))
        return CargoCompany.objects.filter(connection=self.connection, omnitron_id=part.pk).first()

    def payment_option(self, order: OrderPart) -> PaymentOption | None:
        part = order.payment_option
        if part is None or part.pk is None:
            return None
        if not part.is_bare:
            copy_rows(PaymentOption, [_payment_row(part, order)])
        return PaymentOption.objects.filter(connection=self.connection, omnitron_id=part.pk).first()

    def retail_store(self, order: OrderPart) -> StockLocation | None:
        address = order.shipping_address
        store = address.retail_store if address is not None else None
        if store is None or not store.isdigit():
            return None
        return StockLocation.objects.filter(connection=self.connection, omnitron_id=int(store)).first()


def _is_news(part: ProductPart, known: Product | None) -> bool:
    if part.is_bare or part.sku is None:
        return False
    if known is None or known.remote_modified_date is None or part.modified_date is None:
        return True
    return part.modified_date > known.remote_modified_date


def channel_row(part: ChannelPart) -> Row:
    """A channel as `copy_rows` takes it."""
    return {
        "omnitron_id": part.pk,
        "name": part.name or f"Channel {part.pk}",
        "channel_type": part.channel_type or "web",
        "catalog": part.catalog,
        "conf": part.conf or {},
        "currency": (part.currency or "try").lower(),
        "is_active": part.is_active is not False,
        "remote_modified_date": part.modified_date,
        "remote_data": part.rest,
    }


def cargo_row(part: CargoPart) -> Row:
    """A cargo company as `copy_rows` takes it; without a code it is called by its id."""
    return {
        "omnitron_id": part.pk,
        "name": part.name or f"Cargo company {part.pk}",
        "erp_code": part.erp_code or f"OMN-{part.pk}",
        "shipping_company": part.shipping_company or "",
        "is_active": part.is_active is not False,
        "remote_modified_date": part.modified_date,
        "remote_data": part.rest,
    }


def _customer_row(part: CustomerPart, channel: Channel) -> Row:
    return {
        "omnitron_id": part.pk,
        "channel_id": channel.pk,
        "email": part.email or "",
        "first_name": part.first_name or "",
        "last_name": part.last_name or "",
        "phone_number": part.phone_number,
        "erp_code": part.erp_code,
        "user_type": part.user_type,
        "attributes": part.attributes or {},
        "remote_modified_date": part.modified_date,
        "remote_data": part.rest,
    }


def _payment_row(part: PaymentPart, order: OrderPart) -> Row:
    slug = part.slug or order.payment_option_slug or f"omn-{part.pk}"
    return {
        "omnitron_id": part.pk,
        "name": part.name or slug,
        "slug": slug,
        "payment_type": part.payment_type or "",
        "remote_modified_date": part.modified_date,
        "remote_data": part.rest,
    }
