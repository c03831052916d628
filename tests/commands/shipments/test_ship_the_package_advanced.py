"""ShipThePackageAdvancedCommand (page 20)."""

import pytest

from packhouse.invoicing.models import Invoice
from packhouse.kernel.errors import (
    InvalidParameter,
    MissingParameter,
    NotConfigured,
)
from packhouse.kernel.models import Transition
from packhouse.kernel.version import raise_version
from packhouse.orders.models import StatusReport
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from packhouse.shipments.models import Shipment
from tests.builders import a_cargo_company, a_package, a_shipment, an_invoice
from tests.commands.running import refuse, run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
ADVANCED = "ShipThePackageAdvancedCommand"


def packed(items: int = 1) -> Package:
    return a_package(state=P.PACKED, items=items)


@pytest.mark.parametrize("by", ["id", "erp_code"])
def test_advanced_records_carrier_and_number_and_tells_them(by: str) -> None:
    package, carrier = packed(), a_cargo_company()

    run(
        package,
        ADVANCED,
        cargo_company=carrier.pk if by == "id" else carrier.erp_code,
        tracking_number="T5",
        tracking_url="https://track.example.com/T5",
    )

    shipment = Shipment.objects.get()
    assert (shipment.cargo_company, shipment.tracking_number) == (carrier, "T5")
    assert shipment.tracking_url == "https://track.example.com/T5"
    assert waiting_jobs("carriers.register_shipment") == []
    assert StatusReport.objects.get().fields == {
        "tracking_number": "T5",
        "shipping_company": carrier.shipping_company,
    }
    assert package.state == P.SHIPPED
    assert package.order.items.get().state == "500"


def test_advanced_writes_on_the_shipment_that_is_there() -> None:
    package, carrier = packed(), a_cargo_company()
    shipment = a_shipment(package=package, registration="failed", error="no such address")

    run(package, ADVANCED, cargo_company=carrier.pk, tracking_number="T5")

    shipment.refresh_from_db()
    assert (shipment.cargo_company, shipment.tracking_number, shipment.registration) == (
        carrier,
        "T5",
        "registered",
    )
    assert (shipment.is_integrated, shipment.error) == (False, None)


@pytest.mark.parametrize(("received", "kind"), [(True, "invoice_notification"), (False, "invoice")])
def test_the_invoice_service_is_told_where_configured(received: bool, kind: str) -> None:
    Transition.objects.filter(command=ADVANCED).update(
        configuration={"remote_invoice_call": {"remote_url": "http://127.0.0.1:9/i"}}
    )
    raise_version()
    package = packed()
    if received:
        an_invoice(package=package)

    run(package, ADVANCED, cargo_company=a_cargo_company().pk, tracking_number="T5")

    assert Invoice.objects.filter(kind=kind, state="pending").count() == 1


def test_refusals_change_nothing() -> None:
    package, carrier, old = packed(), a_cargo_company(), a_cargo_company(is_active=False)
    company, number = "input_parameters.cargo_company", "input_parameters.tracking_number"

    refuse(package, ADVANCED, MissingParameter, company, tracking_number="T")
    refuse(package, ADVANCED, MissingParameter, number, cargo_company=carrier.pk)
    refuse(package, ADVANCED, InvalidParameter, number, cargo_company=carrier.pk, tracking_number="")
    for unknown in ("nobody", 987654, old.pk, "9" * 30):
        refuse(package, ADVANCED, InvalidParameter, company, cargo_company=unknown, tracking_number="T")


def test_an_invoice_cannot_be_insisted_on_where_no_service_is_configured() -> None:
    refuse(
        packed(),
        ADVANCED,
        NotConfigured,
        "input_parameters.remote_invoice_call",
        cargo_company=a_cargo_company().pk,
        tracking_number="T",
        remote_invoice_call=True,
    )
