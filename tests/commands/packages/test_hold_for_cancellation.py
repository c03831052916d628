"""HoldForCancellationCommand (page 20): the system alone runs it."""

import pytest

from packhouse.commands.packages.hold_for_cancellation import HELD_FROM
from packhouse.inventory.models import Reservation
from packhouse.kernel.errors import PermissionDenied, WrongState
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package
from tests.commands.running import an_actor, refuse, run

pytestmark = pytest.mark.django_db
HOLD, RELEASE = "HoldForCancellationCommand", "ReleaseFromCancellationCommand"


@pytest.mark.parametrize("state", [state for state in HELD_FROM if state is not P.WAITING_FOR_TRANSFER])
def test_a_held_package_goes_back_where_it_was(state: P) -> None:
    package = a_package(state=state, items=1)
    reserved = Reservation.objects.count()

    run(package, HOLD)

    assert package.state == P.CANCELLATION_WAITING
    assert Reservation.objects.count() == reserved
    package.stock_location.refresh_from_db()
    assert package.stock_location.quota == 1

    run(package, RELEASE)

    assert package.state == state
    package.stock_location.refresh_from_db()
    assert package.stock_location.quota == int(package.holds_quota)


def test_a_package_packed_before_keeps_the_time_of_its_packing() -> None:
    package = a_package(state=P.PACKED)
    packed = package.packed_date

    run(package, HOLD)
    run(package, RELEASE)

    assert package.packed_date == packed


def test_refusals_change_nothing() -> None:
    refuse(a_package(), HOLD, PermissionDenied, "detail", actor=an_actor())
    for state in (P.SHIPPED, P.BLOCKED, P.OUT_OF_STOCK, P.NEEDS_RESCHEDULING, P.CANCELLED):
        refuse(a_package(state=state), HOLD, WrongState, "transition")
