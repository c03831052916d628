"""Labels of several shipments as one file (page 80, 2.5)."""

import io
from collections.abc import Iterable
from typing import Final, Literal

from pypdf import PdfReader, PdfWriter
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

BundleFormat = Literal["pdf", "zpl"]
_PNG: Final = b"\x89PNG"
_PAPER: Final = (100 * mm, 150 * mm)


class UnreadableLabel(ValueError):
    """What a carrier sent is neither PDF nor picture. `position`: the label's, from 0."""

    def __init__(self, position: int) -> None:
        super().__init__(f"label {position} cannot be read")
        self.position = position


def bundle(contents: Iterable[bytes], file_format: BundleFormat) -> bytes:
    """All of them after each other, pages as they are; a PNG fills a page of 100 x 150 mm. Raises UnreadableLabel."""
    if file_format == "zpl":
        return b"".join(content.rstrip() + b"\n" for content in contents)
    writer = PdfWriter()
    for position, content in enumerate(contents):
        try:
            page_source = _page_of(content) if content.startswith(_PNG) else content
            for page in PdfReader(io.BytesIO(page_source)).pages:
                writer.add_page(page)
        except Exception as failure:  # whatever the reader finds wrong with a carrier's file
            raise UnreadableLabel(position) from failure
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def _page_of(picture: bytes) -> bytes:
    """As large as fits, its sides in proportion."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=_PAPER, invariant=1)
    width, height = _PAPER
    canvas.drawImage(
        ImageReader(io.BytesIO(picture)),
        0,
        0,
        width,
        height,
        preserveAspectRatio=True,
        anchor="n",
        mask="auto",
    )
    canvas.save()
    return stream.getvalue()
