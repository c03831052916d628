"""`/d/{key}/`: a customer's own view of an invoice, behind an address nobody can guess (page 80, 1.3)."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from packhouse.commands.packages.packaging_document import packaging_document
from packhouse.invoicing.documents import MEDIA_TYPES
from packhouse.invoicing.models import Document, DocumentType, Invoice
from packhouse.kernel.errors import NotFound

_HEADERS: Final = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, max-age=0, must-revalidate",
}
# A page may run nothing, should a browser show it after all. A PDF is left out: viewers do not open in a sandbox.
_LOCKED: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
}
_SHOWN: Final = frozenset({DocumentType.PDF, DocumentType.PNG})


@require_safe
def public_document(request: HttpRequest, key: str) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """The kept copy, and the packaging document until there is one; 404 for a key that is unknown or revoked."""
    document = (
        Document.objects.filter(invoice__public_key=key, is_current=True, content__isnull=False)
        .order_by("-id")
        .first()
    )
    if document is None:
        return _packaging_document(key)
    document_type = DocumentType(document.document_type)
    name = f"{document.number or 'document'}.{document_type.value}"
    kept = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name)
    shown = "inline" if document_type in _SHOWN else "attachment"
    return HttpResponse(
        bytes(document.content or b""),
        content_type=MEDIA_TYPES[document_type],
        headers={
            **_HEADERS,
            **({} if document_type in _SHOWN else _LOCKED),
            "Content-Disposition": f'{shown}; filename="{kept.encode("ascii", "replace").decode()}"',
        },
    )


def _packaging_document(key: str) -> HttpResponse:
    invoice = Invoice.objects.filter(public_key=key, package__isnull=False).first()
    try:
        content = packaging_document(int(invoice.package_id or 0)) if invoice is not None else None
    except NotFound:
        content = None
    if content is None:
        return HttpResponse(
            "There is no document here.", status=404, content_type="text/plain", headers=_HEADERS
        )
    disposition = {"Content-Disposition": 'inline; filename="document.pdf"'}
    return HttpResponse(
        content, content_type=MEDIA_TYPES[DocumentType.PDF], headers={**_HEADERS, **disposition}
    )


urlpatterns = [path("d/<slug:key>/", public_document, name="public-document")]
