"""DetectedOutOfStockItemCommand (page 20), and what …Advanced does in the same way."""

from decimal import Decimal

import pytest

from packhouse.inventory.models import Movement, Reservation, Stock
from packhouse.kernel.errors import ForeignItem, InvalidParameter, MissingParameter
from packhouse.kernel.models import StateTransitionLog
from packhouse.packages.models import Discrepancy, LocationExclusion, Package
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_location, a_package, a_product, an_order, an_order_item
from tests.commands.running import events_of, refuse, run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
WHOLE, ADVANCED = "DETECTED_OUT_OF_STOCK_ITEM", "DetectedOutOfStockItemCommandAdvanced"
PATH = "input_parameters.package_items"


def a_package_of(quantity: int, state: P = P.WAITING, **fields: object) -> Package:
    order = an_order(items=0)
    an_order_item(order=order, quantity=quantity)
    an_order_item(order=order)
    return a_package(order=order, state=state, **fields)  # type: ignore[arg-type]


def missing(package: Package, quantity: int, reason: str = "not_found") -> list[dict[str, object]]:
    item = package.items.order_by("id")[0]
    return [{"id": item.pk, "quantity": quantity, "discrepancy_reason": reason}]


def test_the_whole_package_is_cancelled_and_planned_again() -> None:
    package = a_package_of(3)
    sku = package.items.order_by("id")[0].order_item.product.sku

    run(package, WHOLE, package_items=missing(package, 1))

    assert package.state == P.CANCELLED
    moves = StateTransitionLog.objects.filter(object_id=package.pk).order_by("id")
    assert [(row.old_state and row.old_state.enum_value, row.new_state.enum_value) for row in moves] == [
        ("100", "920"),
        ("920", "900"),
    ]
    assert events_of(package) == [
        "package.status.transitioned",
        "package.status.out_of_stock",
        "package.status.transitioned",
        "package.status.cancelled",
    ]
    assert not Reservation.objects.exists()
    assert waiting_jobs("planning.plan_order") == [
        {"order_id": package.order_id, "previous_package_id": package.pk}
    ]
    exclusion = LocationExclusion.objects.get()
    assert (exclusion.stock_location, exclusion.sku) == (package.stock_location, sku)
    assert [item.cancelled_quantity for item in package.order.items.all()] == [0, 0]


def test_a_discrepancy_is_recorded() -> None:
    package = a_package_of(3)
    item = package.items.order_by("id")[0]

    run(package, WHOLE, package_items=missing(package, 2, "damaged"))

    row = Discrepancy.objects.get()
    assert (row.package, row.package_item, row.quantity, row.reason) == (package, item, 2, "damaged")
    item.refresh_from_db()
    assert item.discrepancy_reason == "damaged"


@pytest.mark.parametrize("command", [WHOLE, ADVANCED])
@pytest.mark.parametrize("reason", ["damaged", "wrong_product"])
def test_damaged_units_leave_the_count(command: str, reason: str) -> None:
    package = a_package_of(3)
    sku = package.items.order_by("id")[0].order_item.product.sku

    run(package, command, package_items=missing(package, 2, reason))

    assert Stock.objects.get(sku=sku).on_hand == 98
    movement = Movement.objects.get()
    assert (movement.kind, movement.delta, movement.sku) == ("corrected", -2, sku)


@pytest.mark.parametrize(("command", "left"), [(WHOLE, 4), (ADVANCED, 6)])
def test_not_found_leaves_what_other_packages_have_reserved(command: str, left: int) -> None:
    location, product = a_location(), a_product()
    other = an_order(items=0)
    an_order_item(order=other, product=product, quantity=4)
    a_package(order=other, stock_location=location)
    order = an_order(items=0)
    an_order_item(order=order, product=product, quantity=3)
    an_order_item(order=order)
    package = a_package(order=order, stock_location=location)

    run(package, command, package_items=missing(package, 1))

    # Advanced: the two units that were found stay reserved in the package.
    stock = Stock.objects.get(sku=product.sku)
    assert (stock.on_hand, stock.reserved) == (left, left)


@pytest.mark.parametrize("command", [WHOLE, ADVANCED])
def test_units_taken_already_leave_the_count_once(command: str) -> None:
    package = a_package_of(3)
    run(package, "PKG_DEALLOCATE_RESERVATIONS")
    sku = package.items.order_by("id")[0].order_item.product.sku
    assert Stock.objects.get(sku=sku).on_hand == 97

    run(package, command, package_items=missing(package, 1, "damaged"))

    # Whole: the two good ones are back on the shelf; advanced: they stay taken for the package.
    assert Stock.objects.get(sku=sku).on_hand == (99 if command == WHOLE else 97)


def test_a_stock_service_of_the_brand_keeps_its_own_count() -> None:
    package = a_package_of(3, stock_location=a_location(engine=2))

    run(package, WHOLE, package_items=missing(package, 1))

    assert {stock.on_hand for stock in Stock.objects.all()} == {Decimal(100)}


@pytest.mark.parametrize("command", [WHOLE, ADVANCED])
def test_refusals_change_nothing(command: str) -> None:
    package, other = a_package_of(3), a_package_of(1)

    refuse(package, command, MissingParameter, PATH)
    refuse(package, command, InvalidParameter, PATH, package_items=[])
    refuse(package, command, ForeignItem, f"{PATH}.0.id", package_items=missing(other, 1))
    refuse(package, command, InvalidParameter, f"{PATH}.0.quantity", package_items=missing(package, 4))
    refuse(package, command, InvalidParameter, f"{PATH}.0.quantity", package_items=missing(package, 0))
    refuse(package, command, InvalidParameter, f"{PATH}.1.id", package_items=missing(package, 1) * 2)
    half = [{**missing(package, 1)[0], "quantity": "0.5"}]
    refuse(package, command, InvalidParameter, f"{PATH}.0.quantity", package_items=half)
    refuse(
        package,
        command,
        InvalidParameter,
        f"{PATH}.0.discrepancy_reason",
        package_items=missing(package, 1, "eaten"),
    )
