"""UpdatePackageShipmentStatusCommand (page 20)."""

from datetime import UTC, datetime, timedelta

import pytest

from packhouse.kernel import clock
from packhouse.kernel.errors import InvalidParameter, UnknownTransition, WrongState
from packhouse.kernel.machine import current
from packhouse.orders.models import StatusReport
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package, a_shipment
from tests.commands.running import an_actor, events_of, refuse, run

pytestmark = pytest.mark.django_db
UPDATE = "UpdatePackageShipmentStatusCommand"
CODES = {P.DELIVERED: "550", P.ATTEMPTED_DELIVERY: "540", P.READY_FOR_PICKUP: "520"}


SOURCES = (P.SHIPPED, P.ATTEMPTED_DELIVERY, P.DELIVERY_FAILED, P.READY_FOR_PICKUP, P.STALE_WAITING)
TARGETS = (P.DELIVERED, P.ATTEMPTED_DELIVERY, P.DELIVERY_FAILED, P.READY_FOR_PICKUP)
MOVES = [(source, target) for source in SOURCES for target in TARGETS if source is not target]


def slug_of(source: P, target: P) -> str:
    found = [row for row in current().from_state("package", source.value) if row.command == UPDATE]
    return next(row.slug for row in found if row.target == target.value)


@pytest.mark.parametrize(
    ("source", "target"),
    [(source, target) for source in SOURCES for target in TARGETS if source is not target],
)
def test_items_and_order_items_follow(source: P, target: P) -> None:
    package = a_package(state=source, items=1)

    run(package, slug_of(source, target), actor=an_actor())

    assert package.state == target
    assert {item.state for item in package.items.all()} == {target}
    if target in CODES:
        assert package.order.items.get().state == CODES[target]
    assert events_of(package)[:2] == [
        "package.status.transitioned",
        f"package.status.{target.name.lower()}",
    ]


def test_delivered_comes_first_where_commands_are_listed() -> None:
    found = [row for row in current().from_state("package", P.SHIPPED.value) if row.command == UPDATE]

    assert found[0].target == P.DELIVERED.value


@pytest.mark.parametrize(
    "given", ["2026-03-02T10:00:00+03:00", "2026-03-02T07:00:00Z", "2026-03-02T10:00:00"]
)
def test_the_date_of_delivery_is_kept_and_told_and_its_carrier_asked_no_more(given: str) -> None:
    package = a_package(state=P.SHIPPED, items=1)
    shipment = a_shipment(package=package, registration="registered", next_poll_date=clock.now())
    delivered = datetime(2026, 3, 2, 7, tzinfo=UTC)

    run(package, "delivered", delivered_date=given)

    shipment.refresh_from_db()
    assert (shipment.delivered_date, shipment.next_poll_date) == (delivered, None)
    assert package.order.items.get().delivered_date == delivered
    assert StatusReport.objects.get().fields["delivered_date"] == delivered.isoformat()


def test_refusals_change_nothing() -> None:
    package = a_package(state=P.SHIPPED)
    path = "input_parameters.delivered_date"
    future = (clock.now() + timedelta(hours=1)).isoformat()

    for wrong in (future, "yesterday", 7, True, "9999-12-31T23:59:59-12:00"):
        refuse(package, "delivered", InvalidParameter, path, delivered_date=wrong)
    refuse(a_package(state=P.PACKED), "delivered", WrongState, "transition", actor=an_actor())
    several = refuse(package, UPDATE, UnknownTransition, "slug", actor=an_actor())
    assert "delivery-failed" in several.text
