"""ShipThePackageCommand (page 20)."""

import pytest

from packhouse.invoicing.models import Invoice
from packhouse.kernel.errors import UnknownParameter, WrongState
from packhouse.kernel.models import Transition
from packhouse.kernel.version import raise_version
from packhouse.orders.models import StatusReport
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_cargo_company, a_package, a_shipment, an_invoice
from tests.commands.running import an_actor, events_of, refuse, run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
SHIP = "ShipThePackageCommand"


def test_order_items_are_shipped_and_carrier_and_number_told_and_no_carrier_is_called() -> None:
    package, carrier = a_package(state=P.PACKED, items=1), a_cargo_company()
    shipment = a_shipment(package=package, cargo_company=carrier, tracking_number="T9")

    run(package, SHIP)

    assert package.state == P.SHIPPED
    assert package.shipment_date is not None
    assert {item.state for item in package.items.all()} == {P.SHIPPED}
    assert package.order.items.get().state == "500"
    report = StatusReport.objects.get()
    assert (report.status, report.fields) == (
        "500",
        {"tracking_number": "T9", "shipping_company": carrier.shipping_company},
    )
    shipment.refresh_from_db()
    assert shipment.shipping_date is not None
    assert waiting_jobs("carriers.register_shipment") == []
    assert events_of(package) == ["package.status.transitioned", "package.status.shipped"]


def test_without_sync_the_back_office_is_not_told() -> None:
    package = a_package(state=P.PACKED, items=1)

    run(package, SHIP, sync_remote_order_status=False)

    assert package.order.items.get().state == "500"
    assert not StatusReport.objects.exists()


@pytest.mark.parametrize(("received", "kind"), [(True, "invoice_notification"), (False, "invoice")])
def test_the_invoice_service_is_notified_where_configured(received: bool, kind: str) -> None:
    Transition.objects.filter(command=SHIP).update(
        configuration={"remote_invoice_call": {"remote_url": "http://127.0.0.1:9/i"}}
    )
    raise_version()
    package = a_package(state=P.PACKED)
    if received:
        an_invoice(package=package)

    run(package, SHIP)

    assert Invoice.objects.filter(kind=kind, state="pending").count() == 1


def test_refusals_change_nothing() -> None:
    refuse(a_package(state=P.PACKED), SHIP, UnknownParameter, "input_parameters.colour", colour="red")
    refuse(a_package(state=P.SHIPPED), SHIP, WrongState, "transition", actor=an_actor())
