"""Pick lists and transfer sheets as PDF, on A4 or on the 80 mm roll: a barcode per line (page 80, 1.4)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from packhouse.invoicing import pages
from packhouse.invoicing.pages import Paper
from packhouse.invoicing.picking_sheet import GoodsLine, PickSheet, TransferSheet

_TEXTS: Final = {
    "en": {
        "pick_list": "Pick list",
        "transfer_sheet": "Transfer sheet",
        "location": "Location",
        "drawn": "Printed",
        "packages": "Packages",
        "package": "Package",
        "order": "Order",
        "gift": "Gift",
        "goods": "Goods",
        "quantity": "Quantity",
        "from": "From",
        "to": "To",
        "carrier": "Carrier",
        "tracking": "Tracking number",
        "given": "Handed over by",
        "taken": "Received by",
    },
    "tr": {
        "pick_list": "Toplama listesi",
        "transfer_sheet": "Transfer belgesi",
        "location": "Lokasyon",
        "drawn": "Yazdırıldı",
        "packages": "Paketler",
        "package": "Paket",
        "order": "Sipariş",
        "gift": "Hediye",
        "goods": "Ürün",
        "quantity": "Miktar",
        "from": "Gönderen",
        "to": "Alan",
        "carrier": "Kargo firması",
        "tracking": "Takip numarası",
        "given": "Teslim eden",
        "taken": "Teslim alan",
    },
}
_BOX: Final = "[   ]"


def pick_list_pdf(sheets: Sequence[PickSheet], paper: Paper = "a4") -> bytes:
    """One file with a list per sheet; the same sheets give the same bytes."""
    title = _texts(sheets[0].language)["pick_list"] if sheets else ""
    return pages.pdf(
        title, paper, lambda width, narrow: [_PickPage(sheet, width, narrow=narrow) for sheet in sheets]
    )


def transfer_sheet_pdf(sheets: Sequence[TransferSheet], paper: Paper = "a4") -> bytes:
    """One file with a page, or more, per sheet; the same sheets give the same bytes."""
    title = _texts(sheets[0].language)["transfer_sheet"] if sheets else ""
    return pages.pdf(
        title, paper, lambda width, narrow: [_TransferPage(sheet, width, narrow=narrow) for sheet in sheets]
    )


def _texts(language: str) -> dict[str, str]:
    return _TEXTS.get(language, _TEXTS["en"])


class _GoodsPage(pages.Page):
    """What both have: the lines, each with its barcode and a box to tick."""

    def __init__(self, width: float, *, narrow: bool, language: str) -> None:
        super().__init__(width, narrow=narrow, language=language)
        self._text = _texts(language)

    def _goods(self, lines: Sequence[GoodsLine]) -> Flowable:
        heads = [
            self._words(self._text["goods"], self._bold),
            self._words(self._text["quantity"], self._total),
        ]
        columns = [17 * mm, 9 * mm] if self._narrow else [25 * mm, 12 * mm]
        first = self._width - sum(columns)
        rows: list[list[Any]] = [[*heads, ""]]
        rows += [self._line(line, first) for line in lines]
        return self._table(rows, [first, *columns], ruled=True)

    def _line(self, line: GoodsLine, width: float) -> list[Any]:
        parts: list[Flowable] = [
            self._words(line.name, self._plain),
            self._words(line.sku, self._bold),
        ]
        if barcode := self._barcode(line.barcode or line.sku, width - 8 * mm, 9 * mm):
            parts += [Spacer(1, 1 * mm), barcode]
        if line.barcode:
            parts.append(self._words(line.barcode, self._plain))
        if line.packages:
            owners = (f"{number} × {self._quantity(quantity, '')}" for number, quantity in line.packages)
            parts.append(self._words(", ".join(owners), self._plain))
        return [
            parts,
            self._words(self._quantity(line.quantity, line.unit), self._total),
            self._words(_BOX, self._right),
        ]

    def _number_of(self, number: str) -> Iterator[Flowable]:
        if barcode := self._barcode(number, self._width):
            yield barcode
        yield self._words(number, self._plain)
        yield Spacer(1, 4 * mm)


class _PickPage(_GoodsPage):
    """The pick list of a location."""

    def __init__(self, sheet: PickSheet, width: float, *, narrow: bool) -> None:
        super().__init__(width, narrow=narrow, language=sheet.language)
        self._sheet = sheet

    def story(self) -> Iterator[Flowable]:
        sheet, text = self._sheet, self._text
        yield self._words(text["pick_list"], self._large)
        yield Spacer(1, 4 * mm)
        facts = [(text["location"], sheet.location), (text["drawn"], f"{sheet.drawn:%d.%m.%Y %H:%M}")]
        if len(sheet.packages) == 1:
            (package,) = sheet.packages
            yield from self._number_of(package.number)
            facts += [(text["package"], package.number), (text["order"], package.order_number)]
            yield self._facts(facts)
            if package.is_gift:
                yield self._words(text["gift"], self._bold)
        else:
            yield self._facts([*facts, (text["packages"], str(len(sheet.packages)))])
        yield Spacer(1, 5 * mm)
        yield self._goods(sheet.lines)
        if len(sheet.packages) > 1:
            yield Spacer(1, 5 * mm)
            yield self._packages()

    def _packages(self) -> Flowable:
        """Whose goods these are."""
        text = self._text
        heads = [self._words(text[key], self._bold) for key in ("package", "order")]
        rows: list[list[Any]] = [[*heads, ""]]
        rows += [
            [
                self._words(package.number, self._plain),
                self._words(package.order_number, self._plain),
                self._words(text["gift"] if package.is_gift else "", self._bold),
            ]
            for package in self._sheet.packages
        ]
        last = 16 * mm if self._narrow else 25 * mm
        half = (self._width - last) / 2
        return self._table(rows, [half, half, last], ruled=True)


class _TransferPage(_GoodsPage):
    """The sheet that goes with the goods of one transfer order."""

    def __init__(self, sheet: TransferSheet, width: float, *, narrow: bool) -> None:
        super().__init__(width, narrow=narrow, language=sheet.language)
        self._sheet = sheet

    def story(self) -> Iterator[Flowable]:
        sheet, text = self._sheet, self._text
        yield self._words(text["transfer_sheet"], self._large)
        yield Spacer(1, 4 * mm)
        yield from self._number_of(sheet.number)
        facts = [
            (text["package"], sheet.package_number),
            (text["order"], sheet.order_number),
            (text["carrier"], sheet.carrier),
            (text["tracking"], sheet.tracking_number),
            (text["drawn"], f"{sheet.drawn:%d.%m.%Y %H:%M}"),
        ]
        yield self._facts([(name, value) for name, value in facts if value])
        yield Spacer(1, 4 * mm)
        yield self._blocks([(text["from"], sheet.source), (text["to"], sheet.destination)])
        yield Spacer(1, 5 * mm)
        yield self._goods(sheet.lines)
        yield Spacer(1, 8 * mm)
        yield self._blocks([(f"{text['given']}:", ()), (f"{text['taken']}:", ())])
