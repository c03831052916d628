"""How far the units of an order have come: what of each item stands in which kind of package."""

from dataclasses import dataclass
from decimal import Decimal

from packhouse.packages.models import PackageItem
from packhouse.packages.states import PACKED_AND_LATER, PackageStatus

# Put into a box, or on the way: a change of the order comes too late for these.
PACKED = frozenset({PackageStatus.WAITING_CARGO_LABEL, *PACKED_AND_LATER})
_GIVEN_UP = frozenset({PackageStatus.CANCELLED, PackageStatus.PACKED_FOR_REFUND})


@dataclass
class Held:
    """Units of one order item. `ever`: some package held it at some time."""

    ever: bool = False
    packed: Decimal = Decimal(0)
    waiting: Decimal = Decimal(0)


@dataclass(frozen=True)
class HeldUnits:
    """By order item; one that is missing was never planned."""

    items: dict[int, Held]

    def of(self, order_item_id: int) -> Held:
        return self.items.get(order_item_id, Held())

    @property
    def any_packed(self) -> bool:
        return any(held.packed for held in self.items.values())

    @property
    def any_waiting(self) -> bool:
        return any(held.waiting for held in self.items.values())


def held_units(order_id: int) -> HeldUnits:
    """One statement."""
    items: dict[int, Held] = {}
    rows = PackageItem.objects.filter(package__order_id=order_id)
    for order_item_id, state, quantity in rows.values_list("order_item_id", "package__state", "quantity"):
        held = items.setdefault(order_item_id, Held())
        held.ever = True
        if state in PACKED:
            held.packed += quantity
        elif state not in _GIVEN_UP:
            held.waiting += quantity
    return HeldUnits(items)
