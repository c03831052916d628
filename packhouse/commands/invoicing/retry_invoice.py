"""Asking for an invoice again by hand (page 80, 1.3): `POST /packages/{id}/invoice/retry/`."""

from packhouse.commands.invoicing.invoice_records import under_lock
from packhouse.invoicing.messages import RequestInvoice
from packhouse.invoicing.models import Invoice, InvoiceKind, InvoiceState
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
    with under_lock(found.pk) as asked:
        invoice = asked.invoice
        if invoice.state != InvoiceState.FAILED:
            raise TransitionRefused(
                f"The {kind.value} is {invoice.state}; only what failed is asked for again."
            )
        invoice.state = InvoiceState.PENDING
        invoice.first_try_date = invoice.next_try_date = None
        invoice.tries = 0
        invoice.save()
        asked.run.send(RequestInvoice(invoice_id=invoice.pk))
    return int(found.pk)
