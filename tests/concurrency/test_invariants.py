"""What the storm looks for can be found: each thing that must hold is broken once, by hand.

The kinds of `reconcile` are planted beside its own tests.
"""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db.models import F

from packhouse.inventory.models import Stock
from packhouse.kernel.models import Event, StateTransitionLog
from packhouse.packages.models import Package, PackageItem
from tests.builders import a_package, a_shipment, an_order, an_order_item
from tests.commands.running import run
from tests.concurrency.invariants import broken, kinds_beside

pytestmark = pytest.mark.django_db


def _foreign_item(package: Package) -> None:
    """An item of another order of the same product and quantity takes the place of one of this order."""
    product = package.items.get().order_item.product
    foreign = an_order_item(order=an_order(items=0), product=product)
    PackageItem.objects.filter(package=package).update(order_item=foreign)


def _cancelled_with_shipment(package: Package) -> None:
    run(package, "CancelPackageCommand")
    a_shipment(package=package)


def _gap(package: Package) -> None:
    run(package, "DeAllocatePackageReservationsCommand")
    first = Event.objects.filter(subject=f"package/{package.pk}").order_by("sequence").first()
    Event.objects.filter(pk=first.pk).update(sequence=F("sequence") + 50)


def _log_elsewhere(package: Package) -> None:
    run(package, "DeAllocatePackageReservationsCommand")
    StateTransitionLog.objects.filter(object_id=package.pk).update(new_state_id=F("old_state_id"))


PLANTED: dict[str, Callable[[Package], object]] = {
    "on_hand below zero": lambda _: Stock.objects.update(on_hand=Decimal(-1), opening=Decimal(-1)),
    "more promised than there is": lambda _: Stock.objects.update(on_hand=0, opening=0),
    "item of another order": _foreign_item,
    "shipment of a package that was cancelled before it was shipped": _cancelled_with_shipment,
    "gap in the events of a subject": _gap,
    "package whose log does not end in its state": _log_elsewhere,
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_broken_by_hand_is_found(name: str) -> None:
    package = a_package(items=1)
    assert broken() == []

    PLANTED[name](package)

    assert [line for line in broken() if line.startswith(f"{name}: ")] != []


def test_everything_that_is_looked_for_is_broken_once() -> None:
    assert list(PLANTED) == kinds_beside()
