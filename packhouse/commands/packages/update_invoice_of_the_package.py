"""UpdateInvoiceOfThePackageCommand (page 20; page 80, 1.3): an invoice that somebody else made."""

import base64
import binascii
from datetime import timedelta

from pydantic import Field

from packhouse.commands.invoicing.invoice_records import keep_document
from packhouse.commands.invoicing.order_reports import report_invoice
from packhouse.commands.packages.effects import ask_for_invoice
from packhouse.invoicing.documents import LARGEST, MEGABYTES, type_of
from packhouse.invoicing.messages import FetchDocument, RequestInvoice
from packhouse.invoicing.models import DocumentType, Invoice, InvoiceKind, InvoiceState
from packhouse.kernel import clock, exceptions, wire
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import InvalidParameter, MissingParameter
from packhouse.kernel.params import Params, When
from packhouse.orders.messages import SyncOrderStatus
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PACKED_AND_LATER

PATH = "input_parameters.document"
_SKEW = timedelta(days=1)
_ADDRESS = ("https://", "http://")


class InvoiceParams(Params):
    """At least a number, a date or a document."""

    invoice_number: str | None = Field(default=None, min_length=1, max_length=64)
    """As printed on it."""

    invoice_date: When | None = None
    """Not in the future."""

    document_type: DocumentType | None = None
    """What `document` is; left out: seen by its content."""

    document: str | None = Field(default=None, min_length=1)
    """Base64, or an http address."""

    @property
    def says_something(self) -> bool:
        return any((self.invoice_number, self.invoice_date, self.document))

    @property
    def url(self) -> str | None:
        """The document's address, when that was sent: what no base64 can be, or what is called so."""
        is_address = self.document_type == DocumentType.URL or (self.document or "").startswith(_ADDRESS)
        return self.document if is_address else None


def not_in_the_future(package: PackageInHand, params: InvoiceParams) -> None:  # noqa: ARG001
    """By a day at most: clocks and time zones of others are not ours."""
    if params.invoice_date is not None and params.invoice_date > clock.now() + _SKEW:
        raise InvalidParameter({"input_parameters.invoice_date": ["The date lies in the future."]})


def document_fits(package: PackageInHand, params: InvoiceParams) -> None:  # noqa: ARG001
    """The document is what its type says; a type alone says nothing."""
    if params.document_type is not None and params.document is None:
        raise MissingParameter({PATH: ["A document type was sent without a document."]})
    if params.document is None:
        return
    if params.url is not None:
        if not params.url.startswith(_ADDRESS):
            raise InvalidParameter({PATH: ["This is no http address."]})
        return
    found = type_of(_content(params.document))
    if found is None or (params.document_type is not None and found != params.document_type):
        expected = params.document_type or "pdf, png, xml or html"
        raise InvalidParameter({PATH: [f"The document is not {expected}."]})


def _content(document: str) -> bytes:
    try:
        content = base64.b64decode(document, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidParameter({PATH: ["This is not base64."]}) from None
    if len(content) > LARGEST:
        raise InvalidParameter({PATH: [f"The document is larger than {MEGABYTES} MB."]})
    return content


@command(
    name="UpdateInvoiceOfThePackageCommand",
    on="package",
    title={"en": "Update invoice", "tr": "Faturayı güncelle"},
    moves=[(source, None) for source in PACKED_AND_LATER],
    params=InvoiceParams,
    requires=[not_in_the_future, document_fits],
    sends=[RequestInvoice, FetchDocument, SyncOrderStatus],
    events=["package.invoice.received", "package.updated"],
)
def update_invoice_of_the_package(package: PackageInHand, params: InvoiceParams, run: Run) -> None:
    """Invoice and a copy of the document are kept; what was there is replaced and stays as history. With
    `remote_invoice_call` and no number the service is asked anew. Omnitron gets number, date and address."""
    insisted = run.configuration.switches.get("remote_invoice_call") is True
    if not params.says_something and not insisted:
        raise MissingParameter(
            {"input_parameters": ["Send invoice_number, invoice_date or document, or remote_invoice_call."]}
        )
    present = (
        Invoice.objects.filter(package_id=package.id, kind=InvoiceKind.INVOICE)
        .exclude(state=InvoiceState.REPLACED)
        .first()
    )
    if params.invoice_number is None and run.configuration.invoice_call is not None:
        _ask_anew(package, present, run)
        return
    invoice = _replacing(package, present, params)
    if params.document is not None and params.url is None:
        keep_document(invoice, _content(params.document), str(invoice.document_type))
    elif params.url is not None:
        run.send(FetchDocument(invoice_id=invoice.pk))
    exceptions.resolve("invoice_failed", f"package/{package.id}")
    exceptions.resolve("invoice_awaited", f"package/{package.id}")
    run.event("package.invoice.received", "package", package.id)
    _tell_the_back_office(package, invoice, run)


def _ask_anew(package: PackageInHand, present: Invoice | None, run: Run) -> None:
    if present is not None and present.state == InvoiceState.RECEIVED:
        Invoice.objects.filter(pk=present.pk).update(state=InvoiceState.REPLACED, modified_date=clock.now())
    ask_for_invoice(package, run)
    run.event("package.updated", "package", package.id)


def _replacing(package: PackageInHand, present: Invoice | None, params: InvoiceParams) -> Invoice:
    """An open one is filled in; a received one is replaced by a row with what is new in it."""
    if present is not None and present.state == InvoiceState.RECEIVED:
        Invoice.objects.filter(pk=present.pk).update(state=InvoiceState.REPLACED, modified_date=clock.now())
        invoice = Invoice(
            package_id=package.id,
            kind=InvoiceKind.INVOICE,
            configuration=present.configuration,
            number=present.number,
            date=present.date,
            e_archive_url=present.e_archive_url,
            document_type=present.document_type,
        )
    else:
        invoice = present or Invoice(package_id=package.id, kind=InvoiceKind.INVOICE)
    invoice.state, invoice.last_error = InvoiceState.RECEIVED, ""
    invoice.command = "UpdateInvoiceOfThePackageCommand"
    invoice.claimed_until = invoice.next_try_date = None
    invoice.number = params.invoice_number or invoice.number
    invoice.date = params.invoice_date or invoice.date or clock.now()
    if params.document is not None:
        invoice.e_archive_url = params.url or invoice.e_archive_url
        invoice.document_type = DocumentType.URL if params.url else type_of(_content(params.document))
    invoice.save()
    return invoice


def _tell_the_back_office(package: PackageInHand, invoice: Invoice, run: Run) -> None:
    fields = {
        "invoice_number": invoice.number,
        "invoice_date": wire.optional_timestamp(invoice.date),
        "e_archive_url": invoice.e_archive_url,
    }
    given = {name: value for name, value in fields.items() if value}
    if run.configuration.sync and report_invoice(package.id, package.order_id, given):
        run.send(SyncOrderStatus(order_id=package.order_id))
