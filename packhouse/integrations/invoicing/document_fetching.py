"""A copy of the document behind the address that an invoice service answered (page 80, 1.2)."""

from typing import Final

from packhouse.commands.invoicing.invoice_records import keep_document, subject_of, under_lock
from packhouse.integrations.addresses import origin_of
from packhouse.integrations.failures import OutsideFailure, TemporaryFailure
from packhouse.integrations.fetching import fetch
from packhouse.integrations.invoicing.call import remote_call
from packhouse.integrations.patience import TryLater
from packhouse.invoicing.documents import LARGEST, type_of
from packhouse.invoicing.models import Document, Invoice
from packhouse.kernel import exceptions
from packhouse.kernel.errors import PackhouseError

WAITS: Final = (10, 60, 300, 900)
DOCUMENT_MISSING: Final = "invoice_document_missing"


def fetch_document(invoice_id: int, *, attempts: int = 0) -> None:
    """Fetch it once and keep it; the address itself is what the back office gets.

    `attempts` made before this one. Raises TryLater for what may go well later, a few times; then, and for
    anything that is no document, a person is told.
    """
    invoice = Invoice.objects.filter(pk=invoice_id).first()
    url = _source(invoice) if invoice is not None else None
    if invoice is None or url is None or Document.objects.filter(invoice=invoice, is_current=True).exists():
        return
    try:
        content = fetch(url, largest=LARGEST, trusted=_trusted(invoice))
    except TemporaryFailure as failure:
        if attempts < len(WAITS):
            raise TryLater(max(WAITS[attempts], failure.retry_after or 0), failure.text) from None
        _report(invoice, failure)
        return
    except OutsideFailure as refusal:
        _report(invoice, refusal)
        return
    _keep(invoice, content)


def _source(invoice: Invoice) -> str | None:
    """What the service answered; an address of our own making shows the copy and is no source."""
    answer = invoice.answer or {}
    url = answer.get("e_archive_url")
    if url is None and invoice.public_key is None:
        url = invoice.e_archive_url
    return url if isinstance(url, str) else None


def _trusted(invoice: Invoice) -> list[tuple[str, str, int]]:
    """The service itself may stand in our own network: the installation has configured its address."""
    try:
        origin = origin_of(str(remote_call(invoice).remote_url))
    except PackhouseError:
        return []
    return [origin] if origin is not None else []


def _keep(invoice: Invoice, content: bytes) -> None:
    document_type = type_of(content)
    if document_type is None:
        _report(invoice, BadDocument("What the address shows is neither PDF, PNG, XML nor HTML."))
        return
    with under_lock(invoice.pk) as asked:
        if asked.invoice.state != "received":
            return
        asked.invoice.document_type = document_type
        asked.invoice.save(update_fields=["document_type"])
        keep_document(asked.invoice, content, document_type.value)
        exceptions.resolve(DOCUMENT_MISSING, asked.subject)
        if asked.is_the_invoice:
            asked.run.event("package.updated", "package", asked.owner_id)


class BadDocument(OutsideFailure):
    """Not a document we can show."""


def _report(invoice: Invoice, failure: OutsideFailure) -> None:
    exceptions.report(
        DOCUMENT_MISSING,
        subject_of(invoice),
        f"The document of {invoice.number} could not be fetched: {failure.text}",
        detail={"invoice": invoice.pk},
        action="retry",
    )
