"""A despatch note entered by hand, because none came: `POST …/documents/` (page 80, 3)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

from django.db import transaction

from packhouse.commands.invoicing.invoice_records import OPEN, under_lock
from packhouse.invoicing.models import Document, DocumentType, Invoice, InvoiceKind, InvoiceState
from packhouse.kernel import clock, settings_store
from packhouse.kernel.engine import aggregate_of
from packhouse.kernel.errors import NotFound

_KINDS: Final = {"package_id": "package", "transfer_order_id": "transfer"}


@transaction.atomic
def enter_despatch(
    owner: Literal["package_id", "transfer_order_id"],
    owner_id: int,
    *,
    number: str,
    date: datetime,
    content: bytes | None = None,
    document_type: DocumentType | None = None,
) -> int:
    """Keep number, date and, if there is one, the document of a package or of a transfer order; the id of the
    kept document. What was asked for and has not come is no longer waited for; an older note stays as history.

    Raises NotFound.
    """
    kind = _KINDS[owner]
    if aggregate_of(kind).lock(owner_id) is None:
        raise NotFound(f"There is no {kind} {owner_id}.")
    belongs: dict[str, int] = {owner: owner_id}
    with under_lock(_row(belongs)) as asked:
        invoice = asked.invoice
        invoice.state = InvoiceState.RECEIVED
        invoice.number, invoice.date = number, date
        invoice.document_type = document_type
        invoice.claimed_until = invoice.next_try_date = None
        invoice.last_error = ""
        invoice.save()
        return _keep(belongs, invoice, content, document_type or DocumentType.URL)


def _row(owner: Mapping[str, int]) -> int:
    """The row that waits for the note, else a new one."""
    present = Invoice.objects.filter(**owner, kind=InvoiceKind.DESPATCH).exclude(state=InvoiceState.REPLACED)
    found = present.first()
    if found is not None and found.state in OPEN:
        return found.pk
    if found is not None:
        found.state = InvoiceState.REPLACED
        found.save(update_fields=["state"])
    made = Invoice.objects.create(**owner, kind=InvoiceKind.DESPATCH, state=InvoiceState.NONE)
    return made.pk


def _keep(
    owner: Mapping[str, int], invoice: Invoice, content: bytes | None, document_type: DocumentType
) -> int:
    now = clock.now()
    before = Document.objects.filter(**owner, kind=InvoiceKind.DESPATCH, is_current=True)
    before.update(is_current=False, modified_date=now)
    kept = Document.objects.create(
        **owner,
        invoice=invoice,
        kind=InvoiceKind.DESPATCH,
        number=invoice.number,
        date=invoice.date,
        document_type=document_type,
        content=content,
        keep_until=now + timedelta(days=settings_store.get("DOCUMENT_RETENTION_DAYS")["others"]),
    )
    return kept.pk
