"""Labels of several shipments as one file (page 80, 2.5)."""

import io
from collections.abc import Iterable
from typing import Literal

from pypdf import PdfReader, PdfWriter

BundleFormat = Literal["pdf", "zpl"]


class UnreadableLabel(ValueError):
    """What a carrier sent as PDF is none. `position`: the label's, from 0."""

    def __init__(self, position: int) -> None:
        super().__init__(f"label {position} cannot be read as PDF")
        self.position = position


def bundle(contents: Iterable[bytes], file_format: BundleFormat) -> bytes:
    """All of them after each other, pages as they are. Raises UnreadableLabel."""
    if file_format == "zpl":
        return b"".join(content.rstrip() + b"\n" for content in contents)
    writer = PdfWriter()
    for position, content in enumerate(contents):
        try:
            for page in PdfReader(io.BytesIO(content)).pages:
                writer.add_page(page)
        except Exception as failure:  # whatever the reader finds wrong with a carrier's file
            raise UnreadableLabel(position) from failure
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()
