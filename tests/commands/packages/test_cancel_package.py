"""CancelPackageCommand (page 20): whole and in part, with the carrier's consent."""

import pytest

from packhouse.commands.reconcile.differences import find_differences
from packhouse.inventory.models import Reservation, Stock
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.errors import (
    CarrierRefused,
    ForeignItem,
    InvalidParameter,
    MissingParameter,
    PackhouseError,
    PermissionDenied,
    WrongState,
)
from packhouse.kernel.models import Role, StateTransitionLog
from packhouse.orders.models import StatusReport
from packhouse.packages.models import LocationExclusion, Package
from packhouse.packages.states import BEFORE_SHIPPED
from packhouse.packages.states import PackageStatus as P
from packhouse.shipments.models import Shipment
from packhouse.transfers.models import TransferOrder
from tests.builders import a_package, a_shipment, a_transfer, an_order, an_order_item
from tests.commands.conftest import FakeCarriers
from tests.commands.running import an_actor, events_of, refuse, run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
CANCEL = "CancelPackageCommand"
PATH = "input_parameters.package_items"


def of_three(state: P = P.WAITING) -> Package:
    """One line of three units and one of one."""
    order = an_order(items=0)
    an_order_item(order=order, quantity=3)
    an_order_item(order=order)
    return a_package(order=order, state=state)


def some(package: Package, quantity: object = None, position: int = 0) -> list[dict[str, object]]:
    item = package.items.order_by("id")[position]
    return [{"id": item.pk} if quantity is None else {"id": item.pk, "quantity": quantity}]


@pytest.mark.parametrize("state", BEFORE_SHIPPED)
def test_everything_is_given_up_and_the_order_is_told(state: P) -> None:
    package = a_package(state=state, items=1)

    run(package, CANCEL)

    item = package.order.items.get()
    assert (package.state, package.holds_quota) == (P.CANCELLED, False)
    assert (item.state, item.cancelled_quantity) == ("100", 1)
    assert not Reservation.objects.exists()
    assert set(Stock.objects.values_list("reserved", flat=True)) <= {0}
    assert StatusReport.objects.get().status == "100"
    assert events_of(package) == ["package.status.transitioned", "package.status.cancelled"]
    package.stock_location.refresh_from_db()
    assert package.stock_location.quota == 0


def test_units_already_taken_are_put_back() -> None:
    package = a_package(items=1)
    run(package, "PKG_DEALLOCATE_RESERVATIONS")
    assert Stock.objects.get().on_hand == 99

    run(package, CANCEL)

    assert Stock.objects.get().on_hand == 100


def test_in_part_the_rest_goes_on_in_a_package_of_its_own() -> None:
    package = of_three(P.PREPARING)
    order_item = package.items.order_by("id")[0].order_item

    run(package, CANCEL, package_items=some(package, 2))

    rest = Package.objects.get(previous_package=package)
    assert (package.state, rest.state) == (P.CANCELLED, P.PREPARING)
    assert sorted(item.quantity for item in rest.items.all()) == [1, 1]
    assert [item.quantity for item in package.items.all()] == [2]
    order_item.refresh_from_db()
    assert (order_item.cancelled_quantity, order_item.state) == (2, "400")
    assert sorted(Reservation.objects.values_list("package_item__package", "quantity")) == [(rest.pk, 1)] * 2
    assert (package.holds_quota, rest.holds_quota) == (False, True)
    package.stock_location.refresh_from_db()
    assert package.stock_location.quota == 1
    assert events_of(rest) == ["package.created", "package.status.preparing"]


def test_in_part_of_what_was_packed_the_rest_gets_a_new_shipment(carriers: FakeCarriers) -> None:
    package = of_three(P.PACKED)
    shipment = a_shipment(package=package, registration="registered", is_integrated=True)

    run(package, CANCEL, package_items=some(package, 1))

    rest = Package.objects.get(previous_package=package)
    assert carriers.deleted == [shipment.pk]
    shipment.refresh_from_db()
    assert (shipment.is_current, shipment.status) == (False, "DELETED")
    new = Shipment.objects.get(package=rest)
    assert waiting_jobs("carriers.register_shipment") == [{"shipment_id": new.pk}]
    assert rest.state == P.PACKED


def test_in_part_of_what_was_packed_the_rest_was_packed_when_the_whole_was() -> None:
    package = of_three(P.READY_FOR_PACKAGING)
    run(package, "CompletePackagingWithoutShipmentCommand")

    run(package, CANCEL, package_items=some(package, 2))

    rest = Package.objects.get(previous_package=package)
    assert package.packed_date is not None
    assert (rest.state, rest.packed_date) == (P.PACKED, package.packed_date)
    assert find_differences() == []


@pytest.mark.parametrize("state", sorted(set(BEFORE_SHIPPED) - {P.WAITING_FOR_TRANSFER}))
def test_in_part_again_and_again(state: P) -> None:
    package = of_three(state)
    order_item, other = package.order.items.order_by("id")

    for times in (1, 2, 3):
        (item,) = package.items.filter(order_item=order_item)
        run(package, CANCEL, package_items=[{"id": item.pk, "quantity": 1}])
        assert package.state == P.CANCELLED
        package = Package.objects.get(previous_package=package)
        order_item.refresh_from_db()
        assert (package.state, order_item.cancelled_quantity) == (state, times)
        assert find_differences() == []

    assert order_item.state == "100"
    assert list(package.items.values_list("order_item", "quantity")) == [(other.pk, 1)]


def test_with_replan_the_customer_keeps_the_units() -> None:
    package = a_package(items=1)

    run(package, CANCEL, replan=True)

    assert package.state == P.CANCELLED
    assert package.order.items.get().cancelled_quantity == 0
    exclusion = LocationExclusion.objects.get()
    assert (exclusion.stock_location, exclusion.sku) == (package.stock_location, None)
    assert [job["order_id"] for job in waiting_jobs("planning.plan_order")] == [package.order_id]


def test_with_replan_in_part_only_these_products_stay_away() -> None:
    package = of_three()
    sku = package.items.order_by("id")[0].order_item.product.sku

    run(package, CANCEL, replan=True, package_items=some(package, 1))

    assert LocationExclusion.objects.get().sku == sku
    assert Package.objects.get(previous_package=package).state == P.WAITING


def test_transfers_not_yet_on_the_road_are_cancelled() -> None:
    package = a_package(state=P.WAITING_FOR_TRANSFER)
    a_transfer(package=package)

    run(package, CANCEL)

    assert TransferOrder.objects.get().state == "cancelled"
    assert not Reservation.objects.exists()


def test_an_admin_goes_on_although_the_carrier_is_silent(carriers: FakeCarriers) -> None:
    carriers.refusal = "no answer"
    package = a_package(state=P.PACKED)
    a_shipment(package=package, registration="registered")

    run(package, CANCEL, actor=an_actor(Role.ADMIN), force=True, reason="the parcel burnt")

    assert package.state == P.CANCELLED
    log = StateTransitionLog.objects.get(object_id=package.pk)
    assert log.attributes["cancel.reason"] == "the parcel burnt"


# Refusals


def test_refusals_change_nothing() -> None:
    package, other = of_three(), of_three()

    refuse(package, CANCEL, ForeignItem, f"{PATH}.0.id", package_items=some(other))
    refuse(package, CANCEL, InvalidParameter, f"{PATH}.1.id", package_items=some(package) * 2)
    for quantity in (4, 0, -1, "0.5"):
        refuse(package, CANCEL, InvalidParameter, f"{PATH}.0.quantity", package_items=some(package, quantity))
    reason = "input_parameters.reason"
    refuse(package, CANCEL, MissingParameter, reason, actor=an_actor(Role.ADMIN), force=True)
    force = {"force": True, "reason": "because"}
    refuse(package, CANCEL, PermissionDenied, "input_parameters.force", actor=an_actor(), **force)


def test_while_items_travel_only_the_whole_package_is_cancelled() -> None:
    package = a_package(state=P.WAITING_FOR_TRANSFER, items=2)
    a_transfer(package=package)

    refuse(package, CANCEL, InvalidParameter, PATH, package_items=some(package))


def test_a_carrier_that_refuses_is_the_end_of_it(carriers: FakeCarriers) -> None:
    carriers.refusal = "on the truck already"
    package = a_package(state=P.PACKED)
    a_shipment(package=package, registration="registered")

    assert "truck" in refuse(package, CANCEL, CarrierRefused, "detail").text


@pytest.mark.parametrize(
    ("slug", "error", "path", "given"),
    [
        ("cancel", WrongState, "transition", {}),
        (CANCEL, ForeignItem, f"{PATH}.0.id", {"package_items": [{"id": 987654321}]}),
        (CANCEL, PermissionDenied, "detail", {}),
    ],
)
def test_what_is_refused_is_not_deleted_at_the_carrier_either(
    carriers: FakeCarriers, slug: str, error: type[PackhouseError], path: str, given: dict[str, object]
) -> None:
    package = a_package(state=P.PACKED)
    a_shipment(package=package, registration="registered")
    elsewhere = an_actor(Role.INTEGRATION, location_ids=frozenset({package.stock_location_id + 1}))

    refuse(package, slug, error, path, actor=elsewhere if error is PermissionDenied else SYSTEM, **given)

    assert carriers.deleted == []
