"""What the sandboxes' PDFs share: an embedded font that has the Turkish letters."""

from __future__ import annotations

from functools import cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont


@cache
def fonts() -> tuple[str, str]:
    """Names of the regular and the bold font: Bitstream Vera, which reportlab carries, registered once."""
    for name, file in (("Sandbox", "Vera.ttf"), ("Sandbox-Bold", "VeraBd.ttf")):
        pdfmetrics.registerFont(TTFont(name, file))
    return "Sandbox", "Sandbox-Bold"
