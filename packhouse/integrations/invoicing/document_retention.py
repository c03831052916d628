"""How long copies of documents are kept (`DOCUMENT_RETENTION_DAYS`); invoices themselves stay."""

from typing import Final

from packhouse.invoicing.models import Document
from packhouse.kernel import clock

BATCH: Final = 500


def forget_documents() -> int:
    """Delete the copies whose time is over; how many. A batch is a transaction of its own."""
    total = 0
    while True:
        ids = list(Document.objects.filter(keep_until__lt=clock.now()).values_list("pk", flat=True)[:BATCH])
        if not ids:
            return total
        total += Document.objects.filter(pk__in=ids).delete()[0]
