"""CompletePackagingWithoutShipmentCommand (page 20): as with a shipment, and none is made."""

from typing import Any

import pytest

from packhouse.inventory.models import Reservation, Stock
from packhouse.invoicing.models import Invoice
from packhouse.kernel.errors import (
    ConfigurationFromCaller,
    ForeignItem,
    InvalidParameter,
    NotConfigured,
    WrongBarcode,
    WrongState,
)
from packhouse.kernel.models import Transition
from packhouse.kernel.version import raise_version
from packhouse.orders.models import StatusReport
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from packhouse.shipments.models import Shipment
from tests.builders import a_package
from tests.commands.running import an_actor, events_of, refuse, run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
COMPLETE = "CompletePackagingWithoutShipmentCommand"
ROOT = "input_parameters"


def scanned(package: Package, **changes: object) -> list[dict[str, Any]]:
    item = package.items.order_by("id")[0]
    return [{"order_item": item.order_item_id, "barcode": item.order_item.product.barcode, **changes}]


@pytest.mark.parametrize("state", [P.WAITING, P.PREPARING, P.READY_FOR_PACKAGING])
def test_everything_but_a_shipment(state: P) -> None:
    package = a_package(state=state, items=1)

    run(package, COMPLETE, barcodes=scanned(package))

    item = package.items.get()
    assert (package.state, item.state) == (P.PACKED, P.PACKED)
    assert item.selected_barcode == item.order_item.product.barcode
    assert not Shipment.objects.exists()
    assert waiting_jobs("carriers.register_shipment") == []
    assert not Reservation.objects.exists()
    assert Stock.objects.get().on_hand == 99
    assert package.order.items.get().state == "450"
    assert StatusReport.objects.get().status == "450"
    assert events_of(package) == ["package.status.transitioned", "package.status.packed"]


def test_invoice_and_bill_as_configured() -> None:
    Transition.objects.filter(command=COMPLETE).update(
        configuration={
            "remote_invoice_call": {"remote_url": "http://127.0.0.1:9/i"},
            "remote_bill_fulfillment_call": True,
        }
    )
    raise_version()
    package = a_package(items=1)
    package.order.channel.configuration = {"bill_service": {"remote_url": "http://127.0.0.1:9/b"}}
    package.order.channel.save()

    run(package, COMPLETE)

    assert set(Invoice.objects.values_list("kind", flat=True)) == {"invoice", "bill"}


def test_parcels_are_checked_as_with_a_shipment() -> None:
    package, other = a_package(items=2), a_package(items=1)
    first, second = (item.pk for item in package.items.order_by("id"))
    path = f"{ROOT}.parcels"

    def boxes(*items: list[int]) -> list[dict[str, Any]]:
        return [{"package_items": ids} for ids in items]

    foreign = [other.items.get().pk]
    refuse(package, COMPLETE, ForeignItem, f"{path}.0.package_items.0", parcels=boxes(foreign))
    refuse(package, COMPLETE, InvalidParameter, path, parcels=boxes([first]))
    twice = f"{path}.0.package_items.1"
    refuse(package, COMPLETE, InvalidParameter, twice, parcels=boxes([first, first, second]))

    run(package, COMPLETE, parcels=boxes([first], [second, first]))
    assert package.state == P.PACKED


def test_refusals_change_nothing() -> None:
    package, other = a_package(items=1), a_package(items=1)
    path = f"{ROOT}.barcodes"

    refuse(package, COMPLETE, ForeignItem, f"{path}.0.order_item", barcodes=scanned(other))
    refuse(package, COMPLETE, WrongBarcode, f"{path}.0.barcode", barcodes=scanned(package, barcode="0"))
    refuse(package, COMPLETE, WrongBarcode, f"{path}.1.barcode", barcodes=scanned(package) * 2)
    refuse(package, COMPLETE, InvalidParameter, path, barcodes="0")
    for call in ("remote_invoice_call", "remote_bill_fulfillment_call"):
        refuse(package, COMPLETE, NotConfigured, f"{ROOT}.{call}", **{call: True})
        refuse(package, COMPLETE, ConfigurationFromCaller, f"{ROOT}.{call}", **{call: {"remote_url": "x"}})
    refuse(a_package(state=P.PACKED), COMPLETE, WrongState, "transition", actor=an_actor())
