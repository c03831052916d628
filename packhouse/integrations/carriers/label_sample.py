"""The label of a parcel of the demo brand: `docs/label.pdf` and `docs/label.zpl` are drawn from it."""

from typing import Final

from packhouse.integrations.carriers.label_pdf import label_pdf
from packhouse.integrations.carriers.label_sheet import LabelSheet, Party
from packhouse.integrations.carriers.label_zpl import label_zpl

SAMPLE: Final = LabelSheet(
    sender=Party("Mağaza Çankaya", "0 312 000 00 00", ("1 Example St", "KIZILAY / ÇANKAYA / ANKARA")),
    receiver=Party("Şükrü Ilıcalı", "05000000000", ("5 Sample St", "06420 KIZILAY / ANKARA")),
    carrier="Example Kargo",
    order_number="100000000077",
    tracking_number="7300001234567",
    barcode="386900000000001232",
    is_sscc=True,
    position=1,
    count=2,
    collect="70.00 TL",
    is_gift=True,
)


def pdf() -> bytes:
    """Not compressed, so that every machine makes the same bytes of it."""
    return label_pdf([SAMPLE], compressed=False)


def zpl() -> bytes:
    return label_zpl([SAMPLE])
