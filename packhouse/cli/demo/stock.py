"""What lies on the demo's shelves: the same numbers every time, by location and SKU."""

import hashlib
from collections.abc import Iterator, Sequence
from decimal import Decimal

from packhouse.commands.inventory.count_stock import count_stock
from packhouse.inventory.counting import Count
from packhouse.inventory.models import Stock
from packhouse.locations.models import StockLocation

Key = tuple[int, str]
AT_ONCE = 2000


def counted(skus: Sequence[str]) -> dict[Key, Decimal]:
    """Units by (location id, SKU): a store has about two in five products, a few of each; the warehouse most,
    and more; one product in forty is nowhere."""
    locations = list(StockLocation.objects.filter(is_active=True).order_by("id"))
    return {
        (location.pk, sku): Decimal(_units(location, sku)) for location in locations for sku in sorted(skus)
    }


def fill_shelves(skus: Sequence[str]) -> int:
    """Count everything once; how many rows. Shelves that were filled before are left as they are."""
    if Stock.objects.exists():
        return 0
    rows = [Count(*key, quantity=units) for key, units in counted(skus).items() if units]
    for part in _parts(rows):
        count_stock(part)
    return len(rows)


def _units(location: StockLocation, sku: str) -> int:
    if _dice(sku) % 40 == 0:
        return 0
    throw = _dice(f"{location.erp_code}/{sku}")
    if location.stock_location_type == StockLocation.Type.WAREHOUSE:
        return 1 + throw % 30 if throw // 30 % 20 < 17 else 0
    return 1 + throw % 6 if throw // 6 % 10 < 4 else 0


def _dice(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])


def _parts(rows: list[Count]) -> Iterator[list[Count]]:
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]
