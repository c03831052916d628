"""A label as PDF, 100 x 150 mm, fonts embedded."""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

from sandbox.carrier.label_text import CARRIER_NAME, LabelText
from sandbox.paper import fonts

WIDTH, HEIGHT = 100 * mm, 150 * mm
FNC1 = "\xf1"
_LEFT, _RIGHT = 6 * mm, 94 * mm
_SSCC_MODULE, _SSCC_HEIGHT = 0.495 * mm, 32 * mm
_ADDRESS_LINES = 3


def label_pdf(labels: Sequence[LabelText]) -> bytes:
    """One page per label."""
    stream = io.BytesIO()
    page = Canvas(stream, pagesize=(WIDTH, HEIGHT), invariant=1)
    page.setTitle(labels[0].shipment_id)
    for label in labels:
        _draw_words(page, label)
        _draw_barcodes(page, label)
        page.showPage()
    page.save()
    return stream.getvalue()


def _draw_words(page: Canvas, label: LabelText) -> None:
    regular, bold = fonts()
    page.setFont(bold, 12)
    page.drawString(_LEFT, 141 * mm, CARRIER_NAME)
    page.drawRightString(_RIGHT, 141 * mm, label.parcel)
    page.setFont(regular, 8)
    page.drawString(_LEFT, 136 * mm, label.sender)
    page.drawRightString(_RIGHT, 136 * mm, f"{label.order_number}   {label.shipment_id}")
    page.line(_LEFT, 134 * mm, _RIGHT, 134 * mm)
    address = simpleSplit(label.address, regular, 9, _RIGHT - _LEFT)[:_ADDRESS_LINES]
    page.setFont(bold, 12)
    page.drawString(_LEFT, 128 * mm, _cut(label.receiver, bold, 12))
    page.setFont(regular, 9)
    for index, line in enumerate([*address, _cut(label.place, regular, 9), label.tel]):
        page.drawString(_LEFT, (122 - 5 * index) * mm, line)
    if label.payment is not None:
        page.setFont(bold, 16)
        page.drawString(_LEFT, 90 * mm, f"PAY AT DOOR {label.payment}")


def _draw_barcodes(page: Canvas, label: LabelText) -> None:
    tracking = Code128(label.tracking_number, barWidth=0.4 * mm, barHeight=20 * mm, quiet=0)
    _draw_centred(page, tracking, 62 * mm, label.tracking_number)
    if label.sscc is not None:
        sscc = Code128(f"{FNC1}00{label.sscc}", barWidth=_SSCC_MODULE, barHeight=_SSCC_HEIGHT, quiet=0)
        _draw_centred(page, sscc, 14 * mm, f"(00) {label.sscc}")


def _draw_centred(page: Canvas, barcode: Code128, y: float, text: str) -> None:
    barcode.drawOn(page, (WIDTH - barcode.width) / 2, y)
    page.setFont(fonts()[0], 9)
    page.drawCentredString(WIDTH / 2, y - 5 * mm, text)


def _cut(text: str, font: str, size: int) -> str:
    lines: list[str] = simpleSplit(text, font, size, _RIGHT - _LEFT)
    return lines[0] if lines else ""
