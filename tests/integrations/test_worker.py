"""From packing to label and invoice, through the job queue."""

from collections.abc import Iterator

import pytest
from procrastinate.contrib.django import app

from packhouse.invoicing.messages import RequestInvoice
from packhouse.invoicing.models import Document
from packhouse.kernel import engine, outbox
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.models import ExceptionEntry
from packhouse.shipments.models import Shipment
from sandbox.carrier.app import CarrierSandbox
from sandbox.invoice.app import InvoiceSandbox
from sandbox.serve import Running
from tests.builders import a_package
from tests.integrations.carriers.world import a_carrier, an_order_to_ankara
from tests.integrations.invoicing.world import configure, invoice_of, setting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def partners() -> Iterator[tuple[str, str]]:
    carrier, invoice = CarrierSandbox(script="none"), InvoiceSandbox()
    with Running(carrier.app) as at_carrier, Running(invoice.app) as at_invoice:
        yield at_carrier.url, at_invoice.url


def work() -> None:
    """Do every waiting job of outside systems, in this process."""
    with app.replace_connector(app.connector.get_worker_connector()) as worker:
        worker.run_worker(
            queues=["carriers", "invoicing"], wait=False, install_signal_handlers=False, listen_notify=False
        )


def test_a_package_is_packed_registered_labelled_and_invoiced(partners: tuple[str, str]) -> None:
    at_carrier, at_invoice = partners
    setting("INVOICE_INLINE_SECONDS", 0)
    configure({"remote_url": f"{at_invoice}/invoices"}, "CompletePackagingCommand")
    package = a_package(order=an_order_to_ankara(cargo_company=a_carrier(at_carrier)))

    engine.execute("package", Call(package.pk, slug="CompletePackagingCommand"), SYSTEM)
    outbox.hurry(RequestInvoice(invoice_id=invoice_of(package).pk))
    work()

    shipment = Shipment.objects.get(package=package)
    assert (shipment.registration, shipment.status) == ("registered", "CREATED")
    assert [label.file_format for label in shipment.labels.all()] == ["pdf"]
    assert not ExceptionEntry.objects.exists()
    invoice = invoice_of(package)
    assert (invoice.state, invoice.document_type) == ("received", "pdf")
    assert Document.objects.filter(invoice=invoice, content__isnull=False).exists()
