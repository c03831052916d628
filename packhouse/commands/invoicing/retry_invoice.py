"""Asking for an invoice again by hand (page 80, 1.3): `POST /packages/{id}/invoice/retry/`."""

from packhouse.commands.invoicing.invoice_records import under_lock
from packhouse.invoicing.messages import RequestInvoice
from packhouse.invoicing.models import Invoice, InvoiceKind, InvoiceState
from packhouse.kernel import outbox
from packhouse.kernel.errors import NotFound, TransitionRefused


def retry_invoice(package_id: int, kind: InvoiceKind = InvoiceKind.INVOICE) -> int:
    """Ask again for what failed, under the same `request_id`; the invoice row's id.

    Raises NotFound when nothing of the kind was asked for; TransitionRefused for anything but `failed`.
    """
    found = (
        Invoice.objects.filter(package_id=package_id, kind=kind).exclude(state=InvoiceState.REPLACED).first()
    )
    if found is None:
        raise NotFound(f"No {kind.value} was asked for package {package_id}.")
    return ask_again(found.pk)


def ask_again(invoice_id: int, *, hurry: bool = False) -> int:
    """As `retry_invoice`, for this row. `hurry`: one that waits for its next try is tried at once."""
    with under_lock(invoice_id) as asked:
        invoice = asked.invoice
        if hurry and invoice.state == InvoiceState.PENDING:
            outbox.hurry(RequestInvoice(invoice_id=invoice.pk))
            return int(invoice.pk)
        if invoice.state != InvoiceState.FAILED:
            raise TransitionRefused(
                f"The {invoice.kind} is {invoice.state}; only what failed is asked for again."
            )
        invoice.state = InvoiceState.PENDING
        invoice.first_try_date = invoice.next_try_date = None
        invoice.tries = 0
        invoice.save()
        asked.run.send(RequestInvoice(invoice_id=invoice.pk))
    return invoice_id
