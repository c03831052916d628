"""DetectedOutOfStockItemCommandAdvanced (page 20); what it shares with the plain command stands in that one's file."""

import pytest

from packhouse.inventory.models import Reservation
from packhouse.kernel.errors import ForeignItem, InvalidParameter, MissingParameter, WrongState
from packhouse.packages.models import Discrepancy, LocationExclusion, Package
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package, an_order, an_order_item
from tests.commands.running import an_actor, events_of, refuse, run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
ADVANCED = "DetectedOutOfStockItemCommandAdvanced"
PATH = "input_parameters.package_items"


def a_package_of(quantity: int, state: P = P.WAITING, **fields: object) -> Package:
    order = an_order(items=0)
    an_order_item(order=order, quantity=quantity)
    an_order_item(order=order)
    return a_package(order=order, state=state, **fields)  # type: ignore[arg-type]


def missing(package: Package, quantity: int, reason: str = "not_found") -> list[dict[str, object]]:
    item = package.items.order_by("id")[0]
    return [{"id": item.pk, "quantity": quantity, "discrepancy_reason": reason}]


def test_advanced_splits_off_only_what_is_missing() -> None:
    package = a_package_of(3, P.PREPARING)
    item = package.items.order_by("id")[0]

    run(package, ADVANCED, package_items=missing(package, 1, "damaged"))

    part = Package.objects.get(previous_package=package)
    assert (package.state, part.state) == (P.PREPARING, P.OUT_OF_STOCK)
    assert [row.quantity for row in package.items.order_by("id")] == [2, 1]
    lost = part.items.get()
    assert (lost.order_item, lost.quantity, lost.discrepancy_reason) == (item.order_item, 1, "damaged")
    assert Discrepancy.objects.get().package_item == lost
    assert sorted(Reservation.objects.values_list("package_item__package", "quantity")) == [
        (package.pk, 1),
        (package.pk, 2),
    ]
    assert waiting_jobs("packages.reschedule") == [{"package_id": part.pk}]
    assert events_of(package) == ["package.updated"]
    assert LocationExclusion.objects.get().sku == item.order_item.product.sku
    package.stock_location.refresh_from_db()
    assert package.stock_location.quota == 1


def test_advanced_with_everything_missing_is_the_plain_command() -> None:
    package = a_package(items=2)
    everything = [
        {"id": item.pk, "quantity": 1, "discrepancy_reason": "not_found"} for item in package.items.all()
    ]

    run(package, ADVANCED, package_items=everything)

    assert package.state == P.CANCELLED
    assert Package.objects.count() == 1


def test_refusals_change_nothing() -> None:
    package, other = a_package_of(3), a_package_of(1)

    refuse(package, ADVANCED, MissingParameter, PATH)
    refuse(package, ADVANCED, ForeignItem, f"{PATH}.0.id", package_items=missing(other, 1))
    refuse(package, ADVANCED, InvalidParameter, f"{PATH}.0.quantity", package_items=missing(package, 4))
    packed = a_package_of(3, P.PACKED)
    refuse(packed, ADVANCED, WrongState, "transition", actor=an_actor(), package_items=missing(packed, 1))
