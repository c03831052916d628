"""TransferProductNotFoundCommand (page 20)."""

import pytest

from packhouse.inventory.models import Movement, Reservation
from packhouse.kernel.errors import (
    UnknownParameter,
    WrongState,
)
from packhouse.packages.models import LocationExclusion, Package
from packhouse.packages.states import PackageStatus as P
from packhouse.transfers.models import TransferOrder
from packhouse.transfers.states import TransferStatus as T
from tests.builders import (
    a_location,
    a_transfer,
    some_stock,
)
from tests.commands.running import an_actor, events_of, refuse, run
from tests.commands.transfers.travelling import a_transfer_scenario, a_waiting_package, sku_of, stock
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
DISPATCH, DELIVERED = "TransferDispatchCommand", "TransferDeliveredCommand"
NOT_FOUND = "TransferProductNotFoundCommand"


def test_not_found_another_source_is_found_in_the_same_transaction() -> None:
    a_transfer_scenario()
    package = a_waiting_package(quantity=2)
    transfer = a_transfer(package=package)
    sku, other = sku_of(transfer), a_location()
    some_stock(stock_location=other, sku=sku, on_hand=5)

    run(transfer, NOT_FOUND)

    assert transfer.state == T.OUT_OF_STOCK
    assert transfer.items.get().discrepancy_reason == "not_found"
    assert stock(transfer.source, sku) == (0, 0)
    assert list(Movement.objects.values_list("kind", "delta")) == [("corrected", -100)]
    new = TransferOrder.objects.exclude(pk=transfer.pk).get()
    assert (new.number, new.source, new.destination, new.state) == (
        f"{package.number}T2",
        other,
        package.stock_location,
        T.WAITING,
    )
    assert stock(other, sku) == (5, 2)
    assert Reservation.objects.get().transfer_item == new.items.get()
    package.refresh_from_db()
    assert package.state == P.WAITING_FOR_TRANSFER
    exclusion = LocationExclusion.objects.get()
    assert (exclusion.stock_location, exclusion.sku) == (transfer.source, sku)
    assert events_of(new) == ["transfer.status.created"]
    run(new, DISPATCH)
    run(new, DELIVERED)
    package.refresh_from_db()
    assert package.state == P.WAITING


def test_what_no_source_has_leaves_the_package() -> None:
    package = a_waiting_package(quantity=3, items=2)
    first, second = package.items.order_by("id")
    lost = a_transfer(package=package, package_items=[first])
    kept = a_transfer(package=package, package_items=[second])

    run(lost, NOT_FOUND)

    part = Package.objects.get(previous_package=package)
    package.refresh_from_db()
    assert (part.state, list(part.items.all())) == (P.OUT_OF_STOCK, [first])
    assert (package.state, list(package.items.all())) == (P.WAITING_FOR_TRANSFER, [second])
    assert Reservation.objects.get().transfer_item == kept.items.get()
    assert waiting_jobs("packages.reschedule") == [{"package_id": part.pk}]


def test_a_package_of_which_nothing_is_found_is_out_of_stock() -> None:
    transfer = a_transfer(package=a_waiting_package(quantity=3))

    run(transfer, NOT_FOUND)

    package = Package.objects.get()
    assert package.state == P.OUT_OF_STOCK
    assert waiting_jobs("packages.reschedule") == [{"package_id": package.pk}]
    package.stock_location.refresh_from_db()
    assert package.stock_location.quota == 0


def test_when_the_rest_is_in_already_the_package_waits_to_be_packed() -> None:
    package = a_waiting_package(items=2)
    first, second = package.items.order_by("id")
    lost = a_transfer(package=package, package_items=[first])
    run_in = a_transfer(package=package, package_items=[second], state=T.IN_TRANSIT)
    run(run_in, DELIVERED)

    run(lost, NOT_FOUND)

    package.refresh_from_db()
    assert package.state == P.WAITING


def test_refusals_change_nothing() -> None:
    refuse(a_transfer(), NOT_FOUND, UnknownParameter, "input_parameters.colour", colour="red")
    for state in (T.READY_TO_SHIPMENT, T.IN_TRANSIT, T.TRANSFERRED, T.OUT_OF_STOCK, T.CANCELLED):
        refuse(a_transfer(state=state), NOT_FOUND, WrongState, "transition", actor=an_actor())
