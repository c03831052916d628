"""UpdateShipmentInfoOfThePackageCommand and UpdateShipmentLabelOfThePackageCommand (page 20)."""

import pytest

from packhouse.invoicing.models import Invoice
from packhouse.kernel.errors import (
    CarrierRefused,
    ForeignItem,
    InvalidParameter,
    MissingParameter,
    TransitionRefused,
)
from packhouse.kernel.models import Transition
from packhouse.kernel.version import raise_version
from packhouse.orders.models import StatusReport
from packhouse.packages.states import PackageStatus as P
from packhouse.shipments.models import Shipment, ShippingLabel
from tests.builders import a_cargo_company, a_package, a_shipment
from tests.commands.conftest import FakeCarriers
from tests.commands.running import events_of, refuse, run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
INFO, LABEL = "UpdateShipmentInfoOfThePackageCommand", "UPDATE_SHIPMENT_LABEL"


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


def test_refusals_of_new_values_change_nothing() -> None:
    package = a_package(state=P.PACKED)

    refuse(package, INFO, MissingParameter, "input_parameters")
    refuse(package, INFO, InvalidParameter, "input_parameters.cargo_company", cargo_company="nobody")
    refuse(package, INFO, InvalidParameter, "input_parameters.tracking_number", tracking_number="")


@pytest.mark.parametrize("state", [P.PREPARING, P.PACKED, P.SHIPPED])
def test_the_label_is_renewed_and_the_old_one_kept_as_history(state: P) -> None:
    package = a_package(state=state)
    shipment = a_shipment(package=package, registration="registered", label=True)

    run(package, LABEL, package_items=[])

    assert package.state == state
    old, new = ShippingLabel.objects.order_by("id")
    assert (old.is_current, new.is_current) == (False, True)
    assert bytes(new.content) == f"%PDF-1.4 label of {shipment.pk}".encode()
    assert events_of(package) == ["package.updated"]


def test_a_package_that_waited_for_its_label_is_packed() -> None:
    Transition.objects.filter(command="UpdateShipmentLabelOfThePackageCommand").update(
        configuration={"remote_invoice_call": {"remote_url": "http://127.0.0.1:9/i"}}
    )
    raise_version()
    package = a_package(state=P.WAITING_CARGO_LABEL, items=1)
    a_shipment(package=package, registration="registered")

    run(package, LABEL, package_items=[])

    assert package.state == P.PACKED
    assert package.order.items.get().state == "450"
    assert Invoice.objects.get().state == "pending"


def test_refusals_of_a_label_change_nothing(carriers: FakeCarriers) -> None:
    package, other = a_package(state=P.PACKED, items=1), a_package(items=1)
    foreign = other.items.get().pk

    refuse(package, LABEL, MissingParameter, "input_parameters.package_items")
    refuse(package, LABEL, TransitionRefused, "transition", package_items=[])
    a_shipment(package=package, registration="registered")
    refuse(package, LABEL, ForeignItem, "input_parameters.package_items.0", package_items=[foreign])
    carriers.refusal = "no label yet"
    assert "no label yet" in refuse(package, LABEL, CarrierRefused, "detail", package_items=[]).text
