"""UpdateInvoiceOfThePackageCommand (page 20; page 80, 1.3)."""

import base64
from datetime import timedelta

import pytest

from packhouse.invoicing.models import Document, Invoice
from packhouse.kernel import clock
from packhouse.kernel.errors import InvalidParameter, MissingParameter, NotConfigured
from packhouse.kernel.models import Transition
from packhouse.kernel.version import raise_version
from packhouse.orders.models import StatusReport
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package, an_invoice
from tests.commands.running import events_of, refuse, run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
UPDATE = "UpdateInvoiceOfThePackageCommand"
PDF = base64.b64encode(b"%PDF-1.4 invoice").decode()
ROOT = "input_parameters"


def told(package: Package) -> None:
    """The back office has heard of the packing."""
    for item in package.items.all():
        StatusReport.objects.create(
            order=package.order, order_item=item.order_item, status="450", state="sent"
        )


def test_invoice_and_document_are_kept_and_told() -> None:
    package = a_package(state=P.PACKED, items=1)
    told(package)
    date = clock.now() - timedelta(days=1)

    run(
        package, UPDATE, invoice_number="A1", invoice_date=date.isoformat(), document=PDF, document_type="pdf"
    )

    invoice = Invoice.objects.get()
    assert (invoice.state, invoice.number, invoice.date, invoice.document_type) == (
        "received",
        "A1",
        date,
        "pdf",
    )
    document = Document.objects.get(invoice=invoice)
    assert (bytes(document.content or b""), document.is_current) == (b"%PDF-1.4 invoice", True)
    assert StatusReport.objects.get(state="waiting").fields["invoice_number"] == "A1"
    assert events_of(package) == ["package.invoice.received"]
    assert package.state == P.PACKED


def test_an_address_is_what_the_back_office_gets() -> None:
    package = a_package(state=P.SHIPPED, items=1)
    told(package)

    run(
        package,
        UPDATE,
        invoice_number="A1",
        document="https://invoices.example.com/A1",
        document_type="url",
    )

    assert Invoice.objects.get().e_archive_url == "https://invoices.example.com/A1"
    fields = StatusReport.objects.get(state="waiting").fields
    assert fields["e_archive_url"] == "https://invoices.example.com/A1"
    invoice = Invoice.objects.get()
    assert waiting_jobs("invoicing.fetch_document") == [{"invoice_id": invoice.pk}]


def test_a_received_invoice_is_replaced_and_stays_as_history() -> None:
    package = a_package(state=P.DELIVERED)
    old = an_invoice(package=package, number="A1")

    run(package, UPDATE, invoice_number="A2")

    old.refresh_from_db()
    new = Invoice.objects.exclude(pk=old.pk).get()
    assert (old.state, new.state, new.number, new.date) == ("replaced", "received", "A2", old.date)


def test_an_awaited_invoice_is_filled_in() -> None:
    package = a_package(state=P.PACKED)
    awaited = an_invoice(package=package, state="awaited", number=None)  # type: ignore[arg-type]

    run(package, UPDATE, invoice_number="A1")

    awaited.refresh_from_db()
    assert (awaited.state, awaited.number, Invoice.objects.count()) == ("received", "A1", 1)


def test_the_service_is_asked_anew() -> None:
    Transition.objects.filter(command=UPDATE).update(
        configuration={"remote_invoice_call": {"remote_url": "http://127.0.0.1:9/i"}}
    )
    raise_version()
    package = a_package(state=P.PACKED)
    old = an_invoice(package=package)

    run(package, UPDATE, remote_invoice_call=True)

    new = Invoice.objects.exclude(pk=old.pk).get()
    assert new.state == "pending"
    assert waiting_jobs("invoicing.request_invoice") == [{"invoice_id": new.pk}]


def test_refusals_change_nothing() -> None:
    package = a_package(state=P.PACKED)
    future = (clock.now() + timedelta(days=2)).isoformat()

    refuse(package, UPDATE, MissingParameter, ROOT)
    refuse(package, UPDATE, NotConfigured, f"{ROOT}.remote_invoice_call", remote_invoice_call=True)
    refuse(package, UPDATE, InvalidParameter, f"{ROOT}.invoice_number", invoice_number="9" * 65)
    refuse(package, UPDATE, InvalidParameter, f"{ROOT}.invoice_date", invoice_date=future)
    refuse(package, UPDATE, InvalidParameter, f"{ROOT}.document", document="no base64!")
    refuse(package, UPDATE, InvalidParameter, f"{ROOT}.document", document=PDF, document_type="png")
    refuse(package, UPDATE, InvalidParameter, f"{ROOT}.document", document="ftp://x", document_type="url")
    refuse(package, UPDATE, MissingParameter, f"{ROOT}.document", document_type="pdf")
    large = base64.b64encode(b"%PDF-" + b"0" * (10 * 1024 * 1024)).decode()
    refuse(package, UPDATE, InvalidParameter, f"{ROOT}.document", document=large)
