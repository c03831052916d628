"""What is found missing, wrong or damaged while packing: recorded, corrected in stock, kept away from the place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F
from pydantic import Field

from packhouse.commands.packages.effects import give_up_units
from packhouse.commands.packages.parts import take_apart
from packhouse.inventory.corrections import Missing, correct
from packhouse.inventory.services import lock_stock
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import ForeignItem, InvalidParameter
from packhouse.kernel.params import Id, Params
from packhouse.orders.messages import PlanOrder, ReschedulePackage
from packhouse.packages import services
from packhouse.packages.in_hand import ItemInHand, PackageInHand
from packhouse.packages.models import Discrepancy, DiscrepancyReason, PackageItem
from packhouse.packages.states import PackageStatus as State

PATH = "input_parameters.package_items"


class MissingItem(Params):
    """Units of one package item."""

    id: Id
    """Id of the package item."""

    quantity: Decimal = Field(gt=0, max_digits=12, decimal_places=3)
    """How many of the package item are missing."""

    discrepancy_reason: DiscrepancyReason
    """What is wrong with them."""


class MissingParams(Params):
    package_items: list[MissingItem] = Field(min_length=1)
    """Those of which units are missing."""


@dataclass(frozen=True, slots=True)
class Found:
    """How many of an item are missing, and why."""

    item: ItemInHand
    quantity: Decimal
    reason: DiscrepancyReason


def missing_items_fit(package: PackageInHand, params: MissingParams) -> None:
    """Each item is of this package, named once, with no more than its quantity."""
    seen: set[int] = set()
    for index, given in enumerate(params.package_items):
        item = package.item(given.id)
        if item is None:
            raise ForeignItem({f"{PATH}.{index}.id": [f"Package item {given.id} is not in this package."]})
        if given.id in seen:
            raise InvalidParameter({f"{PATH}.{index}.id": [f"Package item {given.id} is named twice."]})
        seen.add(given.id)
        check_quantity(item, given.quantity, f"{PATH}.{index}.quantity")


def check_quantity(item: ItemInHand, quantity: Decimal, path: str) -> None:
    """No more than the item has, and whole units of what is counted in whole units."""
    if quantity > item.quantity:
        raise InvalidParameter({path: [f"There are only {item.quantity:f} in the package."]})
    if item.unit_type == "quantity" and quantity % 1:
        raise InvalidParameter({path: ["This product is counted in whole units."]})


def found_missing(package: PackageInHand, params: MissingParams) -> list[Found]:
    """What was named, with the package's items."""
    by_id = {item.id: item for item in package.items}
    return [
        Found(by_id[given.id], given.quantity, given.discrepancy_reason) for given in params.package_items
    ]


def quantities(missing: Sequence[Found]) -> Mapping[int, Decimal]:
    """Missing units by package item id."""
    return {found.item.id: found.quantity for found in missing}


def replan_whole(package: PackageInHand, missing: Sequence[Found], run: Run) -> State:
    """OUT_OF_STOCK, then cancelled; all of it is planned again, the missing SKUs elsewhere. The state to end in."""
    _record(package, missing, run, packed_in=package.id)
    run.move("package", package, State.OUT_OF_STOCK)
    run.send(PlanOrder(order_id=package.order_id, previous_package_id=package.id))
    return State.CANCELLED


def split_missing(package: PackageInHand, missing: Sequence[Found], run: Run) -> PackageInHand:
    """Only what is missing leaves: into an OUT_OF_STOCK package of its own, which is planned again elsewhere."""
    part = take_apart(package, quantities(missing), run)
    by_order_item = {found.item.order_item_id: found for found in missing}
    moved = [
        Found(item, item.quantity, by_order_item[item.order_item_id].reason)
        for item in part.items
        if item.order_item_id in by_order_item
    ]
    _record(part, moved, run, packed_in=package.id)
    run.move("package", part, State.OUT_OF_STOCK)
    run.send(ReschedulePackage(package_id=part.id))
    return part


def _record(package: PackageInHand, missing: Sequence[Found], run: Run, *, packed_in: int) -> None:
    """The discrepancies; reservations deleted, found units put back, the count corrected; never here again."""
    location = package.stock_location_id
    for found in missing:
        PackageItem.objects.filter(pk=found.item.id).update(
            discrepancy_reason=found.reason, taken=F("taken") - _taken(found)
        )
    Discrepancy.objects.bulk_create(
        Discrepancy(
            package_id=packed_in,
            package_item_id=found.item.id,
            stock_location_id=location,
            sku=found.item.sku,
            quantity=found.quantity,
            reason=found.reason,
            user_id=run.actor.user_id,
        )
        for found in missing
    )
    lock_stock([(location, item.sku) for item in package.items])
    give_up_units(package)
    correct(location, [_correction(found) for found in missing])
    skus = sorted({found.item.sku for found in missing})
    services.exclude_location(package.order_id, location, "out of stock", skus)


def _taken(found: Found) -> Decimal:
    """Of the missing units, those that left the count already: they do not come back, and leave it once."""
    return min(found.item.taken, found.quantity)


def _correction(found: Found) -> Missing:
    return Missing(
        package_item_id=found.item.id,
        sku=found.item.sku,
        untaken=found.quantity - _taken(found),
        nothing_left=found.reason == DiscrepancyReason.NOT_FOUND,
    )
