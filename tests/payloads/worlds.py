"""Objects of which everything is there, as in the published examples."""

from datetime import UTC, datetime, time
from decimal import Decimal

from packhouse.catalog.models import Product
from packhouse.locations.models import StockLocation, Tag
from packhouse.orders.models import Order, OrderItem
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.planning.models import ExecutionPlan
from packhouse.shipments.models import Parcel, Shipment
from packhouse.shipments.states import Registration, ShipmentStatus
from packhouse.transfers.models import TransferOrder
from packhouse.transfers.states import TransferStatus
from tests import builders

STARTED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ENDED = datetime(2026, 3, 4, 18, 0, tzinfo=UTC)


def a_whole_location() -> StockLocation:
    location = builders.a_location(
        channels=[builders.a_channel()],
        engine=1,
        max_quota=40,
        quota=12,
        daytime_phone="0 312 000 00 00",
        target_packaging_time=120,
        exit_time=time(17),
        working_hours={"mon": [["10:00", "22:00"]]},
        sequence=3,
    )
    location.tags.add(Tag.objects.create(name=f"mall {location.pk}"))
    assert location.address
    location.address.longitude, location.address.latitude = Decimal("32.917089"), Decimal("39.070196")
    location.address.postcode = "06420"
    location.address.save()
    return location


def a_whole_product() -> Product:
    return builders.a_product(
        images=1,
        base_code="SHIRT",
        attributes={"size": "M"},
        remote_modified_date=STARTED,
    )


def a_whole_order() -> Order:
    channel = builders.a_channel()
    customer = builders.a_customer(channel=channel, phone_number="05000000000")
    address = builders.an_address(customer=customer, email="ada@example.com", postcode="06420")
    order = builders.an_order(
        products=[a_whole_product(), a_whole_product()],
        channel=channel,
        shipping_address=address,
        billing_address=builders.an_address(customer=customer, email="ada@example.com", postcode="06420"),
        payment_option=builders.a_payment_option(),
        cargo_company=builders.a_cargo_company(),
        shipping_tax_rate=Decimal(20),
        installment=69,
        delivery_range_start=STARTED,
        delivery_range_end=ENDED,
        shipping_option_slug="standard",
        remote_addr="10.0.0.1",
        remote_modified_date=STARTED,
    )
    OrderItem.objects.filter(order=order).update(
        net_amount=Decimal("208.33"),
        retail_price=Decimal(300),
        tax_amount=Decimal("41.67"),
        price_list=2,
        stock_list=2,
    )
    ExecutionPlan.objects.create(order=order)
    return order


def a_whole_package() -> Package:
    """Packed, invoiced, registered with the carrier, after a transfer."""
    package = builders.a_package(
        state=PackageStatus.PACKED,
        order=a_whole_order(),
        stock_location=a_whole_location(),
        scenario={"id": 2, "name": "Web", "version": 5, "rule": "nearest store"},
    )
    package.items.update(selected_barcode="8680000000012")
    builders.an_invoice(package=package)
    registered(builders.a_shipment(package=package, label=True))
    builders.a_transfer(package=package, state=TransferStatus.TRANSFERRED)
    return package


def registered(shipment: Shipment) -> Shipment:
    """The carrier has confirmed the shipment."""
    Parcel.objects.filter(shipment=shipment).update(width=Decimal(30), height=Decimal(10), length=Decimal(20))
    shipment.status = ShipmentStatus.CREATED
    shipment.status_date = STARTED
    shipment.registration = Registration.REGISTERED
    shipment.awb_number = shipment.tracking_number = "7300001234567"
    shipment.tracking_url = "https://carrier.example.com/t/7300001234567"
    shipment.origin_id = "9876549"
    shipment.save()
    return shipment


def a_whole_transfer() -> TransferOrder:
    """Waiting at a whole location, for a package at another."""
    package = builders.a_package(
        state=PackageStatus.WAITING_FOR_TRANSFER,
        order=a_whole_order(),
        stock_location=a_whole_location(),
    )
    return builders.a_transfer(package=package, source=a_whole_location())
