"""Labels as PDF, 100 x 150 mm, fonts embedded (page 80, 2.5)."""

import io
from collections.abc import Sequence
from functools import cache
from typing import Final

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from packhouse.integrations.carriers.label_sheet import LabelSheet, Party

WIDTH, HEIGHT = 100 * mm, 150 * mm
MARGIN: Final = 5 * mm
RIGHT: Final = WIDTH - MARGIN
# GS1 General Specifications for logistic labels: module, height, quiet zones of ten modules.
MODULE: Final = 0.495 * mm
SSCC_HEIGHT: Final = 32 * mm
QUIET_MODULES: Final = 10
TRACKING_HEIGHT: Final = 13 * mm
FNC1: Final = "\xf1"
CAPTION: Final = 5.5
REGULAR, BOLD = "PackhouseVera", "PackhouseVeraBold"


@cache
def _register_fonts() -> None:
    pdfmetrics.registerFont(TTFont(REGULAR, "Vera.ttf"))
    pdfmetrics.registerFont(TTFont(BOLD, "VeraBd.ttf"))


def label_pdf(sheets: Sequence[LabelSheet], *, compressed: bool = True) -> bytes:
    """One page per sheet; the same sheets give the same bytes."""
    _register_fonts()
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=int(compressed))
    canvas.setTitle(f"Label {sheets[0].order_number}" if sheets else "Label")
    for sheet in sheets:
        _draw(canvas, sheet)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _draw(canvas: Canvas, sheet: LabelSheet) -> None:
    y = HEIGHT - MARGIN - 4 * mm
    _line(canvas, sheet.carrier or "-", BOLD, 13, y, width=62 * mm)
    canvas.setFont(BOLD, 13)
    canvas.drawRightString(RIGHT, y, f"{sheet.position}/{sheet.count}")
    y = _party(canvas, "FROM / GÖNDEREN", sheet.sender, y - 4 * mm, 7)
    _rule(canvas, y)
    y = _party(canvas, "TO / ALICI", sheet.receiver, y - 3 * mm, 11)
    _rule(canvas, y)
    y -= 4.5 * mm
    _line(canvas, f"Order {sheet.order_number}", REGULAR, 9, y, width=60 * mm)
    if sheet.is_gift:
        canvas.setFont(BOLD, 9)
        canvas.drawRightString(RIGHT, y, "GIFT / HEDİYE")
    if sheet.collect:
        y -= 8 * mm
        _line(canvas, f"COLLECT {sheet.collect}", BOLD, 18, y)
    if sheet.tracking_number:
        _tracking(canvas, sheet.tracking_number, y - 3 * mm)
    _parcel_barcode(canvas, sheet)


def _party(canvas: Canvas, caption: str, party: Party, y: float, size: float) -> float:
    """Name, street and places (three lines at most), telephone; where it ends."""
    _line(canvas, caption, REGULAR, CAPTION, y)
    step = size * 1.25
    y -= step
    _line(canvas, party.name, BOLD, size, y)
    lines = [part for line in party.lines for part in simpleSplit(line, REGULAR, size, WIDTH - 2 * MARGIN)]
    for line in [*lines[:3], party.telephone]:
        if line:
            y -= step
            _line(canvas, line, REGULAR, size, y)
    return y - 2 * mm


def _line(
    canvas: Canvas, text: str, font: str, size: float, y: float, *, width: float = WIDTH - 2 * MARGIN
) -> None:
    """One line, made smaller and then cut so that it stays on the label."""
    while size > 6 and pdfmetrics.stringWidth(text, font, size) > width:
        size -= 0.5
    while text and pdfmetrics.stringWidth(text, font, size) > width:
        text = text[:-1]
    canvas.setFont(font, size)
    canvas.drawString(MARGIN, y, text)


def _rule(canvas: Canvas, y: float) -> None:
    canvas.setLineWidth(0.4)
    canvas.line(MARGIN, y, RIGHT, y)


def _tracking(canvas: Canvas, number: str, top: float) -> None:
    """The carrier's number, as Code 128 where it can be said in it."""
    y = top - TRACKING_HEIGHT
    if number.isascii() and number.isprintable():
        code = _code128(number, TRACKING_HEIGHT, 0.33 * mm)
        code.drawOn(canvas, (WIDTH - code.width) / 2, y)
    canvas.setFont(REGULAR, 9)
    canvas.drawCentredString(WIDTH / 2, y - 4 * mm, number)


def _parcel_barcode(canvas: Canvas, sheet: LabelSheet) -> None:
    """At the foot: the SSCC as GS1-128, else the parcel's own number as Code 128."""
    text = f"(00) {sheet.barcode}" if sheet.is_sscc else sheet.barcode
    content = f"{FNC1}00{sheet.barcode}" if sheet.is_sscc else sheet.barcode
    code = _code128(content, SSCC_HEIGHT, MODULE)
    code.drawOn(canvas, (WIDTH - code.width) / 2, MARGIN + 6 * mm)
    canvas.setFont(REGULAR, 10)
    canvas.drawCentredString(WIDTH / 2, MARGIN + 1 * mm, text)


def _code128(content: str, height: float, module: float) -> Code128:
    """Code 128 with its quiet zones; a long text gets narrower modules instead of running off the label."""
    code = _sized(content, height, module)
    if code.width > WIDTH:
        code = _sized(content, height, module * WIDTH / code.width)
    return code


def _sized(content: str, height: float, module: float) -> Code128:
    quiet = QUIET_MODULES * module
    return Code128(content, barWidth=module, barHeight=height, quiet=1, lquiet=quiet, rquiet=quiet)
