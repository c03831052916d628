"""The packaging document as PDF, on A4 or on the 80 mm roll of a receipt printer (page 80, 1.4)."""

import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final, Literal
from xml.sax.saxutils import escape

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Image, Paragraph, SimpleDocTemplate, Spacer, Table

from packhouse.invoicing.packaging_sheet import PackagingLine, PackagingSheet

Paper = Literal["a4", "80mm"]
PAPERS: Final[tuple[Paper, ...]] = ("a4", "80mm")
REGULAR, BOLD = "PackhouseVera", "PackhouseVeraBold"
_ROLL: Final = 80 * mm
_LONGEST_ROLL: Final = 3000 * mm
_TEXTS: Final = {
    "en": {
        "title": "Packing slip",
        "order": "Order",
        "package": "Package",
        "packed": "Packed",
        "from": "From",
        "ship": "Delivered to",
        "bill": "Billed to",
        "goods": "Goods",
        "quantity": "Quantity",
        "price": "Price",
        "total": "Total",
        "gift": "Gift",
        "collect": "To be paid at the door",
        "invoice": "Invoice",
    },
    "tr": {
        "title": "Paket içeriği",
        "order": "Sipariş",
        "package": "Paket",
        "packed": "Paketlendi",
        "from": "Gönderen",
        "ship": "Teslimat adresi",
        "bill": "Fatura adresi",
        "goods": "Ürün",
        "quantity": "Miktar",
        "price": "Tutar",
        "total": "Toplam",
        "gift": "Hediye",
        "collect": "Kapıda ödenecek",
        "invoice": "Fatura",
    },
}


@cache
def _register_fonts() -> None:
    pdfmetrics.registerFont(TTFont(REGULAR, "Vera.ttf"))
    pdfmetrics.registerFont(TTFont(BOLD, "VeraBd.ttf"))


def packaging_pdf(sheet: PackagingSheet, paper: Paper = "a4") -> bytes:
    """The document; the same sheet gives the same bytes. On the roll it is as long as what stands on it."""
    _register_fonts()
    margin = 18 * mm if paper == "a4" else 4 * mm
    width = (A4[0] if paper == "a4" else _ROLL) - 2 * margin
    page = _Page(sheet, width, narrow=paper == "80mm")
    size = A4 if paper == "a4" else (_ROLL, _height(list(page.story()), width) + 2 * margin + 14)
    stream = io.BytesIO()
    SimpleDocTemplate(
        stream,
        pagesize=size,
        leftMargin=margin - 6,  # a frame has a padding of its own
        rightMargin=margin - 6,
        topMargin=margin,
        bottomMargin=margin,
        title=f"{page.texts['title']} {sheet.package_number}",
        invariant=1,
    ).build(list(page.story()))
    return stream.getvalue()


def _height(story: Sequence[Flowable], width: float) -> float:
    """Of everything set below each other."""
    heights = [each.wrap(width, _LONGEST_ROLL)[1] for each in story]
    spaces = [max(each.getSpaceBefore(), 0) + max(each.getSpaceAfter(), 0) for each in story]
    return sum(heights) + sum(spaces)


class _Page:
    """The parts of the document, top to bottom."""

    def __init__(self, sheet: PackagingSheet, width: float, *, narrow: bool) -> None:
        self._sheet, self._width, self._narrow = sheet, width, narrow
        self.texts = _TEXTS.get(sheet.language, _TEXTS["en"])
        size = 8 if narrow else 9
        self._plain = ParagraphStyle("plain", fontName=REGULAR, fontSize=size, leading=size * 1.35)
        self._bold = ParagraphStyle("bold", parent=self._plain, fontName=BOLD)
        self._right = ParagraphStyle("right", parent=self._plain, alignment=TA_RIGHT)
        self._total = ParagraphStyle("total", parent=self._bold, alignment=TA_RIGHT)
        self._large = ParagraphStyle("large", parent=self._bold, fontSize=size + 6, leading=(size + 6) * 1.4)

    def story(self) -> Iterator[Flowable]:
        sheet, texts = self._sheet, self.texts
        yield from self._head()
        yield Spacer(1, 4 * mm)
        if sheet.package_number.isascii() and sheet.package_number.isprintable():
            yield Code128(sheet.package_number, barHeight=12 * mm, barWidth=self._module(), quiet=0)
        yield self._words(sheet.package_number, self._plain)
        yield Spacer(1, 4 * mm)
        yield self._facts()
        yield Spacer(1, 4 * mm)
        yield self._addresses()
        yield Spacer(1, 5 * mm)
        yield self._lines()
        if sheet.is_gift:
            yield Spacer(1, 5 * mm)
            yield self._words(texts["gift"], self._bold)
            yield self._words(sheet.gift_note or "", self._plain)
        if sheet.collect:
            yield Spacer(1, 5 * mm)
            yield self._words(f"{texts['collect']}: {self._money(sheet.collect)}", self._large)

    def _module(self) -> float:
        """As wide as fits: Code 128 needs eleven modules for a letter at most."""
        return min(0.4 * mm, self._width / (11 * (len(self._sheet.package_number) + 3) + 2))

    def _head(self) -> Iterator[Flowable]:
        logo = self._logo()
        if logo is not None:
            yield logo
        yield self._words(self._sheet.brand, self._large)
        yield self._words(self.texts["title"], self._bold)

    def _logo(self) -> Flowable | None:
        """One that no picture can be made of is left out."""
        if self._sheet.logo is None:
            return None
        try:
            width, height = ImageReader(io.BytesIO(self._sheet.logo)).getSize()
        except Exception:  # noqa: BLE001 - whatever the decoder finds wrong with somebody's picture
            return None
        scale = min(40 * mm / width, 15 * mm / height)
        image = Image(io.BytesIO(self._sheet.logo), width * scale, height * scale)
        image.hAlign = "LEFT"
        return image

    def _facts(self) -> Flowable:
        sheet, texts = self._sheet, self.texts
        facts = [
            (texts["order"], sheet.order_number),
            (texts["package"], sheet.package_number),
            (texts["packed"], f"{sheet.packed:%d.%m.%Y %H:%M}"),
            (texts["from"], sheet.location),
        ]
        if sheet.invoice_number:
            facts.append((texts["invoice"], sheet.invoice_number))
        rows = [[self._words(name, self._bold), self._words(value, self._plain)] for name, value in facts]
        first = 22 * mm if self._narrow else 35 * mm
        return self._table(rows, [first, self._width - first])

    def _addresses(self) -> Flowable:
        blocks = [
            [self._words(self.texts[key], self._bold), *(self._words(line, self._plain) for line in lines)]
            for key, lines in (("ship", self._sheet.shipping_address), ("bill", self._sheet.billing_address))
        ]
        if self._narrow:
            return self._table([[block] for block in blocks], [self._width])
        return self._table([blocks], [self._width / 2, self._width / 2])

    def _lines(self) -> Flowable:
        texts, lines = self.texts, self._sheet.lines
        priced = all(line.price is not None for line in lines)
        heads = [self._words(texts["goods"], self._bold), self._words(texts["quantity"], self._total)]
        rows: list[list[Any]] = [heads + ([self._words(texts["price"], self._total)] if priced else [])]
        rows += [self._line(line, priced=priced) for line in lines]
        if priced:
            total = sum((line.price or Decimal(0) for line in lines), Decimal(0))
            rows.append(
                [self._words(texts["total"], self._bold), "", self._words(self._money(total), self._total)]
            )
        narrow = [17 * mm, 20 * mm] if self._narrow else [25 * mm, 32 * mm]
        columns = narrow if priced else narrow[:1]
        return self._table(rows, [self._width - sum(columns), *columns], ruled=True)

    def _line(self, line: PackagingLine, *, priced: bool) -> list[Any]:
        goods = [
            self._words(line.name, self._plain),
            *(self._words(code, self._plain) for code in self._codes(line)),
        ]
        quantity = f"{self._number(f'{line.quantity.normalize():f}')} {line.unit}".strip()
        row: list[Any] = [goods, self._words(quantity, self._right)]
        return [*row, self._words(self._money(line.price or Decimal(0)), self._right)] if priced else row

    def _codes(self, line: PackagingLine) -> list[str]:
        codes = [code for code in (line.sku, line.barcode) if code]
        return codes if self._narrow else [" · ".join(codes)]

    def _number(self, text: str) -> str:
        """As the language writes it."""
        return text.translate(str.maketrans(",.", ".,")) if self._sheet.language == "tr" else text

    def _money(self, amount: Decimal) -> str:
        """The fonts have no lira sign."""
        code = self._sheet.currency.upper()
        return f"{self._number(f'{amount:,.2f}')}\N{NO-BREAK SPACE}{'TL' if code == 'TRY' else code}"

    @staticmethod
    def _words(text: str, style: ParagraphStyle) -> Paragraph:
        return Paragraph(escape(text), style)

    @staticmethod
    def _table(rows: list[list[Any]], widths: list[float], *, ruled: bool = False) -> Table:
        style: list[Any] = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ]
        if ruled:
            style.append(("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.black))
        return Table(rows, colWidths=widths, style=style, repeatRows=1 if ruled else 0, hAlign="LEFT")
