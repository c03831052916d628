"""What a document is, judged by its content, whatever it claims to be."""

import re
from typing import Final

from packhouse.invoicing.models import DocumentType

MEGABYTES: Final = 10
LARGEST: Final = MEGABYTES * 1024 * 1024
MEDIA_TYPES: Final = {
    DocumentType.PDF: "application/pdf",
    DocumentType.PNG: "image/png",
    DocumentType.XML: "application/xml",
    DocumentType.HTML: "text/html; charset=utf-8",
}
_LOOKED_AT: Final = 2048
_HTML: Final = re.compile(
    rb"\A(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_XML: Final = re.compile(rb"\A<(\?xml\b|[A-Za-z_])")


def type_of(content: bytes) -> DocumentType | None:
    """PDF, PNG, HTML or XML; None for anything else."""
    if content.startswith(b"%PDF-"):
        return DocumentType.PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return DocumentType.PNG
    start = content[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip()
    if _HTML.match(start):
        return DocumentType.HTML
    if _XML.match(start):
        return DocumentType.XML
    return None
