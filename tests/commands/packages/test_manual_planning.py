"""ManualPlanningCommand (page 20)."""

from typing import Any

import pytest

from packhouse.inventory.models import Reservation, Stock
from packhouse.kernel.errors import ForeignItem, InvalidParameter, MissingParameter, NotEnoughStock
from packhouse.locations.models import StockLocation
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from packhouse.planning.models import ExecutionPlan
from tests.builders import a_location, a_package, an_order, an_order_item, some_stock
from tests.commands.running import events_of, refuse, run

pytestmark = pytest.mark.django_db
PLAN = "ManualPlanningCommand"
PATH = "input_parameters.assignment_groups"


def a_place(package: Package, on_hand: int = 10) -> StockLocation:
    location = a_location(is_fulfillment_center=True)
    for item in package.items.select_related("order_item__product"):
        some_stock(stock_location=location, sku=item.order_item.product.sku, on_hand=on_hand)
    return location


def group(location: StockLocation, *items: Any) -> dict[str, Any]:
    return {"package_items": [item.pk for item in items], "stock_location": location.erp_code}


@pytest.mark.parametrize(
    "state",
    [P.WAITING, P.WAITING_REMOTE_ACTION, P.OUT_OF_STOCK, P.NEEDS_RESCHEDULING, P.STALE_WAITING],
)
def test_each_group_becomes_a_waiting_package_with_its_reservations(state: P) -> None:
    package = a_package(state=state, items=2)
    first, second = package.items.order_by("id")
    one, two = a_place(package), a_place(package)

    run(package, PLAN, assignment_groups=[group(one, first), group(two, second)])

    assert package.state == P.CANCELLED
    made = list(Package.objects.filter(previous_package=package).order_by("id"))
    assert [(new.state, new.stock_location) for new in made] == [(P.WAITING, one), (P.WAITING, two)]
    assert [new.items.get().order_item for new in made] == [first.order_item, second.order_item]
    assert sorted(Reservation.objects.values_list("stock_location", "quantity")) == [(one.pk, 1), (two.pk, 1)]
    for location in (package.stock_location, one, two):
        location.refresh_from_db()
    assert (package.stock_location.quota, one.quota, two.quota) == (0, 1, 1)
    assert ExecutionPlan.objects.get().state == ExecutionPlan.State.COMPLETED
    assert events_of(made[0]) == ["package.created"]
    assert [item.cancelled_quantity for item in package.order.items.all()] == [0, 0]


def test_what_the_package_held_is_free_for_its_own_new_plan() -> None:
    location = a_location(is_fulfillment_center=True)
    package = a_package(items=1, stock_location=location)
    Stock.objects.update(on_hand=1)

    run(package, PLAN, assignment_groups=[group(location, package.items.get())])

    assert Stock.objects.get().reserved == 1
    location.refresh_from_db()
    assert location.quota == 1


def test_a_shortage_is_refused_unless_allowed() -> None:
    order = an_order(items=0)
    an_order_item(order=order, quantity=3)
    package = a_package(order=order)
    place = a_place(package, on_hand=2)
    groups = [group(place, package.items.get())]

    error = refuse(package, PLAN, NotEnoughStock, f"{PATH}.0.stock_location", assignment_groups=groups)
    assert "has 2" in error.text

    run(package, PLAN, assignment_groups=groups, allow_shortage=True)

    made = Package.objects.filter(previous_package=package).order_by("id")
    assert [(new.state, new.stock_location, new.items.get().quantity) for new in made] == [
        (P.WAITING, place, 2),
        (P.OUT_OF_STOCK, place, 1),
    ]


def test_refusals_change_nothing() -> None:
    package, other = a_package(items=2), a_package(items=1)
    first, second = package.items.order_by("id")
    place, shop = a_place(package), a_location()

    refuse(package, PLAN, MissingParameter, PATH)
    refuse(package, PLAN, InvalidParameter, PATH, assignment_groups=[group(place, first)])
    refuse(
        package,
        PLAN,
        InvalidParameter,
        f"{PATH}.1.package_items.0",
        assignment_groups=[group(place, first, second), group(place, second)],
    )
    refuse(
        package,
        PLAN,
        ForeignItem,
        f"{PATH}.0.package_items.2",
        assignment_groups=[group(place, first, second, other.items.get())],
    )
    unknown = {"package_items": [first.pk, second.pk], "stock_location": "NOWHERE"}
    refuse(package, PLAN, InvalidParameter, f"{PATH}.0.stock_location", assignment_groups=[unknown])
    StockLocation.objects.filter(pk=shop.pk).update(is_fulfillment_center=False)
    refuse(
        package,
        PLAN,
        InvalidParameter,
        f"{PATH}.0.stock_location",
        assignment_groups=[group(shop, first, second)],
    )
