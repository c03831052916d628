"""Builders of rows for tests: `a_package(state=PackageStatus.PREPARING, items=2)`.

Keyword-only, minimal defaults; what is not given is made. Every builder saves and returns its row, and takes
any further field of its model by name. What a state says of its package is true of what is built: its unit of
the location's quota is held, its items are reserved or taken, its order items have the code of page 10.
"""

from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar

from django.db.models import F

from packhouse.catalog.models import (
    CargoCompany,
    Channel,
    City,
    Country,
    Customer,
    CustomerAddress,
    District,
    PackageDenialReason,
    PaymentOption,
    Product,
    ProductImage,
    Township,
)
from packhouse.inventory.models import Reservation, Stock
from packhouse.invoicing.models import DocumentType, Invoice, InvoiceState
from packhouse.kernel import clock
from packhouse.kernel.models import Role, User
from packhouse.kernel.states import Quota
from packhouse.locations.models import SenderAddress, StockLocation, StockLocationAddress
from packhouse.orders.models import Order, OrderItem
from packhouse.orders.states import OrderStatus, order_state
from packhouse.packages.models import Package, PackageItem
from packhouse.packages.states import PACKED_AND_LATER, PackageStatus
from packhouse.shipments.models import Parcel, Shipment, ShippingLabel
from packhouse.transfers.models import TransferItem, TransferOrder
from packhouse.transfers.states import TransferStatus

PlaceT = TypeVar("PlaceT", Country, City, Township, District)

_number = count(1)

SHELF = Decimal(100)  # what a location has of a product unless a test says otherwise
ORDER_CODES = {
    PackageStatus.PACKED: OrderStatus.PREPARING,
    PackageStatus.SHIPPED: OrderStatus.SHIPPED,
    PackageStatus.READY_FOR_PICKUP: OrderStatus.READY_FOR_PICKUP,
    PackageStatus.ATTEMPTED_DELIVERY: OrderStatus.ATTEMPTED_DELIVERY,
    PackageStatus.DELIVERED: OrderStatus.DELIVERED,
}
TAKEN_IN = (PackageStatus.WAITING_CARGO_LABEL, *PACKED_AND_LATER)


def a_user(*, role: Role = Role.OPERATOR, **fields: Any) -> User:
    n = next(_number)
    return User.objects.create_user(**{"username": f"user-{n}", "role": role, **fields})


# Reference data


def a_channel(**fields: Any) -> Channel:
    n = next(_number)
    return Channel.objects.create(**{"omnitron_id": n, "name": f"Channel {n}", **fields})


def a_country(**fields: Any) -> Country:
    return _place(Country, {"name": "Türkiye", "code": "tr", **fields})


def a_city(**fields: Any) -> City:
    country = fields.pop("country", None) or a_country()
    return _place(City, {"name": "ANKARA", "country": country, **fields})


def a_township(**fields: Any) -> Township:
    city = fields.pop("city", None) or a_city()
    return _place(Township, {"name": "ÇANKAYA", "city": city, **fields})


def a_district(**fields: Any) -> District:
    township = fields.pop("township", None) or a_township()
    return _place(District, {"name": "KIZILAY", "township": township, "city": township.city, **fields})


def _place(model: type[PlaceT], fields: dict[str, Any]) -> PlaceT:
    return model._default_manager.create(
        **{"omnitron_id": next(_number), "folded_name": fields["name"].casefold(), **fields}
    )


def a_product(*, images: int = 0, **fields: Any) -> Product:
    n = next(_number)
    barcode = fields.pop("barcode", f"{8680000000000 + n}")
    product = Product.objects.create(
        **{
            "omnitron_id": n,
            "sku": f"SKU-{n}",
            "name": f"Product {n}",
            "barcode": barcode,
            "barcodes": [barcode],
            **fields,
        }
    )
    for order in range(images):
        ProductImage.objects.create(
            product=product, order=order, url=f"https://img.example.com/{n}-{order}.jpg"
        )
    return product


def a_customer(*, channel: Channel | None = None, **fields: Any) -> Customer:
    n = next(_number)
    return Customer.objects.create(
        **{
            "omnitron_id": n,
            "channel": channel,
            "email": f"customer-{n}@example.com",
            "first_name": "Ada",
            "last_name": "Yılmaz",
            **fields,
        }
    )


def an_address(*, district: District | None = None, **fields: Any) -> CustomerAddress:
    return CustomerAddress.objects.create(
        **{
            "omnitron_id": next(_number),
            "title": "Home",
            "first_name": "Ada",
            "last_name": "Yılmaz",
            "line": "5 Sample St",
            **_geography(district),
            **fields,
        }
    )


def _geography(district: District | None) -> dict[str, Any]:
    district = district or a_district()
    city = district.city
    return {"district": district, "township": district.township, "city": city, "country": city.country}


def a_cargo_company(**fields: Any) -> CargoCompany:
    n = next(_number)
    return CargoCompany.objects.create(
        **{
            "omnitron_id": n,
            "name": f"Carrier {n}",
            "erp_code": f"carrier-{n}",
            "shipping_company": f"carrier-{n}",
            **fields,
        }
    )


def a_payment_option(**fields: Any) -> PaymentOption:
    n = next(_number)
    return PaymentOption.objects.create(
        **{
            "omnitron_id": n,
            "name": "Credit card",
            "slug": "credit_card",
            "payment_type": "credit_card",
            **fields,
        }
    )


def a_denial_reason(**fields: Any) -> PackageDenialReason:
    return PackageDenialReason.objects.create(**{"title": f"Reason {next(_number)}", **fields})


# Locations and stock


def a_location(
    *, district: District | None = None, channels: Sequence[Channel] = (), **fields: Any
) -> StockLocation:
    n = next(_number)
    name = fields.pop("name", f"Store {n}")
    address = fields.pop("address", None) or StockLocationAddress.objects.create(
        title=name, line="1 Example St", **_geography(district)
    )
    location = StockLocation.objects.create(
        **{"omnitron_id": n, "name": name, "erp_code": f"L{n}", "address": address, **fields}
    )
    location.channels.set(channels)
    return location


def a_sender_address(
    *, stock_location: StockLocation, cargo_company: CargoCompany, **fields: Any
) -> SenderAddress:
    return SenderAddress.objects.create(
        **{
            "stock_location": stock_location,
            "cargo_company": cargo_company,
            "origin_id": f"{next(_number)}",
            **fields,
        }
    )


def some_stock(
    *, stock_location: StockLocation, sku: str, on_hand: Decimal | int = SHELF, **fields: Any
) -> Stock:
    stock, _ = Stock.objects.update_or_create(
        stock_location=stock_location, sku=sku, defaults={"on_hand": on_hand, "opening": on_hand, **fields}
    )
    return stock


# Orders and packages


def an_order(
    *, items: int = 2, products: Sequence[Product] = (), channel: Channel | None = None, **fields: Any
) -> Order:
    """An order of `items` lines of one unit each, or of one line per given product."""
    n = next(_number)
    channel = channel or a_channel()
    address = fields.pop("shipping_address", None) or an_address()
    state = fields.setdefault("state", OrderStatus.APPROVED)
    order = Order.objects.create(
        **{
            "omnitron_id": n,
            "number": f"{100000000000 + n}",
            "channel": channel,
            "customer": address.customer or a_customer(channel=channel),
            "shipping_address": address,
            "billing_address": address,
            "payment_type": "credit_card",
            "amount": Decimal("250.00"),
            **fields,
        }
    )
    for product in products or [a_product() for _ in range(items)]:
        an_order_item(order=order, product=product, state=state)
    return order


def an_order_item(*, order: Order, product: Product | None = None, **fields: Any) -> OrderItem:
    return OrderItem.objects.create(
        **{
            "omnitron_id": next(_number),
            "order": order,
            "product": product or a_product(),
            "price": Decimal("250.00"),
            **fields,
        }
    )


def a_package(
    *,
    state: PackageStatus = PackageStatus.WAITING,
    items: int = 2,
    order: Order | None = None,
    stock_location: StockLocation | None = None,
    order_items: Sequence[OrderItem] | None = None,
    **fields: Any,
) -> Package:
    """A package with every item of its order (or `order_items`), each with its whole quantity."""
    order = order or an_order(items=items)
    stock_location = stock_location or a_location()
    position = Package.objects.filter(order=order).count() + 1
    holds = fields.setdefault("holds_quota", state.quota is Quota.HOLDS)
    package = Package.objects.create(
        **{
            "number": f"{order.number}P{position}",
            "order": order,
            "stock_location": stock_location,
            "state": state,
            "packed_date": clock.now() if state in PACKED_AND_LATER else None,
            **fields,
        }
    )
    if holds:
        StockLocation.objects.filter(pk=stock_location.pk).update(quota=F("quota") + 1)
    for order_item in order_items if order_items is not None else order.items.order_by("id"):
        a_package_item(package=package, order_item=order_item)
    return package


def a_package_item(*, package: Package, order_item: OrderItem, **fields: Any) -> PackageItem:
    """An item in its package's state: reserved there, taken from the shelf, or neither, as that state says."""
    state = PackageStatus(package.state)
    quantity = Decimal(fields.setdefault("quantity", order_item.quantity))
    code = ORDER_CODES.get(state, OrderStatus.APPROVED)
    item = PackageItem.objects.create(
        **{
            "package": package,
            "order_item": order_item,
            "state": state,
            "taken": quantity if state in TAKEN_IN else 0,
            "order_code": code,
            **fields,
        }
    )
    if code is not OrderStatus.APPROVED:
        OrderItem.objects.filter(pk=order_item.pk).update(state=code)
        states = list(OrderItem.objects.filter(order=package.order_id).values_list("state", flat=True))
        Order.objects.filter(pk=package.order_id).update(state=order_state(states))
    if state.reserves:
        a_reservation(package_item=item)
    return item


def a_reservation(
    *, package_item: PackageItem, stock_location: StockLocation | None = None, **fields: Any
) -> Reservation:
    """A reservation of the item's quantity, counted in `reserved` of a stock row that is made if missing."""
    sku = package_item.order_item.product.sku
    location = stock_location or package_item.package.stock_location
    quantity = fields.setdefault("quantity", package_item.quantity)
    Stock.objects.get_or_create(
        stock_location=location, sku=sku, defaults={"on_hand": SHELF, "opening": SHELF}
    )
    Stock.objects.filter(stock_location=location, sku=sku).update(reserved=F("reserved") + quantity)
    return Reservation.objects.create(
        **{"stock_location": location, "sku": sku, "package_item": package_item, **fields}
    )


# Transfers, shipments, invoices


def a_transfer(
    *,
    package: Package | None = None,
    state: TransferStatus = TransferStatus.WAITING,
    source: StockLocation | None = None,
    package_items: Sequence[PackageItem] | None = None,
    **fields: Any,
) -> TransferOrder:
    """A transfer of every item of its package (or of `package_items`) to the package's location.

    Until dispatch the items are reserved at the source, on the road nowhere, afterwards at the destination.
    """
    package = package or a_package(state=PackageStatus.WAITING_FOR_TRANSFER)
    position = TransferOrder.objects.filter(package=package).count() + 1
    transfer = TransferOrder.objects.create(
        **{
            "number": f"{package.number}T{position}",
            "package": package,
            "source": source or a_location(stock_location_type=StockLocation.Type.WAREHOUSE),
            "destination": package.stock_location,
            "state": state,
            **fields,
        }
    )
    for item in package_items if package_items is not None else package.items.order_by("id"):
        product = item.order_item.product
        transfer_item = TransferItem.objects.create(
            transfer_order=transfer,
            package_item=item,
            product=product,
            state=state,
            quantity=item.quantity,
            unit_type=product.unit_type,
        )
        if state is not TransferStatus.TRANSFERRED:
            _give_up_reservations(item)
        if state.reserves:
            a_reservation(package_item=item, stock_location=transfer.source, transfer_item=transfer_item)
    return transfer


def _give_up_reservations(item: PackageItem) -> None:
    for reservation in Reservation.objects.filter(package_item=item):
        row = Stock.objects.filter(stock_location=reservation.stock_location, sku=reservation.sku)
        row.update(reserved=F("reserved") - reservation.quantity)
        reservation.delete()


def a_shipment(
    *,
    package: Package | None = None,
    transfer_order: TransferOrder | None = None,
    parcels: int = 1,
    label: bool = False,
    **fields: Any,
) -> Shipment:
    """A shipment of a package (made packed, if not given) or of a transfer; its first parcel holds the items."""
    if package is None and transfer_order is None:
        package = a_package(state=PackageStatus.PACKED)
    shipment = Shipment.objects.create(
        **{
            "package": package,
            "transfer_order": transfer_order,
            "cargo_company": fields.pop("cargo_company", None) or a_cargo_company(),
            **fields,
        }
    )
    owner = (package or transfer_order).number  # type: ignore[union-attr]
    for position in range(1, parcels + 1):
        parcel = Parcel.objects.create(
            shipment=shipment, position=position, barcode=f"{owner}-{position}", weight=Decimal("1.200")
        )
        if package is not None and position == 1:
            parcel.package_items.set(package.items.all())
    if label:
        ShippingLabel.objects.create(shipment=shipment, file_format="pdf", content=b"%PDF-1.4")
    return shipment


def an_invoice(*, package: Package, state: InvoiceState = InvoiceState.RECEIVED, **fields: Any) -> Invoice:
    n = next(_number)
    return Invoice.objects.create(
        **{
            "package": package,
            "state": state,
            "request_id": f"inv-{package.pk}-{n}",
            "number": f"INV{2026000000000 + n}",
            "date": clock.now(),
            "document_type": DocumentType.PDF,
            **fields,
        }
    )
