"""UpdateShipmentInfoOfThePackageCommand (page 20)."""

import pytest

from packhouse.kernel.errors import (
    InvalidParameter,
    MissingParameter,
    WrongState,
)
from packhouse.orders.models import StatusReport
from packhouse.packages.states import PackageStatus as P
from packhouse.shipments.models import Shipment
from tests.builders import a_cargo_company, a_package, a_shipment
from tests.commands.running import an_actor, events_of, refuse, run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
INFO = "UpdateShipmentInfoOfThePackageCommand"


@pytest.mark.parametrize("state", [P.PACKED, P.SHIPPED, P.DELIVERED, P.ATTEMPTED_DELIVERY])
def test_new_values_are_kept_tracked_labelled_and_told(state: P) -> None:
    package = a_package(state=state, items=1)
    shipment = a_shipment(package=package, registration="registered", tracking_number="old")
    item = package.items.get().order_item
    StatusReport.objects.create(order=package.order, order_item=item, status="450", state="sent")

    run(package, INFO, tracking_number="T2", query_number="Q2")

    shipment.refresh_from_db()
    assert (shipment.tracking_number, shipment.query_number) == ("T2", "Q2")
    assert (shipment.next_poll_date is None) is (state is P.DELIVERED)
    assert package.state == state
    assert waiting_jobs("carriers.renew_labels") == [{"shipment_id": shipment.pk}]
    assert waiting_jobs("omnitron.sync_order_status") == [{"order_id": package.order_id}]
    assert StatusReport.objects.get(state="waiting").fields["tracking_number"] == "T2"
    assert events_of(package) == ["package.updated"]


def test_another_carrier_takes_over_and_the_old_account_is_not_polled() -> None:
    package, carrier = a_package(state=P.PACKED), a_cargo_company()
    shipment = a_shipment(package=package, registration="registered")

    run(package, INFO, cargo_company=carrier.erp_code)

    shipment.refresh_from_db()
    assert (shipment.cargo_company, shipment.is_integrated, shipment.next_poll_date) == (
        carrier,
        False,
        None,
    )


def test_a_package_without_shipment_gets_one() -> None:
    package = a_package(state=P.PACKED)

    run(package, INFO, tracking_number="T3")

    assert Shipment.objects.get(package=package).tracking_number == "T3"
    assert events_of(package) == ["shipment.created", "package.updated"]


def test_refusals_change_nothing() -> None:
    package = a_package(state=P.PACKED)

    refuse(package, INFO, MissingParameter, "input_parameters")
    refuse(package, INFO, InvalidParameter, "input_parameters.cargo_company", cargo_company="nobody")
    refuse(package, INFO, InvalidParameter, "input_parameters.cargo_company", cargo_company=True)
    refuse(a_package(), INFO, WrongState, "transition", actor=an_actor(), tracking_number="T")
    refuse(package, INFO, InvalidParameter, "input_parameters.tracking_number", tracking_number="")
