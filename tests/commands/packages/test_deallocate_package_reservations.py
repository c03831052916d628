"""DeAllocatePackageReservationsCommand (page 20)."""

import pytest

from packhouse.inventory.models import Movement, Reservation, Stock
from packhouse.kernel.errors import UnknownParameter, WrongState
from packhouse.orders.models import StatusReport
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_location, a_package
from tests.commands.running import an_actor, events_of, refuse, run

pytestmark = pytest.mark.django_db
DEALLOCATE = "PKG_DEALLOCATE_RESERVATIONS"


def test_reservations_go_and_the_units_leave_the_count_with_them() -> None:
    package = a_package(items=2)

    run(package, DEALLOCATE)

    assert package.state == P.PREPARING
    assert {item.state for item in package.items.all()} == {P.PREPARING}
    assert not Reservation.objects.exists()
    assert {(row.on_hand, row.reserved) for row in Stock.objects.all()} == {(99, 0)}
    assert {item.taken for item in package.items.all()} == {1}
    assert set(Movement.objects.values_list("kind", "delta")) == {("taken", -1)}
    assert events_of(package) == ["package.status.transitioned", "package.status.preparing"]


def test_neither_order_items_nor_the_back_office_nor_the_quota_hear_of_it() -> None:
    package = a_package(items=1)

    run(package, DEALLOCATE)

    assert package.order.items.get().state == "400"
    assert not StatusReport.objects.exists()
    package.stock_location.refresh_from_db()
    assert package.stock_location.quota == 1


def test_packed_afterwards_the_units_leave_the_count_once() -> None:
    package = a_package(items=1)
    run(package, DEALLOCATE)

    run(package, "CompletePackagingCommand")

    assert Stock.objects.get().on_hand == 99


def test_a_stock_service_of_the_brand_keeps_its_own_count() -> None:
    package = a_package(items=1, stock_location=a_location(engine=2))

    run(package, DEALLOCATE)

    assert (Stock.objects.get().on_hand, Stock.objects.get().reserved) == (100, 0)


def test_refusals_change_nothing() -> None:
    refuse(a_package(), DEALLOCATE, UnknownParameter, "input_parameters.colour", colour="red")
    refuse(a_package(state=P.PREPARING), DEALLOCATE, WrongState, "transition", actor=an_actor())
