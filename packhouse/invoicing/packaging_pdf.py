"""The packaging document as PDF, on A4 or on the 80 mm roll of a receipt printer (page 80, 1.4)."""

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable, Image, Spacer

from packhouse.invoicing import pages
from packhouse.invoicing.packaging_sheet import PackagingLine, PackagingSheet
from packhouse.invoicing.pages import Paper

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


def packaging_pdf(sheet: PackagingSheet, paper: Paper = "a4") -> bytes:
    """The document; the same sheet gives the same bytes. On the roll it is as long as what stands on it."""
    title = _texts(sheet)["title"]
    return pages.pdf(
        f"{title} {sheet.package_number}", paper, lambda width, narrow: [_Page(sheet, width, narrow=narrow)]
    )


def _texts(sheet: PackagingSheet) -> dict[str, str]:
    return _TEXTS.get(sheet.language, _TEXTS["en"])


class _Page(pages.Page):
    """The parts of the document, top to bottom."""

    def __init__(self, sheet: PackagingSheet, width: float, *, narrow: bool) -> None:
        super().__init__(width, narrow=narrow, language=sheet.language)
        self._sheet, self.texts = sheet, _texts(sheet)

    def story(self) -> Iterator[Flowable]:
        sheet, texts = self._sheet, self.texts
        yield from self._head()
        yield Spacer(1, 4 * mm)
        if barcode := self._barcode(sheet.package_number, self._width):
            yield barcode
        yield self._words(sheet.package_number, self._plain)
        yield Spacer(1, 4 * mm)
        yield self._facts(self._known())
        yield Spacer(1, 4 * mm)
        yield self._blocks([(texts["ship"], sheet.shipping_address), (texts["bill"], sheet.billing_address)])
        yield Spacer(1, 5 * mm)
        yield self._lines()
        if sheet.is_gift:
            yield Spacer(1, 5 * mm)
            yield self._words(texts["gift"], self._bold)
            yield self._words(sheet.gift_note or "", self._plain)
        if sheet.collect:
            yield Spacer(1, 5 * mm)
            yield self._words(f"{texts['collect']}: {self._money(sheet.collect)}", self._large)

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

    def _known(self) -> list[tuple[str, str]]:
        sheet, texts = self._sheet, self.texts
        facts = [
            (texts["order"], sheet.order_number),
            (texts["package"], sheet.package_number),
            (texts["packed"], f"{sheet.packed:%d.%m.%Y %H:%M}"),
            (texts["from"], sheet.location),
        ]
        if sheet.invoice_number:
            facts.append((texts["invoice"], sheet.invoice_number))
        return facts

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
        row: list[Any] = [goods, self._words(self._quantity(line.quantity, line.unit), self._right)]
        return [*row, self._words(self._money(line.price or Decimal(0)), self._right)] if priced else row

    def _codes(self, line: PackagingLine) -> list[str]:
        codes = [code for code in (line.sku, line.barcode) if code]
        return codes if self._narrow else [" · ".join(codes)]

    def _money(self, amount: Decimal) -> str:
        """The fonts have no lira sign."""
        code = self._sheet.currency.upper()
        return f"{self._number(f'{amount:,.2f}')}\N{NO-BREAK SPACE}{'TL' if code == 'TRY' else code}"
