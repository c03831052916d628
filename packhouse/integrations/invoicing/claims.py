"""One caller at a time per invoice: the request that asked, or a worker."""

import secrets
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import connection

from packhouse.commands.invoicing.invoice_records import GIVEN_UP, Asked, under_lock
from packhouse.integrations.invoicing.request import request_body
from packhouse.invoicing.models import Invoice, InvoiceKind, InvoiceState
from packhouse.invoicing.series import DEFAULT_PREFIX, allot
from packhouse.kernel import clock
from packhouse.transfers.states import TransferStatus

MARGIN: Final = timedelta(seconds=10)

_CLAIM = """
UPDATE invoicing_invoice SET claimed_until = %(until)s, tries = tries + 1,
    first_try_date = coalesce(first_try_date, %(now)s), modified_date = %(now)s
WHERE id = %(id)s AND state = 'pending' AND (claimed_until IS NULL OR claimed_until <= %(now)s)
RETURNING id
"""


def claim(invoice_id: int, *, seconds: float) -> Invoice | None:
    """Take the invoice for a call of at most so many seconds, its request made; None: not to be asked now.

    A claim that nobody gives back ends by itself, so a killed caller holds up nothing.
    """
    now = clock.now()
    until = now + timedelta(seconds=seconds) + MARGIN
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"id": invoice_id, "now": now, "until": until})
        if cursor.fetchone() is None:
            return None
    invoice = Invoice.objects.get(pk=invoice_id)
    return invoice if invoice.request is not None else _prepared(invoice_id)


def give_back(invoice_id: int, *, text: str, counted: bool) -> None:
    """End the claim without a result; what was never sent is not counted as a try."""
    invoice = Invoice.objects.get(pk=invoice_id)
    invoice.claimed_until = None
    invoice.last_error = text
    if not counted and invoice.tries:
        invoice.tries -= 1
    invoice.save(update_fields=["claimed_until", "last_error", "tries"])


def _prepared(invoice_id: int) -> Invoice | None:
    """Freeze the request, with the number and the address that we allot ourselves."""
    with under_lock(invoice_id) as asked:
        invoice = asked.invoice
        if _is_given_up(asked):
            invoice.state = InvoiceState.NONE
            invoice.claimed_until = None
            invoice.last_error = "What it is for was given up before it was asked for."
            invoice.save()
            return None
        configuration = invoice.configuration
        if configuration.get("generate_invoice_number") and invoice.number is None:
            invoice.number = allot(_prefix(invoice))
        if configuration.get("generate_invoice_url") and invoice.public_key is None:
            invoice.public_key = secrets.token_hex(16)
            invoice.e_archive_url = f"{settings.PUBLIC_URL}/d/{invoice.public_key}/"
        invoice.request = request_body(invoice)
        invoice.save()
    return invoice


def _is_given_up(asked: Asked) -> bool:
    """Nothing is invoiced any more; cancelling an invoice still is."""
    if asked.invoice.kind == InvoiceKind.CANCELLATION:
        return False
    if asked.invoice.transfer_order is not None:
        return asked.invoice.transfer_order.state == TransferStatus.CANCELLED
    return asked.package.state in GIVEN_UP


def _prefix(invoice: Invoice) -> str:
    """`invoice_prefix` of the location's `conf`."""
    transfer, package = invoice.transfer_order, invoice.package
    location = transfer.source if transfer else package.stock_location if package else None
    return str((location.conf if location else {}).get("invoice_prefix") or DEFAULT_PREFIX)[:16]
