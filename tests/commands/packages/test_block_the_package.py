"""BlockThePackageCommand and UnblockThePackageCommand (page 20)."""

import pytest

from packhouse.inventory.models import Reservation
from packhouse.kernel.errors import InvalidParameter, TransitionRefused, UnknownParameter
from packhouse.kernel.models import StateTransitionLog
from packhouse.packages.models import Package
from packhouse.packages.selectors import former_state
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package
from tests.commands.running import events_of, refuse, run
from tests.commands.samples import came_from

pytestmark = pytest.mark.django_db
BLOCK, UNBLOCK = "BlockThePackageCommand", "UNBLOCK_THE_PACKAGE"


@pytest.mark.parametrize("state", [P.WAITING, P.WAITING_REMOTE_ACTION, P.PREPARING, P.READY_FOR_PACKAGING])
def test_a_package_is_blocked_and_goes_back_where_it_was(state: P) -> None:
    package = a_package(state=state, items=1)

    run(package, BLOCK)

    assert package.state == P.BLOCKED
    assert former_state(package.pk) is state
    assert package.items.get().state == P.BLOCKED
    assert Reservation.objects.get().quantity == 1

    run(package, UNBLOCK)

    assert package.state == state
    assert events_of(package)[:2] == ["package.status.transitioned", "package.status.blocked"]


def test_who_asked_and_why_is_logged_and_the_token_is_not_kept() -> None:
    package = a_package()

    run(package, BLOCK, user="erp-7", token="very secret", reason="fraud check")

    attributes = StateTransitionLog.objects.get(object_id=package.pk).attributes
    assert (attributes["block.user"], attributes["block.reason"]) == ("erp-7", "fraud check")
    assert "very secret" not in str(attributes)


def test_blocking_keeps_the_unit_of_quota() -> None:
    package = a_package()

    run(package, BLOCK)

    package.stock_location.refresh_from_db()
    assert (package.holds_quota, package.stock_location.quota) == (True, 1)


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


def test_refusals_change_nothing() -> None:
    package = a_package()
    refuse(package, BLOCK, InvalidParameter, "input_parameters.reason", reason=7)
    refuse(package, BLOCK, UnknownParameter, "input_parameters.colour", colour="red")


@pytest.mark.parametrize("before", [P.PACKED, None])
def test_a_package_blocked_from_elsewhere_is_not_unblocked(before: P | None) -> None:
    package = a_package(state=P.BLOCKED)
    if before:
        came_from(package, before)

    error = refuse(package, UNBLOCK, TransitionRefused, "transition")

    assert (before.name if before else "not known") in error.text
