"""What all drawn documents share: the papers, the fonts, words, tables and barcodes."""

import io
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final, Literal, Protocol
from xml.sax.saxutils import escape

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

Paper = Literal["a4", "80mm"]
PAPERS: Final[tuple[Paper, ...]] = ("a4", "80mm")
REGULAR, BOLD = "PackhouseVera", "PackhouseVeraBold"
WIDEST_MODULE: Final = 0.4 * mm
NARROWEST_MODULE: Final = 0.15 * mm  # no scanner reads narrower ones
_ROLL: Final = 80 * mm
_LONGEST_ROLL: Final = 3000 * mm


class Drawn(Protocol):
    """One document of a file: its parts, top to bottom; each call makes them anew."""

    def story(self) -> Iterator[Flowable]: ...


@cache
def register_fonts() -> None:
    pdfmetrics.registerFont(TTFont(REGULAR, "Vera.ttf"))
    pdfmetrics.registerFont(TTFont(BOLD, "VeraBd.ttf"))


def pdf(title: str, paper: Paper, make: Callable[[float, bool], Sequence[Drawn]]) -> bytes:
    """The file of what `make` draws for a width (points) on narrow paper or not.

    Each document begins on a sheet of its own; the roll is one sheet, as long as what stands on it. The same
    documents give the same bytes.
    """
    register_fonts()
    margin = 18 * mm if paper == "a4" else 4 * mm
    width = (A4[0] if paper == "a4" else _ROLL) - 2 * margin
    documents = make(width, paper == "80mm")
    size = A4 if paper == "a4" else (_ROLL, _height(_story(documents, paper), width) + 2 * margin + 14)
    stream = io.BytesIO()
    SimpleDocTemplate(
        stream,
        pagesize=size,
        leftMargin=margin - 6,  # a frame has a padding of its own
        rightMargin=margin - 6,
        topMargin=margin,
        bottomMargin=margin,
        title=title,
        invariant=1,
    ).build(_story(documents, paper))
    return stream.getvalue()


def _story(documents: Sequence[Drawn], paper: Paper) -> list[Flowable]:
    parts: list[Flowable] = []
    for document in documents:
        if parts:
            parts.append(PageBreak() if paper == "a4" else Spacer(1, 12 * mm))
        parts.extend(document.story())
    return parts


def _height(story: Sequence[Flowable], width: float) -> float:
    """Of everything set below each other."""
    heights = [each.wrap(width, _LONGEST_ROLL)[1] for each in story]
    spaces = [max(each.getSpaceBefore(), 0) + max(each.getSpaceAfter(), 0) for each in story]
    return sum(heights) + sum(spaces)


class Page:
    """Words, tables and barcodes in the sizes of the paper. `language`: tr or en."""

    def __init__(self, width: float, *, narrow: bool, language: str) -> None:
        self._width, self._narrow, self._language = width, narrow, language
        size = 8 if narrow else 9
        self._plain = ParagraphStyle("plain", fontName=REGULAR, fontSize=size, leading=size * 1.35)
        self._bold = ParagraphStyle("bold", parent=self._plain, fontName=BOLD)
        self._right = ParagraphStyle("right", parent=self._plain, alignment=TA_RIGHT)
        self._total = ParagraphStyle("total", parent=self._bold, alignment=TA_RIGHT)
        self._large = ParagraphStyle("large", parent=self._bold, fontSize=size + 6, leading=(size + 6) * 1.4)

    def _barcode(self, text: str, width: float, height: float = 12 * mm) -> Flowable | None:
        """Code 128, as wide as fits: it needs eleven modules for a letter at most. None for what it cannot say."""
        if not (text and text.isascii() and text.isprintable()):
            return None
        module = min(WIDEST_MODULE, width / (11 * (len(text) + 3) + 2))
        if module < NARROWEST_MODULE:
            return None
        return Code128(text, barHeight=height, barWidth=module, quiet=0)

    def _facts(self, facts: Sequence[tuple[str, str]]) -> Flowable:
        rows = [[self._words(name, self._bold), self._words(value, self._plain)] for name, value in facts]
        first = 22 * mm if self._narrow else 35 * mm
        return self._table(rows, [first, self._width - first])

    def _blocks(self, blocks: Sequence[tuple[str, Sequence[str]]]) -> Flowable:
        """Two texts of lines under a heading each: beside each other, on the roll below each other."""
        cells = [
            [self._words(head, self._bold), *(self._words(line, self._plain) for line in lines)]
            for head, lines in blocks
        ]
        if self._narrow:
            return self._table([[cell] for cell in cells], [self._width])
        return self._table([cells], [self._width / len(cells)] * len(cells))

    def _quantity(self, quantity: Decimal, unit: str) -> str:
        return f"{self._number(f'{quantity.normalize():f}')} {unit}".strip()

    def _number(self, text: str) -> str:
        """As the language writes it."""
        return text.translate(str.maketrans(",.", ".,")) if self._language == "tr" else text

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
        return Table(
            rows, colWidths=widths, style=style, repeatRows=1 if ruled else 0, hAlign="LEFT", splitInRow=1
        )
