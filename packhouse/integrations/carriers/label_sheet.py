"""What stands on one label."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Party:
    """Who sends or receives. `lines`: street, then district, township and city."""

    name: str
    telephone: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """`barcode`: the SSCC when `is_sscc`, else the parcel's own. `collect`: amount with currency, at the door."""

    sender: Party
    receiver: Party
    carrier: str
    order_number: str
    tracking_number: str | None
    barcode: str
    is_sscc: bool
    position: int
    count: int
    collect: str | None
    is_gift: bool
