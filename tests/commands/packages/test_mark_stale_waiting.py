"""MarkStaleWaitingCommand (page 20): the system alone runs it."""

import pytest

from packhouse.inventory.models import Stock
from packhouse.kernel.errors import PermissionDenied, WrongState
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package
from tests.commands.running import an_actor, refuse, run

pytestmark = pytest.mark.django_db
STALE = "MarkStaleWaitingCommand"


def test_a_stale_package_gives_up_its_promises_and_its_quota() -> None:
    package = a_package(items=1)

    run(package, STALE)

    assert package.state == P.STALE_WAITING
    assert (Stock.objects.get().on_hand, Stock.objects.get().reserved) == (100, 0)
    package.stock_location.refresh_from_db()
    assert package.stock_location.quota == 0


def test_refusals_change_nothing() -> None:
    refuse(a_package(), STALE, PermissionDenied, "detail", actor=an_actor())
    for state in (P.PREPARING, P.BLOCKED, P.PACKED, P.CANCELLED):
        refuse(a_package(state=state), STALE, WrongState, "transition")
