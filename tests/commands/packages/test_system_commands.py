"""The commands only the system runs: HoldForCancellation, ReleaseFromCancellation, MarkStaleWaiting (page 20)."""

import pytest

from packhouse.commands.packages.hold_for_cancellation import HELD_FROM
from packhouse.inventory.models import Reservation, Stock
from packhouse.kernel.errors import PermissionDenied, TransitionRefused
from packhouse.packages.states import PackageStatus as P
from packhouse.transfers.states import TransferStatus
from tests.builders import a_package, a_transfer
from tests.commands.running import an_actor, refuse, run
from tests.commands.samples import came_from

pytestmark = pytest.mark.django_db
HOLD, RELEASE, STALE = (
    "HoldForCancellationCommand",
    "ReleaseFromCancellationCommand",
    "MarkStaleWaitingCommand",
)


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


@pytest.mark.parametrize("arrives", [True, False])
def test_a_package_that_waited_for_transfers_waits_on_unless_all_are_in(arrives: bool) -> None:
    package = a_package(state=P.WAITING_FOR_TRANSFER, items=1)
    transfer = a_transfer(package=package, state=TransferStatus.IN_TRANSIT)
    run(package, HOLD)
    if arrives:
        run(transfer, "TransferDeliveredCommand")

    run(package, RELEASE)

    assert package.state == (P.WAITING if arrives else P.WAITING_FOR_TRANSFER)
    assert Reservation.objects.count() == int(arrives)


def test_a_package_held_from_nowhere_is_not_released() -> None:
    package = a_package(state=P.CANCELLATION_WAITING)
    came_from(package, P.SHIPPED)

    refuse(package, RELEASE, TransitionRefused, "transition")


def test_a_stale_package_gives_up_its_promises_and_its_quota() -> None:
    package = a_package(items=1)

    run(package, STALE)

    assert package.state == P.STALE_WAITING
    assert (Stock.objects.get().on_hand, Stock.objects.get().reserved) == (100, 0)
    package.stock_location.refresh_from_db()
    assert package.stock_location.quota == 0


@pytest.mark.parametrize("command", [HOLD, RELEASE, STALE])
def test_callers_may_not(command: str) -> None:
    refuse(a_package(), command, PermissionDenied, "detail", actor=an_actor())
