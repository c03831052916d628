"""BlockThePackageCommand (page 20)."""

import pytest

from packhouse.inventory.models import Reservation
from packhouse.kernel.errors import InvalidParameter, UnknownParameter
from packhouse.kernel.models import StateTransitionLog
from packhouse.packages.selectors import former_state
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package
from tests.commands.running import events_of, refuse, run

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


def test_refusals_change_nothing() -> None:
    package = a_package()
    refuse(package, BLOCK, InvalidParameter, "input_parameters.reason", reason=7)
    refuse(package, BLOCK, UnknownParameter, "input_parameters.colour", colour="red")
