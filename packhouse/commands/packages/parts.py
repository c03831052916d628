"""Part of a package (page 20): what a command takes out is split off first and makes the move alone."""

from collections.abc import Mapping
from decimal import Decimal

from packhouse.inventory.services import split_promise
from packhouse.kernel.engine import Run
from packhouse.packages import in_hand, services
from packhouse.packages.in_hand import PackageInHand


def take_apart(package: PackageInHand, quantities: Mapping[int, Decimal], run: Run) -> PackageInHand:
    """These quantities, by package item id, as a package of their own that takes its promises along.

    It names the old one as `previous_package`; the old one keeps the rest, its state and its unit of quota.
    """
    part, cuts = services.split_off(package, quantities)
    for cut in cuts:
        split_promise(cut.from_item, cut.to_item, cut.untaken)
    run.created("package", part.pk, part.state, event="package.created")
    run.event("package.updated", "package", package.id)
    return in_hand.load(part.pk)


def is_everything(package: PackageInHand, quantities: Mapping[int, Decimal]) -> bool:
    """Nothing of the package would be left."""
    return all(quantities.get(item.id, Decimal(0)) >= item.quantity for item in package.items)
