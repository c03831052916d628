"""UnblockThePackageCommand (page 20)."""

import pytest

from packhouse.inventory.models import Reservation
from packhouse.kernel.errors import TransitionRefused, UnknownParameter, WrongState
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package
from tests.commands.running import an_actor, events_of, refuse, run
from tests.commands.samples import came_from

pytestmark = pytest.mark.django_db
BLOCK, UNBLOCK = "BlockThePackageCommand", "UNBLOCK_THE_PACKAGE"


def test_what_remains_of_a_blocked_package_after_a_partial_cancel_can_be_unblocked() -> None:
    package = a_package(state=P.PREPARING, items=2)
    run(package, BLOCK)
    first = package.items.order_by("id").first()
    assert first is not None

    run(package, "CancelPackageCommand", package_items=[{"id": first.pk}])

    rest = Package.objects.get(previous_package=package)
    assert rest.state == P.BLOCKED
    run(rest, UNBLOCK)
    assert rest.state == P.PREPARING


@pytest.mark.parametrize("before", [P.PACKED, None])
def test_a_package_blocked_from_elsewhere_is_not_unblocked(before: P | None) -> None:
    package = a_package(state=P.BLOCKED)
    if before:
        came_from(package, before)

    error = refuse(package, UNBLOCK, TransitionRefused, "transition")

    assert (before.name if before else "not known") in error.text


@pytest.mark.parametrize("state", [P.WAITING, P.WAITING_REMOTE_ACTION, P.PREPARING, P.READY_FOR_PACKAGING])
def test_a_package_goes_back_to_the_state_before(state: P) -> None:
    package = a_package(state=state, items=1)
    run(package, BLOCK)

    run(package, UNBLOCK)

    assert package.state == state
    assert {item.state for item in package.items.all()} == {state}
    assert Reservation.objects.get().quantity == 1
    assert events_of(package)[2:] == ["package.status.transitioned", f"package.status.{state.name.lower()}"]


def test_refusals_change_nothing() -> None:
    package = a_package()
    run(package, BLOCK)
    refuse(package, UNBLOCK, UnknownParameter, "input_parameters.reason", reason="paid")
    refuse(a_package(), UNBLOCK, WrongState, "transition", actor=an_actor())
