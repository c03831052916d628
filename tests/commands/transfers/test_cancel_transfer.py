"""CancelTransferCommand (page 20): the system alone runs it."""

import pytest

from packhouse.inventory.models import Reservation
from packhouse.kernel.errors import (
    CarrierRefused,
    PermissionDenied,
    WrongState,
)
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from packhouse.transfers.states import TransferStatus as T
from tests.builders import (
    a_shipment,
    a_transfer,
)
from tests.commands.conftest import FakeCarriers
from tests.commands.running import an_actor, refuse, run
from tests.commands.transfers.travelling import a_waiting_package, sku_of, stock
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
CANCEL = "CancelTransferCommand"


def test_a_cancelled_transfer_gives_up_its_promises_and_its_shipment() -> None:
    package = a_waiting_package(items=2)
    first, second = package.items.order_by("id")
    transfer = a_transfer(package=package, package_items=[first], state=T.READY_TO_SHIPMENT)
    a_transfer(package=package, package_items=[second])
    shipment = a_shipment(transfer_order=transfer)

    run(transfer, CANCEL)

    shipment.refresh_from_db()
    assert (transfer.state, shipment.status, shipment.is_current) == (T.CANCELLED, "DELETED", False)
    assert stock(transfer.source, sku_of(transfer)) == (100, 0)
    assert Package.objects.get(state=P.OUT_OF_STOCK).items.get() == first


def test_a_cancelled_package_takes_its_transfers_and_their_shipments_along() -> None:
    package = a_waiting_package()
    transfer = a_transfer(package=package, state=T.READY_TO_SHIPMENT)
    shipment = a_shipment(transfer_order=transfer, tries=1)

    run(package, "CancelPackageCommand")

    transfer.refresh_from_db()
    shipment.refresh_from_db()
    assert (transfer.state, shipment.registration) == (T.CANCELLED, "deleted")
    assert waiting_jobs("carriers.register_shipment") == [{"shipment_id": shipment.pk}]
    assert not Reservation.objects.exists()


def test_a_registered_shipment_is_deleted_at_the_carrier_first(carriers: FakeCarriers) -> None:
    transfer = a_transfer(state=T.READY_TO_SHIPMENT)
    shipment = a_shipment(transfer_order=transfer, registration="registered")

    run(transfer, CANCEL)

    assert carriers.deleted == [shipment.pk]
    assert transfer.state == T.CANCELLED


def test_refusals_change_nothing(carriers: FakeCarriers) -> None:
    transfer = a_transfer(state=T.READY_TO_SHIPMENT)
    a_shipment(transfer_order=transfer, registration="registered")

    refuse(transfer, CANCEL, PermissionDenied, "detail", actor=an_actor())
    refuse(a_transfer(state=T.IN_TRANSIT), CANCEL, WrongState, "transition")
    assert carriers.deleted == []
    carriers.refusal = "on the road"
    refuse(transfer, CANCEL, CarrierRefused, "detail")
