"""The invoice as a page of PDF: enough to be a real document, and clearly not a legal one."""

from __future__ import annotations

import io
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from sandbox.paper import fonts

_LEFT, _TOP, _LINE = 20 * mm, A4[1] - 25 * mm, 6 * mm
_ROWS = 36
_NAME_LENGTH = 44


def invoice_pdf(number: str, date: str, request: dict[str, Any]) -> bytes:
    """One A4 page with number, receiver, lines (the first 36) and total of the request it answers."""
    regular, bold = fonts()
    stream = io.BytesIO()
    page = Canvas(stream, pagesize=A4, invariant=1)
    page.setTitle(number)
    page.setFont(bold, 14)
    page.drawString(_LEFT, _TOP, f"{request['kind'].replace('_', ' ').upper()} {number}")
    page.setFont(regular, 9)
    y = _TOP - 2 * _LINE
    for text in (*_heading(date, request), ""):
        page.drawString(_LEFT, y, text)
        y -= _LINE
    items = request["items"]
    for item in items[:_ROWS]:
        page.drawString(_LEFT, y, f"{item['quantity']}  {item['sku']}  {item['name'][:_NAME_LENGTH]}")
        page.drawRightString(A4[0] - _LEFT, y, item["gross_amount"])
        y -= _LINE * 0.8
    if len(items) > _ROWS:
        page.drawString(_LEFT, y, f"and {len(items) - _ROWS} lines more")
        y -= _LINE
    _draw_total(page, y - _LINE, request, bold)
    page.showPage()
    page.save()
    return stream.getvalue()


def _heading(date: str, request: dict[str, Any]) -> list[str]:
    receiver = request.get("billing_address") or {}
    name = " ".join(filter(None, (receiver.get("first_name"), receiver.get("last_name"))))
    place = " ".join(filter(None, (receiver.get("line"), receiver.get("township"), receiver.get("city"))))
    order, package = request.get("order") or {}, request.get("package") or {}
    return [
        "Made by a sandbox. Not a legal document.",
        f"Date {date}",
        f"Order {order.get('number', '-')}   package {package.get('number', '-')}",
        receiver.get("company_name") or name,
        place,
    ]


def _draw_total(page: Canvas, y: float, request: dict[str, Any], bold: str) -> None:
    amounts = request.get("amounts")
    if amounts is not None:
        page.setFont(bold, 11)
        currency = (request.get("order") or {}).get("currency", "")
        page.drawRightString(A4[0] - _LEFT, y, f"{amounts['total']} {currency}")
