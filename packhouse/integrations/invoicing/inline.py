"""The moment in which the request that packed waits for its invoice itself (page 80, 1.3).

Mostly the invoice is there when the command answers; what is not there in time is a worker's, which was
scheduled with the commit. At most a quarter of the server's threads wait at a time.
"""

import logging
import threading
from collections.abc import Sequence

from django.conf import settings

from packhouse.integrations.invoicing.course import ask_within
from packhouse.invoicing.messages import RequestInvoice
from packhouse.invoicing.models import Invoice, InvoiceKind, InvoiceState
from packhouse.kernel import settings_store
from packhouse.kernel.outbox import Message

logger = logging.getLogger(__name__)

_places = threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 4))


def wait_for(messages: Sequence[Message]) -> None:
    """Ask for the invoice among `messages`, for at most `INVOICE_INLINE_SECONDS` (0: never).

    To be called after the commit, outside of any transaction. Whatever goes wrong is left to the worker.
    """
    requested = [message.invoice_id for message in messages if isinstance(message, RequestInvoice)]
    seconds = settings_store.get("INVOICE_INLINE_SECONDS") if requested else 0
    if not seconds or not _places.acquire(blocking=False):
        return
    try:
        invoice_id = _the_invoice(requested)
        if invoice_id is not None:
            ask_within(invoice_id, seconds)
    except Exception:
        logger.exception("asking for an invoice within the request failed; a worker goes on")
    finally:
        _places.release()


def _the_invoice(ids: Sequence[int]) -> int | None:
    """The one that the back office's status waits for; bills and notifications are the worker's."""
    return (
        Invoice.objects.filter(pk__in=ids, kind=InvoiceKind.INVOICE, state=InvoiceState.PENDING)
        .values_list("pk", flat=True)
        .first()
    )
