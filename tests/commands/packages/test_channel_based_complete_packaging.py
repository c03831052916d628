"""ChannelBasedCompletePackagingCommand (page 20)."""

from typing import Any

import pytest

from packhouse.inventory.models import Reservation, Stock
from packhouse.invoicing.models import Invoice
from packhouse.kernel.errors import (
    ForeignItem,
    InvalidParameter,
    MissingParameter,
    NotConfigured,
    WrongBarcode,
)
from packhouse.kernel.models import Transition
from packhouse.kernel.version import raise_version
from packhouse.orders.models import StatusReport
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from packhouse.shipments.models import Shipment
from tests.builders import a_cargo_company, a_package, an_order
from tests.commands.running import events_of, refuse, run
from tests.commands.samples import parameters
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
COMPLETE = "ChannelBasedCompletePackagingCommand"
PATH = "input_parameters.barcodes"


def scanned(package: Package) -> dict[str, Any]:
    return parameters(COMPLETE, package)


def test_shipping_data_is_copied_from_the_order_and_nothing_is_registered() -> None:
    carrier = a_cargo_company(configuration={"adaptor": "sandbox"})
    order = an_order(
        cargo_company=carrier,
        tracking_number="T77",
        carrier_shipping_code="C9",
        defined_tracking_url="https://track.example.com/T77",
    )
    package = a_package(order=order)

    run(package, COMPLETE, **scanned(package))

    shipment = Shipment.objects.get(package=package)
    assert (shipment.cargo_company, shipment.tracking_number, shipment.carrier_shipping_code) == (
        carrier,
        "T77",
        "C9",
    )
    assert shipment.tracking_url == "https://track.example.com/T77"
    assert (shipment.registration, shipment.is_integrated) == ("registered", False)
    assert waiting_jobs("carriers.register_shipment") == []
    assert events_of(package) == ["package.status.transitioned", "package.status.packed", "shipment.created"]


def test_barcodes_are_kept_units_taken_order_items_told() -> None:
    package = a_package(items=2)

    run(package, COMPLETE, **scanned(package))

    assert package.state == P.PACKED
    assert [item.selected_barcode for item in package.items.order_by("id")] == [
        item.order_item.product.barcode for item in package.items.order_by("id")
    ]
    assert not Reservation.objects.exists()
    assert {stock.on_hand for stock in Stock.objects.all()} == {99}
    assert [item.state for item in package.order.items.all()] == ["450", "450"]
    assert set(StatusReport.objects.values_list("status", flat=True)) == {"450"}


def test_invoice_and_bill_as_configured() -> None:
    Transition.objects.filter(slug="channel-based-complete-packaging").update(
        configuration={
            "remote_invoice_call": {"remote_url": "http://127.0.0.1:9/i"},
            "remote_bill_fulfillment_call": True,
        }
    )
    raise_version()
    package = a_package(items=1)
    package.order.channel.configuration = {"bill_service": {"remote_url": "http://127.0.0.1:9/b"}}
    package.order.channel.save()

    run(package, COMPLETE, **scanned(package))

    assert set(Invoice.objects.values_list("kind", flat=True)) == {"invoice", "bill"}


def test_refusals_change_nothing() -> None:
    package, other = a_package(items=2), a_package(items=1)
    barcodes = scanned(package)["barcodes"]

    refuse(package, COMPLETE, MissingParameter, PATH)
    refuse(package, COMPLETE, MissingParameter, PATH, barcodes=barcodes[:1])
    refuse(package, COMPLETE, ForeignItem, f"{PATH}.0.order_item", barcodes=scanned(other)["barcodes"])
    wrong = [{**barcodes[0], "barcode": "0"}, barcodes[1]]
    refuse(package, COMPLETE, WrongBarcode, f"{PATH}.0.barcode", barcodes=wrong)
    refuse(package, COMPLETE, InvalidParameter, PATH, barcodes="8680000000012")
    for call in ("remote_invoice_call", "remote_bill_fulfillment_call"):
        asked = {"barcodes": barcodes, call: True}
        refuse(package, COMPLETE, NotConfigured, f"input_parameters.{call}", **asked)
