"""What is asked of the customer's invoice service, and of where it keeps its documents."""

from dataclasses import dataclass
from typing import ClassVar

from packhouse.kernel.outbox import Message


@dataclass(frozen=True)
class RequestInvoice(Message):
    """Ask the service configured on the invoice row (invoice, bill, despatch note, notification, cancellation)."""

    task: ClassVar[str] = "invoicing.request_invoice"
    queue: ClassVar[str] = "invoicing"
    invoice_id: int

    def lock(self) -> str:
        return f"invoice-{self.invoice_id}"


@dataclass(frozen=True)
class FetchDocument(Message):
    """Fetch the document behind the invoice's address, and keep a copy."""

    task: ClassVar[str] = "invoicing.fetch_document"
    queue: ClassVar[str] = "invoicing"
    invoice_id: int

    def lock(self) -> str:
        return f"document-{self.invoice_id}"
