"""Labels as ZPL for thermal printers: 100 x 150 mm at 8 dots per millimetre (page 80, 2.5)."""

from collections.abc import Sequence
from typing import Final

from packhouse.integrations.carriers.label_sheet import LabelSheet, Party

DOTS: Final = 8
WIDTH, LENGTH = 100 * DOTS, 150 * DOTS
# Width of a letter of font 0 as a share of its height, about.
_NARROWEST: Final = 0.5
CAPTION: Final = 18
# Of Code 128, at most; start, check and stop count as three letters, the quiet zones as two.
MODULES_PER_LETTER: Final = 11
_PRINTABLE: Final = range(0x20, 0x7F)
_RESERVED: Final = frozenset(b"^~_\\")
_ASCII: Final = str.maketrans("çÇğĞıİöÖşŞüÜâÂîÎûÛ", "cCgGiIoOsSuUaAiIuU")


def label_zpl(sheets: Sequence[LabelSheet], *, dots: int = DOTS, transliterate: bool = False) -> bytes:
    """One format per sheet. `dots` per millimetre, 8 or 12; `transliterate` for printers without the letters."""
    formats = [_format(sheet, dots / DOTS, transliterate) for sheet in sheets]
    return "".join(formats).encode()


def _format(sheet: LabelSheet, scale: float, transliterate: bool) -> str:
    page = _Page(scale, transliterate)
    page.text(40, 40, 44, sheet.carrier or "-", width=520)
    page.text(600, 40, 44, f"{sheet.position}/{sheet.count}", width=160)
    y = page.party("FROM / GÖNDEREN", sheet.sender, 92, 24)
    page.rule(y)
    y = page.party("TO / ALICI", sheet.receiver, y + 12, 38)
    page.rule(y)
    page.text(40, y + 16, 30, f"Order {sheet.order_number}", width=460)
    if sheet.is_gift:
        page.text(520, y + 16, 30, "GIFT / HEDİYE", width=250)
    y += 56
    if sheet.collect:
        page.text(40, y, 64, f"COLLECT {sheet.collect}", width=720)
        y += 72
    if sheet.tracking_number:
        page.barcode(80, y, 100, 2, sheet.tracking_number, gs1=False)
    page.barcode(80, 850, 256, 4 if sheet.is_sscc else 3, sheet.barcode, gs1=sheet.is_sscc)
    return page.done()


class _Page:
    """Coordinates and sizes as at 8 dots per millimetre."""

    def __init__(self, scale: float, transliterate: bool) -> None:
        self._scale, self._transliterate = scale, transliterate
        self._parts = [f"^XA^CI28^PW{self._dots(WIDTH)}^LL{self._dots(LENGTH)}"]

    def _dots(self, number: float) -> int:
        return round(number * self._scale)

    def text(self, x: int, y: int, size: int, text: str, *, width: int) -> None:
        """One line; a longer text is cut, for the printer would print the rest over it."""
        cut = text[: int(width / (size * _NARROWEST))]
        given = cut.translate(_ASCII) if self._transliterate else cut
        block = f"^FB{self._dots(width)},1,0,L"
        self._parts.append(
            f"^FO{self._dots(x)},{self._dots(y)}^A0N,{self._dots(size)}{block}^FH_^FD{escaped(given)}^FS"
        )

    def party(self, caption: str, party: Party, y: int, size: int) -> int:
        step = round(size * 1.25)
        self.text(40, y, CAPTION, caption, width=720)
        y += CAPTION + 8
        self.text(40, y, size, party.name, width=720)
        for line in (*party.lines, party.telephone):
            if line:
                y += step
                self.text(40, y, size, line, width=720)
        return y + step + 8

    def rule(self, y: int) -> None:
        self._parts.append(f"^FO{self._dots(40)},{self._dots(y)}^GB{self._dots(720)},2,2^FS")

    def barcode(self, x: int, y: int, height: int, module: int, content: str, *, gs1: bool) -> None:
        """Mode D is GS1-128: the printer sets FNC1 itself; mode A chooses the shortest code.

        A long content gets narrower modules; one that no scanner could read then is printed as text.
        """
        if not gs1:
            module = min(module, int((WIDTH - x) / (MODULES_PER_LETTER * (len(content) + 3) + 22)))
            if module < 1 or not content.isascii():
                self.text(40, y, 40, content, width=720)
                return
        data = f"(00){content}" if gs1 else content
        self._parts.append(
            f"^BY{self._dots(module)}^FO{self._dots(x)},{self._dots(y)}"
            f"^BCN,{self._dots(height)},Y,N,N,{'D' if gs1 else 'A'}^FH_^FD{escaped(data)}^FS"
        )

    def done(self) -> str:
        return "\n".join([*self._parts, "^XZ\n"])


def escaped(text: str) -> str:
    """Field data in which no character can begin a command: all but plain ones as `_` and two hex digits."""
    return "".join(
        chr(byte) if byte in _PRINTABLE and byte not in _RESERVED else f"_{byte:02X}"
        for byte in text.encode()
    )
