"""ReadyForPickupCommand (page 20)."""

import pytest

from packhouse.kernel.errors import UnknownParameter
from packhouse.orders.models import StatusReport
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package
from tests.commands.running import events_of, refuse, run

pytestmark = pytest.mark.django_db
READY = "ReadyForPickupCommand"


@pytest.mark.parametrize("state", [P.SHIPPED, P.PACKED])
def test_order_items_are_ready_for_pickup_and_that_is_told(state: P) -> None:
    package = a_package(state=state, items=1)

    run(package, READY)

    assert package.state == P.READY_FOR_PICKUP
    assert package.order.items.get().state == "520"
    assert StatusReport.objects.get().status == "520"
    assert events_of(package) == [
        "package.status.transitioned",
        "package.status.ready_for_pickup",
        "package.status.ready_for_customer",
    ]


def test_unknown_parameters_are_refused() -> None:
    package = a_package(state=P.PACKED)
    refuse(package, READY, UnknownParameter, "input_parameters.colour", colour="red")
