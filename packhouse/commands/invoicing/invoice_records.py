"""What an invoice service's answer does: written under the package's lock, told to subscribers and back office.

No caller runs these. Each function is a transaction of its own and finds the invoice as it stands then.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from packhouse.commands.invoicing.order_reports import report_invoice
from packhouse.invoicing import services
from packhouse.invoicing.messages import RequestInvoice
from packhouse.invoicing.models import Document, Invoice, InvoiceKind, InvoiceState
from packhouse.kernel import clock, exceptions, settings_store, wire
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.commands import Command
from packhouse.kernel.engine import Run, aggregate_of
from packhouse.kernel.outbox import SUBJECTS, Message
from packhouse.orders.messages import SyncOrderStatus
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus

INVOICE_FAILED = "invoice_failed"
INVOICE_LATE = "invoice_awaited"
INVOICE_OF_CANCELLED = "invoice_of_cancelled"
GIVEN_UP = frozenset({PackageStatus.CANCELLED.value, PackageStatus.PACKED_FOR_REFUND.value})
OPEN = (InvoiceState.PENDING, InvoiceState.AWAITED, InvoiceState.FAILED)


@dataclass(frozen=True, slots=True)
class GivenDocument:
    """An answer that fits. `content` is the document itself, `document_type` what it is by its content;
    `source_url`: where the service keeps it, when it did not send it."""

    number: str | None = None
    date: datetime | None = None
    e_archive_url: str | None = None
    content: bytes | None = None
    document_type: str | None = None
    ettn: str | None = None
    source_url: str | None = None
    raw: Mapping[str, Any] | None = None


@dataclass
class Asked:
    """An invoice under the lock of its package or transfer, and the run that tells of its changes."""

    invoice: Invoice
    kind: str
    owner_id: int
    run: Run

    @property
    def subject(self) -> str:
        return f"{SUBJECTS[self.kind]}/{self.owner_id}"

    @property
    def package(self) -> Package:
        return Package.objects.get(pk=self.owner_id)

    @property
    def is_the_invoice(self) -> bool:
        return self.kind == "package" and self.invoice.kind == InvoiceKind.INVOICE


def subject_of(invoice: Invoice) -> str:
    """How the exceptions list names what the invoice is for: `package/501`."""
    if invoice.package_id is not None:
        return f"{SUBJECTS['package']}/{invoice.package_id}"
    return f"{SUBJECTS['transfer']}/{invoice.transfer_order_id}"


@contextmanager
def under_lock(invoice_id: int) -> Iterator[Asked]:
    """The invoice as it stands, with its package or transfer locked until the end of the block."""
    found = Invoice.objects.get(pk=invoice_id)
    kind = "package" if found.package_id is not None else "transfer"
    owner_id = int(found.package_id or found.transfer_order_id or 0)
    with transaction.atomic():
        locked = aggregate_of(kind).lock(owner_id)
        if locked is None:
            raise LookupError(f"{kind} {owner_id}")
        run = Run(SYSTEM, _RECORD[kind], None, locked)
        yield Asked(Invoice.objects.get(pk=invoice_id), kind, owner_id, run)
        run.finish()


def record_received(invoice_id: int, given: GivenDocument, then: tuple[Message, ...] = ()) -> None:
    """Keep number, date, address and document; tell subscribers and the back office. `then` is sent with it.

    An invoice that somebody has entered meanwhile stays as it is. One for a package that was given up meanwhile
    is kept, and cancelled at the service or shown to a person.
    """
    with under_lock(invoice_id) as asked:
        invoice = asked.invoice
        if invoice.state not in OPEN:
            return
        _fill(invoice, given)
        if given.content is not None:
            keep_document(invoice, given.content, str(given.document_type))
        for kind in (INVOICE_FAILED, INVOICE_LATE):
            exceptions.resolve(kind, asked.subject)
        for message in then:
            asked.run.send(message)
        if asked.is_the_invoice:
            asked.run.event("package.invoice.received", "package", asked.owner_id)
            _tell_the_back_office(asked)
            if asked.package.state in GIVEN_UP:
                _give_back(asked)


def _fill(invoice: Invoice, given: GivenDocument) -> None:
    invoice.state = InvoiceState.RECEIVED
    invoice.number = given.number or invoice.number
    invoice.date = given.date or invoice.date
    invoice.e_archive_url = given.e_archive_url or invoice.e_archive_url
    invoice.document_type = given.document_type or invoice.document_type
    invoice.ettn = given.ettn
    invoice.answer = dict(given.raw) if given.raw is not None else None
    invoice.claimed_until = invoice.next_try_date = None
    invoice.last_error = ""
    invoice.save()


def keep_document(invoice: Invoice, content: bytes, document_type: str) -> None:
    """A copy of the document, the present one from now on; the one before stays as history."""
    now = clock.now()
    Document.objects.filter(invoice=invoice, is_current=True).update(is_current=False, modified_date=now)
    Document.objects.create(
        package_id=invoice.package_id,
        transfer_order_id=invoice.transfer_order_id,
        invoice=invoice,
        kind=invoice.kind,
        number=invoice.number,
        date=invoice.date,
        document_type=document_type,
        content=content,
        url=invoice.e_archive_url,
        keep_until=now + timedelta(days=settings_store.get("DOCUMENT_RETENTION_DAYS")["invoices"]),
    )


def _tell_the_back_office(asked: Asked) -> None:
    invoice = asked.invoice
    fields = {
        "invoice_number": invoice.number,
        "invoice_date": wire.optional_timestamp(invoice.date),
        "e_archive_url": invoice.e_archive_url,
    }
    _report(asked, {key: value for key, value in fields.items() if value})


def _report(asked: Asked, fields: Mapping[str, str]) -> None:
    order_id = asked.package.order_id
    if report_invoice(asked.owner_id, order_id, fields):
        asked.run.send(SyncOrderStatus(order_id=order_id))


def _give_back(asked: Asked) -> None:
    """The package was given up while its invoice was made."""
    invoice = asked.invoice
    if settings_store.get("INVOICE_CANCELLATION_CALL"):
        made = services.ask(
            asked.owner_id,
            InvoiceKind.CANCELLATION,
            configuration=invoice.configuration,
            command=invoice.command,
        )
        if made is not None:
            asked.run.send(RequestInvoice(invoice_id=made))
        return
    exceptions.report(
        INVOICE_OF_CANCELLED,
        asked.subject,
        f"Invoice {invoice.number} came for a package that was given up meanwhile.",
        detail={"invoice": invoice.pk},
    )


def record_awaited(invoice_id: int, raw: Mapping[str, Any] | None) -> None:
    """Accepted; the invoice comes later by command. A person is asked when it does not."""
    with under_lock(invoice_id) as asked:
        invoice = asked.invoice
        if invoice.state not in OPEN:
            return
        invoice.state = InvoiceState.AWAITED
        invoice.answer = dict(raw) if raw is not None else None
        invoice.claimed_until = None
        invoice.last_error = ""
        hours = settings_store.get("INVOICE_AWAIT_HOURS")
        invoice.next_try_date = clock.now() + timedelta(hours=hours)
        invoice.save()
        exceptions.resolve(INVOICE_FAILED, asked.subject)
        if asked.is_the_invoice:
            _report(asked, {})


def record_failed(invoice_id: int, text: str, *, answer: Mapping[str, Any] | None = None) -> None:
    """Not made, and not asked for again by itself; the service's text is shown."""
    with under_lock(invoice_id) as asked:
        invoice = asked.invoice
        if invoice.state != InvoiceState.PENDING:
            return
        invoice.state = InvoiceState.FAILED
        invoice.last_error = text
        invoice.answer = dict(answer) if answer is not None else None
        invoice.claimed_until = invoice.next_try_date = None
        invoice.save()
        _report_failure(asked.invoice, text, final=True)
        if asked.is_the_invoice:
            asked.run.event("package.invoice.failed", "package", asked.owner_id)
            _report(asked, {})


def record_delay(invoice_id: int, text: str, *, until: datetime) -> None:
    """Not made yet; a worker asks again at `until`. Shown in the exceptions list."""
    now = clock.now()
    waiting = Invoice.objects.filter(pk=invoice_id, state=InvoiceState.PENDING)
    if waiting.update(claimed_until=None, next_try_date=until, last_error=text, modified_date=now):
        _report_failure(Invoice.objects.get(pk=invoice_id), text, final=False)


def _report_failure(invoice: Invoice, text: str, *, final: bool) -> None:
    exceptions.report(
        INVOICE_FAILED,
        subject_of(invoice),
        f"{invoice.get_kind_display()} {invoice.request_id} was not made: {text}",
        detail={"invoice": invoice.pk, "kind": invoice.kind, "tries": invoice.tries, "final": final},
        action="retry",
    )


def _never(*_arguments: Any) -> None:
    raise AssertionError("answers are recorded by their functions, not run as commands")


_RECORD = {
    kind: Command(
        name="RecordInvoiceAnswer",
        on=kind,
        body=_never,
        title={"en": "Invoice service's answer", "tr": "Fatura servisinin yanıtı"},
        moves=(),
        system_only=True,
    )
    for kind in ("package", "transfer")
}
