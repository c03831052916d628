"""ReleaseFromCancellationCommand (page 20): the system alone runs it."""

import pytest

from packhouse.inventory.models import Reservation
from packhouse.kernel.errors import PermissionDenied, TransitionRefused, WrongState
from packhouse.packages.states import PackageStatus as P
from packhouse.transfers.states import TransferStatus
from tests.builders import a_package, a_transfer
from tests.commands.running import an_actor, refuse, run
from tests.commands.samples import came_from

pytestmark = pytest.mark.django_db
HOLD, RELEASE = "HoldForCancellationCommand", "ReleaseFromCancellationCommand"


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


def test_refusals_change_nothing() -> None:
    package = a_package()
    run(package, HOLD)
    refuse(package, RELEASE, PermissionDenied, "detail", actor=an_actor())
    refuse(a_package(), RELEASE, WrongState, "transition")
