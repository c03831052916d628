"""What stands on a pick list and on a transfer sheet (page 80, 1.4)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """`packages`: whose units these are, number and quantity; empty where there is one owner only."""

    sku: str
    barcode: str
    name: str
    quantity: Decimal
    unit: str
    packages: tuple[tuple[str, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class PickedPackage:
    number: str
    order_number: str
    is_gift: bool


@dataclass(frozen=True, slots=True)
class PickSheet:
    """What is fetched from the shelves of one location in one go. `language` tr or en; `drawn` in local time."""

    language: str
    drawn: datetime
    location: str
    packages: tuple[PickedPackage, ...]
    lines: tuple[GoodsLine, ...]


@dataclass(frozen=True, slots=True)
class TransferSheet:
    """What travels between two locations. `source`, `destination`: name and address as lines."""

    language: str
    drawn: datetime
    number: str
    package_number: str
    order_number: str
    source: tuple[str, ...]
    destination: tuple[str, ...]
    carrier: str | None
    tracking_number: str | None
    lines: tuple[GoodsLine, ...]
