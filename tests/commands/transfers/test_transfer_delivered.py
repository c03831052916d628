"""TransferDeliveredCommand (page 20)."""

import pytest

from packhouse.inventory.models import Reservation
from packhouse.kernel.errors import (
    UnknownParameter,
    WrongState,
)
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from packhouse.transfers.states import TransferStatus as T
from tests.builders import (
    a_transfer,
)
from tests.commands.running import an_actor, events_of, refuse, run
from tests.commands.transfers.travelling import a_waiting_package, sku_of, stock

pytestmark = pytest.mark.django_db
DISPATCH, DELIVERED = "TransferDispatchCommand", "TransferDeliveredCommand"


def test_at_arrival_the_units_stay_reserved_and_the_last_one_frees_the_package() -> None:
    package = a_waiting_package(items=2)
    transfers = [a_transfer(package=package, package_items=[item]) for item in package.items.order_by("id")]
    for transfer in transfers:
        run(transfer, DISPATCH)

    run(transfers[0], DELIVERED)
    package.refresh_from_db()
    assert package.state == P.WAITING_FOR_TRANSFER

    run(transfers[1], DELIVERED)
    package.refresh_from_db()
    assert package.state == P.WAITING
    for transfer in transfers:
        assert stock(package.stock_location, sku_of(transfer))[1] == 1
        reservation = Reservation.objects.get(transfer_item__transfer_order=transfer)
        assert reservation.stock_location == package.stock_location
    assert events_of(package) == ["package.status.transitioned", "package.status.waiting"]
    run(package, "CompletePackagingCommand")
    assert not Reservation.objects.exists()


def test_goods_of_a_cancelled_package_become_free_stock() -> None:
    package = a_waiting_package()
    transfer = a_transfer(package=package)
    run(transfer, DISPATCH)
    run(package, "CancelPackageCommand")

    run(transfer, DELIVERED)

    on_hand, reserved = stock(package.stock_location, sku_of(transfer))
    assert transfer.state == T.TRANSFERRED
    assert reserved == 0
    assert on_hand >= 1
    assert Package.objects.get().state == P.CANCELLED


def test_refusals_change_nothing() -> None:
    transfer = a_transfer(state=T.IN_TRANSIT)
    refuse(transfer, DELIVERED, UnknownParameter, "input_parameters.colour", colour="red")
    for state in (T.WAITING, T.READY_TO_SHIPMENT, T.TRANSFERRED, T.OUT_OF_STOCK, T.CANCELLED):
        refuse(a_transfer(state=state), DELIVERED, WrongState, "transition", actor=an_actor())
