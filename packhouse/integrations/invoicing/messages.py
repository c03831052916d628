"""What the invoices' jobs ask of each other."""

from dataclasses import dataclass
from typing import ClassVar

from packhouse.kernel.outbox import Message


@dataclass(frozen=True)
class FetchDocument(Message):
    """Fetch the document behind the address that the service answered, and keep a copy."""

    task: ClassVar[str] = "invoicing.fetch_document"
    queue: ClassVar[str] = "invoicing"
    invoice_id: int

    def lock(self) -> str:
        return f"document-{self.invoice_id}"
