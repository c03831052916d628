"""Jobs of the invoice service. Tasks are named in messages; see `kernel/outbox.py`."""

from procrastinate import JobContext
from procrastinate.contrib.django import app

from packhouse.integrations.invoicing import course, document_fetching, document_retention, overdue
from packhouse.integrations.patience import Patient


@app.task(name="invoicing.request_invoice", queue="invoicing", retry=Patient())
def request_invoice(invoice_id: int) -> None:
    """Ask the customer's service for an invoice, a bill, a despatch note, a cancellation, or notify it."""
    course.request_invoice(invoice_id)


@app.task(name="invoicing.fetch_document", queue="invoicing", retry=Patient(), pass_context=True)
def fetch_document(context: JobContext, invoice_id: int) -> None:
    """Keep a copy of the document behind an answered address."""
    document_fetching.fetch_document(invoice_id, attempts=context.job.attempts)


@app.periodic(cron="*/10 * * * *")
@app.task(name="invoicing.report_overdue", queue="house", queueing_lock="invoicing.report_overdue")
def report_overdue(timestamp: int) -> None:  # noqa: ARG001 - given by the periodic deferrer
    """Invoices accepted long ago and not delivered are shown to a person."""
    overdue.report_overdue()


@app.periodic(cron="27 3 * * *")
@app.task(name="invoicing.forget_documents", queue="house", queueing_lock="invoicing.forget_documents")
def forget_documents(timestamp: int) -> None:  # noqa: ARG001 - given by the periodic deferrer
    """Copies of documents that need not be kept any longer are deleted."""
    document_retention.forget_documents()
