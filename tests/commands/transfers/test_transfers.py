"""The transfer commands of page 20: the round trip, and what becomes of a source that does not have it."""

import pytest

from packhouse.inventory.models import Movement, Reservation, Stock
from packhouse.kernel.errors import ForeignItem, InvalidParameter, MissingParameter, PermissionDenied
from packhouse.locations.models import StockLocation
from packhouse.packages.models import LocationExclusion, Package
from packhouse.packages.states import PackageStatus as P
from packhouse.planning.models import Scenario, ScenarioVersion
from packhouse.shipments.models import Shipment
from packhouse.transfers.models import TransferItem, TransferOrder
from packhouse.transfers.states import TransferStatus as T
from tests.builders import (
    a_cargo_company,
    a_location,
    a_package,
    a_shipment,
    a_transfer,
    an_order,
    an_order_item,
    some_stock,
)
from tests.commands.running import an_actor, events_of, refuse, run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
READY, ADVANCED = "TransferReadyForDispatchCommand", "TransferOrderAdvancedCommand"
DISPATCH, DELIVERED = "TransferDispatchCommand", "TransferDeliveredCommand"
NOT_FOUND, OUT_OF_STOCK = "TransferProductNotFoundCommand", "TRANSFER_OUT_OF_STOCK"
CANCEL = "CancelTransferCommand"


def a_waiting_package(quantity: int = 1, items: int = 1) -> Package:
    order = an_order(items=0)
    for _ in range(items):
        an_order_item(order=order, quantity=quantity)
    return a_package(order=order, state=P.WAITING_FOR_TRANSFER)


def sku_of(transfer: TransferOrder, position: int = 0) -> str:
    return str(transfer.items.order_by("id")[position].product.sku)


def stock(location: StockLocation, sku: str) -> tuple[int, int]:
    """On hand, reserved."""
    row = Stock.objects.get(stock_location=location, sku=sku)
    return int(row.on_hand), int(row.reserved)


def a_transfer_scenario() -> None:
    scenario = Scenario.objects.create(name="Any source", kind="transfer", status="active", priority=1)
    scenario.live_version = ScenarioVersion.objects.create(
        scenario=scenario,
        number=1,
        body={
            "channel_condition_type": "dynamic",
            "shipping_condition_type": "dynamic",
            "payment_condition_type": "dynamic",
            "customer_condition_type": "dynamic",
            "rules": [
                {
                    "name": "all",
                    "product_condition": "available_products",
                    "sort": [{"key": "PRIORITY", "direction": "asc"}],
                }
            ],
        },
    )
    scenario.save()


# The round trip


def test_a_shipment_to_the_destination_is_opened_and_registered() -> None:
    carrier = a_cargo_company(configuration={"adaptor": "sandbox"})
    source = a_location(conf={"cargo_company": carrier.erp_code})
    transfer = a_transfer(source=source)

    run(transfer, READY)

    shipment = Shipment.objects.get(transfer_order=transfer)
    assert (shipment.cargo_company, shipment.registration, shipment.is_integrated) == (
        carrier,
        "pending",
        True,
    )
    assert waiting_jobs("carriers.register_shipment") == [{"shipment_id": shipment.pk}]
    assert transfer.state == T.READY_TO_SHIPMENT
    assert events_of(transfer) == [
        "transfer.status.transitioned",
        "transfer.status.ready_to_shipment",
        "shipment.created",
    ]


def test_carrier_and_number_are_recorded_and_no_carrier_is_called() -> None:
    transfer, carrier = a_transfer(), a_cargo_company()

    run(transfer, ADVANCED, cargo_company=carrier.erp_code, tracking_number="T8")

    assert (transfer.cargo_company, transfer.tracking_number, transfer.state) == (
        carrier,
        "T8",
        T.READY_TO_SHIPMENT,
    )
    shipment = Shipment.objects.get(transfer_order=transfer)
    assert (shipment.tracking_number, shipment.registration) == ("T8", "registered")
    assert waiting_jobs("carriers.register_shipment") == []


@pytest.mark.parametrize("state", [T.WAITING, T.READY_TO_SHIPMENT])
def test_at_dispatch_the_units_leave_the_source(state: T) -> None:
    transfer = a_transfer(package=a_waiting_package(quantity=2), state=state)

    run(transfer, DISPATCH)

    assert transfer.state == T.IN_TRANSIT
    assert stock(transfer.source, sku_of(transfer)) == (98, 0)
    assert not Reservation.objects.exists()
    assert list(Movement.objects.values_list("kind", "delta")) == [("dispatched", -2)]


@pytest.mark.parametrize(("integrated", "polled"), [(True, True), (False, False)])
def test_tracking_starts_at_dispatch_unless_by_courier(integrated: bool, polled: bool) -> None:
    transfer = a_transfer()
    a_shipment(transfer_order=transfer, is_integrated=integrated, registration="registered")

    run(transfer, DISPATCH)

    shipment = Shipment.objects.get()
    assert (shipment.next_poll_date is not None) is polled
    assert shipment.shipping_date is not None


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


# The source does not have it


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


def test_out_of_stock_keeps_only_the_missing_ones_from_the_same_centre() -> None:
    a_transfer_scenario()
    transfer = a_transfer(package=a_waiting_package(items=2))
    missing, other = transfer.items.order_by("id")

    run(transfer, OUT_OF_STOCK, transfer_items=[missing.pk])

    assert transfer.state == T.OUT_OF_STOCK
    again = TransferOrder.objects.exclude(pk=transfer.pk).get()
    assert again.source == transfer.source
    assert [item.product for item in again.items.all()] == [other.product]
    assert Package.objects.get(state=P.OUT_OF_STOCK).items.get() == missing.package_item
    assert list(LocationExclusion.objects.values_list("sku", flat=True)) == [missing.product.sku]
    assert TransferItem.objects.get(pk=other.pk).discrepancy_reason is None


# Cancelling


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


# Refusals


def test_refusals_change_nothing() -> None:
    transfer, other, carrier = a_transfer(), a_transfer(), a_cargo_company()
    company, number = "input_parameters.cargo_company", "input_parameters.tracking_number"
    foreign = other.items.order_by("id")[0].pk

    refuse(transfer, ADVANCED, MissingParameter, company, tracking_number="T")
    refuse(transfer, ADVANCED, MissingParameter, number, cargo_company=carrier.pk)
    refuse(transfer, ADVANCED, InvalidParameter, company, cargo_company="nobody", tracking_number="T")
    refuse(
        transfer,
        OUT_OF_STOCK,
        ForeignItem,
        "input_parameters.transfer_items.0",
        transfer_items=[foreign],
    )
    refuse(transfer, CANCEL, PermissionDenied, "detail", actor=an_actor())
