"""What the tests of carriers stand on: a carrier on a real socket, and packages that go by it."""

from typing import Any

from packhouse.catalog.models import CargoCompany, City
from packhouse.integrations.carriers.registration import register
from packhouse.integrations.patience import TryLater
from packhouse.kernel.models import ExceptionEntry
from packhouse.locations.models import StockLocation
from packhouse.orders.models import Order
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.shipments.models import Shipment
from tests.builders import a_cargo_company, a_city, a_country, a_package, a_shipment, an_address, an_order


def a_carrier(url: str, **configuration: Any) -> CargoCompany:
    return a_cargo_company(
        name="Example Kargo",
        configuration={
            "adaptor": "http",
            "base_url": url,
            "username": "carrier",
            "password": "carrier",
            **configuration,
        },
    )


def a_waiting_shipment(company: CargoCompany | None = None, **fields: Any) -> Shipment:
    """The shipment of a package that was just packed, not registered yet."""
    package = fields.pop("package", None) or a_packed_package()
    shipment = a_shipment(package=package, cargo_company=company or a_cargo_company(), **fields)
    if company is None:
        Shipment.objects.filter(pk=shipment.pk).update(cargo_company=None)
    Shipment.objects.filter(pk=shipment.pk).update(remote_id=shipment.number)
    shipment.refresh_from_db()
    return shipment


def a_packed_package(*, stock_location: StockLocation | None = None, **order: Any) -> Package:
    return a_package(
        state=PackageStatus.PACKED, order=an_order_to_ankara(**order), stock_location=stock_location
    )


def an_order_to_ankara(**fields: Any) -> Order:
    """An order that a carrier can deliver."""
    if "shipping_address" not in fields:
        city = City.objects.filter(omnitron_id=940).first() or a_city(
            country=a_country(omnitron_id=901), omnitron_id=940, name="Ankara"
        )
        fields["shipping_address"] = an_address(
            country=city.country,
            city=city,
            first_name="Şükrü",
            last_name="Ilıcalı",
            phone_number="05000000000",
        )
    return an_order(**fields)


def registered(shipment: Shipment) -> Shipment:
    register(shipment.pk)
    shipment.refresh_from_db()
    return shipment


def seconds_until_next_try(shipment: Shipment) -> float:
    """Run a registration that has to wait; for how long."""
    try:
        register(shipment.pk)
    except TryLater as later:
        shipment.refresh_from_db()
        return later.seconds
    raise AssertionError("nothing waits")


def exceptions_of(package: Package | None) -> list[str]:
    """The open rows of the exceptions list about a package."""
    assert package is not None
    return [
        entry.message
        for entry in ExceptionEntry.objects.filter(
            subject=f"package/{package.pk}", resolved_date__isnull=True
        )
    ]
