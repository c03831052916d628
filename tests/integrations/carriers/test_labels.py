"""Labels drawn here: read again, from the rendered picture, by an independent decoder."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from packhouse.integrations.carriers.label_pdf import label_pdf
from packhouse.integrations.carriers.label_sample import SAMPLE
from packhouse.integrations.carriers.label_sheet import LabelSheet, Party
from packhouse.integrations.carriers.label_zpl import escaped, label_zpl
from packhouse.integrations.carriers.sscc import check_digit, sscc

DOCS = Path(__file__).resolve().parents[3] / "docs"
SSCC = SAMPLE.barcode
DOTS_PER_MM = 12
POINTS_PER_MM = 72 / 25.4


def a_sheet(**fields: Any) -> LabelSheet:
    return replace(SAMPLE, **fields)


def codes_on(page: Any) -> dict[str, str]:
    """Content and symbology identifier of what a decoder reads."""
    picture = page.render(scale=DOTS_PER_MM / POINTS_PER_MM).to_pil()
    return {code.bytes.decode(): code.symbology_identifier for code in zxingcpp.read_barcodes(picture)}


def test_the_check_digit_of_the_example() -> None:
    assert check_digit(SSCC[:17]) == 2
    assert sscc("8690000", 3000000123) == SSCC


@pytest.mark.parametrize(
    ("prefix", "serial"), [("8690000", 0), ("869000012345", 99999), ("8690", 10**13 - 1)]
)
def test_every_number_has_eighteen_digits(prefix: str, serial: int) -> None:
    number = sscc(prefix, serial)

    assert len(number) == 18
    assert number[1:].startswith(prefix)
    assert sum(int(digit) * (3 if n % 2 == 0 else 1) for n, digit in enumerate(number)) % 10 == 0


def test_the_printed_sscc_is_read_back_as_gs1() -> None:
    document = pypdfium2.PdfDocument(label_pdf([a_sheet(), a_sheet(position=2)]))

    assert len(document) == 2
    for page in document:
        assert [round(side / POINTS_PER_MM) for side in page.get_size()] == [100, 150]
        assert codes_on(page) == {f"00{SSCC}": "]C1", "7300001234567": "]C0"}


def test_without_a_prefix_the_parcels_own_number_is_printed() -> None:
    page = pypdfium2.PdfDocument(label_pdf([a_sheet(barcode="100000000077P1-1", is_sscc=False)]))[0]

    assert codes_on(page) == {"100000000077P1-1": "]C0", "7300001234567": "]C0"}


def test_everything_a_driver_needs_is_text_in_embedded_fonts() -> None:
    content = label_pdf([a_sheet()])
    text = pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range()

    for expected in (
        "Example Kargo",
        "1/2",
        "Mağaza Çankaya",
        "Şükrü Ilıcalı",
        "05000000000",
        "KIZILAY / ÇANKAYA / ANKARA",
        "Order 100000000077",
        "COLLECT 70.00 TL",
        "GIFT / HEDİYE",
        f"(00) {SSCC}",
    ):
        assert expected in text
    assert b"/FontFile2" in content


def test_the_same_label_is_the_same_file() -> None:
    assert label_pdf([a_sheet()]) == label_pdf([a_sheet()])


def test_long_texts_stay_on_the_label() -> None:
    long = Party("Ş" * 300, "0" * 100, ("x" * 1000, "y" * 1000))

    page = pypdfium2.PdfDocument(label_pdf([a_sheet(receiver=long, sender=long, tracking_number="9" * 60)]))[
        0
    ]

    assert f"00{SSCC}" in codes_on(page)


def test_the_labels_in_the_documentation_are_those_that_are_printed_and_can_be_read() -> None:
    assert label_zpl([a_sheet()]) == (DOCS / "label.zpl").read_bytes()
    assert codes_on(pypdfium2.PdfDocument(DOCS / "label.pdf")[0]) == {
        f"00{SSCC}": "]C1",
        "7300001234567": "]C0",
    }


@pytest.mark.parametrize(("number", "printed"), [("7" * 30, True), ("A" * 80, False), ("Ş-1", False)])
def test_a_number_that_fits_no_barcode_is_printed_as_text(number: str, printed: bool) -> None:
    text = label_zpl([a_sheet(tracking_number=number)]).decode()

    assert (text.count("^BC"), escaped(number[:30]) in text) == (2 if printed else 1, True)


def test_zpl_at_twelve_dots_and_without_letters_of_ours() -> None:
    text = label_zpl([a_sheet()], dots=12, transliterate=True).decode()

    assert text.startswith("^XA^CI28^PW1200^LL1800")
    assert "Sukru Ilicali" in text


@pytest.mark.parametrize("hostile", ["^XA^FD", "~JR", "_5E", "a\\b", "\n^XZ", "\x00"])
def test_no_name_can_hold_a_command(hostile: str) -> None:
    text = escaped(hostile)

    assert not set("^~\\\n\x00") & set(text)
    assert bytes.fromhex("".join(f"{ord(c):02x}" for c in text)).decode() == text
    printed = label_zpl([a_sheet(receiver=Party(hostile, hostile, (hostile,)), carrier=hostile)]).decode()
    assert printed.count("^XA") == printed.count("^XZ") == 1
