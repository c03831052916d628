"""Invoices that a service has accepted and never delivered (page 80, 1.2)."""

from typing import Final

from packhouse.commands.invoicing.invoice_records import INVOICE_LATE, subject_of
from packhouse.invoicing.models import Invoice, InvoiceState
from packhouse.kernel import clock, exceptions, settings_store

BATCH: Final = 500


def report_overdue() -> int:
    """Show a person what was accepted more than `INVOICE_AWAIT_HOURS` ago; each once. How many there were."""
    due = Invoice.objects.filter(state=InvoiceState.AWAITED, next_try_date__lte=clock.now())
    found = list(due.order_by("next_try_date")[:BATCH])
    for invoice in found:
        exceptions.report(
            INVOICE_LATE,
            subject_of(invoice),
            f"Invoice {invoice.request_id} was accepted and has not come within "
            f"{settings_store.get('INVOICE_AWAIT_HOURS')} hours.",
            detail={"invoice": invoice.pk},
        )
        Invoice.objects.filter(pk=invoice.pk, state=InvoiceState.AWAITED).update(next_try_date=None)
    return len(found)
