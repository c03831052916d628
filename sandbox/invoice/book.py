"""The invoices made: one per request id, numbered without gaps, the same answer for the same request."""

from __future__ import annotations

import base64
import secrets
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.invoice.document import invoice_pdf

SERIES = {"despatch": "SBD"}
DEFAULT_SERIES = "SBX"


@dataclass
class Invoice:
    """One thing made. `status` is `made`, `accepted` (its number still to come) or `cancelled`."""

    request_id: str
    path: str
    request: dict[str, Any]
    number: str
    date: str
    status: str = "made"
    repeats: int = 0
    ettn: str = field(default_factory=lambda: str(uuid.uuid4()))
    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        kind: str = self.request["kind"]
        return kind

    def pdf(self) -> bytes:
        """The document; the same bytes each time."""
        return invoice_pdf(self.number, self.date, self.request)

    def row(self) -> dict[str, Any]:
        """What `/_sandbox/invoices/` shows of it."""
        package, order = self.request.get("package") or {}, self.request.get("order") or {}
        return {
            "request_id": self.request_id,
            "kind": self.kind,
            "path": self.path,
            "status": self.status,
            "number": self.number,
            "date": self.date,
            "package": package.get("number"),
            "order": order.get("number"),
            "total": (self.request.get("amounts") or {}).get("total"),
            "repeats": self.repeats,
            "answer": {key: value for key, value in self.answer.items() if key != "document"},
        }


class InvoiceBook:
    """Everything made since the start, in order."""

    def __init__(self) -> None:
        self.by_request: dict[str, Invoice] = {}
        self._by_token: dict[str, Invoice] = {}
        self._last: Counter[str] = Counter()

    def make(self, request: dict[str, Any], path: str) -> Invoice:
        """Enter a checked request. A number the caller has allotted is kept, else the next of the series is
        taken; a cancellation marks the invoice it names, when it was made here."""
        now = datetime.now(UTC)
        number = request.get("invoice_number") or self._next_number(request["kind"], now.year)
        date = now.isoformat(timespec="seconds").replace("+00:00", "Z")
        invoice = Invoice(request["request_id"], path, request, number, date)
        if invoice.kind == "invoice_cancellation":
            self._cancel(number)
        self.by_request[invoice.request_id] = invoice
        self._by_token[invoice.token] = invoice
        return invoice

    def of_token(self, token: str) -> Invoice | None:
        """The invoice whose document is served under this token."""
        return self._by_token.get(token)

    def _next_number(self, kind: str, year: int) -> str:
        series = f"{SERIES.get(kind, DEFAULT_SERIES)}{year}"
        self._last[series] += 1
        return f"{series}{self._last[series]:09d}"

    def _cancel(self, number: str) -> None:
        for made in self.by_request.values():
            if made.number == number and made.kind != "invoice_cancellation":
                made.status = "cancelled"


def answer_of(invoice: Invoice, base_url: str, *, with_document: bool) -> dict[str, Any]:
    """The body of a successful answer, with the document itself or with a URL that serves it."""
    match invoice.kind:
        case "invoice_notification":
            return {}
        case "invoice_cancellation":
            return {"invoice_number": invoice.number, "cancelled_date": invoice.date}
        case "despatch":
            answer: dict[str, Any] = {"despatch_number": invoice.number, "despatch_date": invoice.date}
        case _:
            answer = {"invoice_number": invoice.number, "invoice_date": invoice.date}
    if with_document:
        answer["document"] = base64.b64encode(invoice.pdf()).decode()
        answer["document_type"] = "pdf"
    else:
        answer["e_archive_url"] = f"{base_url}/documents/{invoice.token}.pdf"
    return {**answer, "ettn": invoice.ettn, "lines": []}
