"""What stands on a packaging document (page 80, 1.4)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PackagingLine:
    """`price`: of the whole line after its discount, tax included; None where prices are hidden."""

    sku: str
    barcode: str
    name: str
    quantity: Decimal
    unit: str
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class PackagingSheet:
    """`language` tr or en; addresses as lines; `logo`: PNG or JPEG; `collect`: what is paid at the door."""

    language: str
    brand: str
    logo: bytes | None
    order_number: str
    package_number: str
    packed: datetime
    location: str
    shipping_address: tuple[str, ...]
    billing_address: tuple[str, ...]
    lines: tuple[PackagingLine, ...]
    currency: str
    gift_note: str | None
    is_gift: bool
    collect: Decimal | None
    invoice_number: str | None
