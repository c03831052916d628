"""Copies of documents are kept as long as the law wants, and no longer."""

from datetime import timedelta

import pytest

from packhouse.commands.invoicing.invoice_records import keep_document
from packhouse.integrations.invoicing import document_retention
from packhouse.invoicing.models import Document, Invoice
from packhouse.kernel import clock
from tests.builders import a_package, an_invoice
from tests.integrations.invoicing.world import setting

pytestmark = pytest.mark.django_db


def test_copies_go_when_their_time_is_over_and_invoices_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_retention, "BATCH", 2)
    setting("DOCUMENT_RETENTION_DAYS", {"invoices": 10, "others": 5})
    for _ in range(3):
        keep_document(an_invoice(package=a_package()), b"%PDF-1.4", "pdf")
    Document.objects.create(package=a_package(), kind="invoice", document_type="pdf", content=b"%PDF-1.4")

    with clock.frozen(clock.now() + timedelta(days=9)):
        assert document_retention.forget_documents() == 0
    with clock.frozen(clock.now() + timedelta(days=11)):
        assert document_retention.forget_documents() == 3

    assert (Document.objects.count(), Invoice.objects.count()) == (1, 3)
