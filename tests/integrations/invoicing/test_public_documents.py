"""The customer's view of an invoice."""

import pytest
from django.test import Client

from packhouse.invoicing.models import Document, DocumentType, Invoice
from tests.builders import a_package, an_invoice

pytestmark = pytest.mark.django_db
KEY = "0123456789abcdef0123456789abcdef"


def a_document(document_type: DocumentType, content: bytes) -> Invoice:
    invoice = an_invoice(package=a_package(), public_key=KEY, number='ABC"2026/1')
    Document.objects.create(
        invoice=invoice, kind="invoice", document_type=document_type, content=content, number=invoice.number
    )
    return invoice


def test_the_kept_copy_is_shown_without_a_key_and_not_indexed(client: Client) -> None:
    a_document(DocumentType.PDF, b"%PDF-1.4 x")

    answer = client.get(f"/d/{KEY}/")

    assert (answer.status_code, answer.content) == (200, b"%PDF-1.4 x")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'inline; filename="ABC_2026_1.pdf"'
    assert "noindex" in answer["X-Robots-Tag"]


def test_a_page_of_a_stranger_is_saved_and_never_run(client: Client) -> None:
    a_document(DocumentType.HTML, b"<html><script>alert(1)</script></html>")

    answer = client.get(f"/d/{KEY}/")

    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("key", [KEY, "f" * 32, "x"])
def test_without_a_document_or_revoked_there_is_nothing(client: Client, key: str) -> None:
    invoice = a_document(DocumentType.PDF, b"%PDF-1.4")
    Invoice.objects.filter(pk=invoice.pk).update(public_key=None)

    assert client.get(f"/d/{key}/").status_code == 404


def test_it_is_only_read(client: Client) -> None:
    assert client.post(f"/d/{KEY}/").status_code == 405
