"""Other units promised to a package item in place of those it had."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F

from packhouse.inventory.models import Movement, Reservation, Stock
from packhouse.inventory.services import Promise, lock_stock, reserve
from packhouse.kernel import clock
from packhouse.locations.models import StockLocation
from packhouse.packages.models import PackageItem


@dataclass(frozen=True, slots=True)
class Exchange:
    """`quantity` units of `new_sku` for a package item that was promised, or had taken, as many of `old_sku`."""

    package_item_id: int
    old_sku: str
    new_sku: str
    quantity: Decimal
    taken: Decimal


def give_back(location_id: int, exchanges: Sequence[Exchange]) -> None:
    """Give up what the items had: reservations deleted, taken units back on the shelf count.

    All rows concerned are locked first, those of the new SKUs too.
    """
    lock_stock([(location_id, sku) for each in exchanges for sku in (each.old_sku, each.new_sku)])
    is_internal = StockLocation.objects.values_list("engine", flat=True).get(pk=location_id) in (None, 1)
    for each in exchanges:
        row = Stock.objects.filter(stock_location_id=location_id, sku=each.old_sku)
        for reservation in Reservation.objects.filter(package_item_id=each.package_item_id):
            row.update(reserved=F("reserved") - reservation.quantity, modified_date=clock.now())
            reservation.delete()
        if not each.taken:
            continue
        PackageItem.objects.filter(pk=each.package_item_id).update(taken=0)
        if is_internal:
            row.update(on_hand=F("on_hand") + each.taken, modified_date=clock.now())
            Movement.objects.create(
                stock_location_id=location_id,
                sku=each.old_sku,
                delta=each.taken,
                kind=Movement.Kind.PUT_BACK,
                package_item_id=each.package_item_id,
            )


def short_of(location_id: int, exchanges: Sequence[Exchange]) -> dict[str, Decimal]:
    """The new SKUs of which the location has too little free, and what it has; after `give_back`."""
    wanted: dict[str, Decimal] = {}
    for each in exchanges:
        wanted[each.new_sku] = wanted.get(each.new_sku, Decimal(0)) + each.quantity
    rows = Stock.objects.filter(stock_location_id=location_id, sku__in=wanted)
    free = {row.sku: max(row.on_hand - row.reserved - row.safety_stock, Decimal(0)) for row in rows}
    return {
        sku: free.get(sku, Decimal(0)) for sku, units in wanted.items() if free.get(sku, Decimal(0)) < units
    }


def promise(location_id: int, exchanges: Sequence[Exchange]) -> None:
    """Reserve the new units."""
    reserve([Promise(location_id, each.new_sku, each.quantity, each.package_item_id) for each in exchanges])
