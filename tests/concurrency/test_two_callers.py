"""Two callers at once, on real connections: one wins, the other is checked against the new state."""

from functools import partial

import pytest

from packhouse.inventory.models import Movement, Stock
from packhouse.kernel import engine
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call, Outcome
from packhouse.kernel.errors import WrongState
from packhouse.kernel.models import Event, StateTransitionLog
from packhouse.packages.models import Package
from tests.builders import a_location, a_package, a_product, an_order, an_order_item
from tests.concurrency.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def run(package: Package, slug: str) -> Outcome:
    return engine.execute("package", Call(package.pk, slug=slug), SYSTEM)


@pytest.mark.parametrize("callers", [2, 8])
def test_one_of_several_packers_wins(callers: int) -> None:
    package = a_package(items=2)

    results = at_once([partial(run, package, "CompletePackagingCommand")] * callers)

    assert len([result for result in results if isinstance(result, Outcome)]) == 1
    assert len([result for result in results if isinstance(result, WrongState)]) == callers - 1
    assert StateTransitionLog.objects.filter(object_id=package.pk).count() == 1
    assert Movement.objects.count() == 2
    package.stock_location.refresh_from_db()
    assert package.stock_location.quota == 0


def test_packing_and_cancelling_meet_and_either_order_ends_lawfully() -> None:
    package = a_package(items=1)

    packed, cancelled = at_once(
        [partial(run, package, "CompletePackagingCommand"), partial(run, package, "CancelPackageCommand")]
    )

    package.refresh_from_db()
    stock = Stock.objects.get()
    if isinstance(cancelled, Outcome) and isinstance(packed, WrongState):
        assert (package.state, stock.on_hand, stock.reserved) == ("900", 100, 0)
    else:
        assert isinstance(packed, Outcome)
        assert isinstance(cancelled, Outcome)
        assert (package.state, stock.on_hand, stock.reserved) == ("900", 100, 0)
    assert package.order.items.get().state == "100"


def test_packages_with_the_same_products_in_opposite_order_never_deadlock() -> None:
    location = a_location()
    first, second = a_product(), a_product()
    packages = []
    for index in range(12):
        order = an_order(items=0)
        products = (first, second) if index % 2 else (second, first)
        items = [an_order_item(order=order, product=product) for product in products]
        packages.append(a_package(order=order, order_items=items, stock_location=location))

    results = at_once([partial(run, package, "CompletePackagingCommand") for package in packages])

    assert [result for result in results if not isinstance(result, Outcome)] == []
    for stock in Stock.objects.all():
        assert (stock.on_hand, stock.reserved) == (88, 0)


def test_sequences_of_one_package_have_no_gap_and_no_repeat() -> None:
    package = a_package()

    at_once(
        [partial(run, package, slug) for slug in ("start-preparing", "deallocate-reservations", "cancel")] * 2
    )

    sequences = list(
        Event.objects.filter(subject=f"package/{package.pk}")
        .order_by("sequence")
        .values_list("sequence", flat=True)
    )
    assert sequences == list(range(1, len(sequences) + 1))
    package.refresh_from_db()
    assert package.sequence == len(sequences)
