"""A random storm of commands from several writers, then the sums that must hold (pages 10, 40)."""

import random
from collections.abc import Callable
from functools import partial

import pytest
from django.db.models import Count, F, Q, Sum

from packhouse.inventory.models import Reservation, Stock
from packhouse.kernel import engine
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.commands import registered
from packhouse.kernel.engine import Call
from packhouse.kernel.errors import PackhouseError
from packhouse.kernel.models import StateTransitionLog
from packhouse.locations.models import StockLocation
from packhouse.orders.models import OrderItem
from packhouse.packages.models import Package, PackageItem
from packhouse.packages.states import PackageStatus
from packhouse.transfers.models import TransferItem, TransferOrder
from tests.builders import (
    a_cargo_company,
    a_location,
    a_package,
    a_product,
    a_transfer,
    an_order,
    an_order_item,
)
from tests.commands.samples import parameters
from tests.concurrency.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 8
CALLS_EACH = 25
PACKAGES = 24
# Their samples write a log row of their own making; here the log has what really happened.
_LEFT_TO_CHANCE = ("UnblockThePackageCommand", "ReleaseFromCancellationCommand")


def check_sums() -> None:
    """Quota, reservations, units and states agree with one another."""
    for location in StockLocation.objects.annotate(
        held=Count("id", filter=Q(pk__in=Package.objects.filter(holds_quota=True).values("stock_location")))
    ):
        assert location.quota == Package.objects.filter(stock_location=location, holds_quota=True).count()
    for stock in Stock.objects.all():
        rows = Reservation.objects.filter(stock_location=stock.stock_location_id, sku=stock.sku)
        assert stock.reserved == (rows.aggregate(sum=Sum("quantity"))["sum"] or 0)
        assert stock.on_hand >= 0
    orphans = PackageItem.objects.exclude(state=F("package__state"))
    assert not orphans.exists()
    open_states = [state.value for state in PackageStatus if state.reserves]
    for item in PackageItem.objects.filter(state__in=open_states):
        reserved = Reservation.objects.filter(package_item=item).aggregate(sum=Sum("quantity"))["sum"] or 0
        travelling = TransferItem.objects.filter(package_item=item, state="in_transit")
        on_the_road = travelling.aggregate(sum=Sum("quantity"))["sum"] or 0
        assert reserved + item.taken + on_the_road == item.quantity
    unreserved = [state.value for state in PackageStatus if not state.reserves]
    assert not Reservation.objects.filter(package_item__state__in=unreserved).exists()
    for order_item in OrderItem.objects.all():
        items = PackageItem.objects.filter(order_item=order_item).exclude(state="900")
        held = items.aggregate(sum=Sum("quantity"))["sum"] or 0
        assert held + order_item.cancelled_quantity <= order_item.quantity
    for state, holds in Package.objects.values_list("state", "holds_quota").distinct():
        quota = PackageStatus(state).quota.value
        assert not (holds and quota == "released")
        assert holds or quota != "holds"


@pytest.mark.parametrize("seed", [1, 2])
def test_after_a_storm_quota_reservations_and_states_agree(seed: int) -> None:
    draw = random.Random(seed)
    locations, products = [a_location() for _ in range(3)], [a_product() for _ in range(3)]
    packages = []
    for _ in range(PACKAGES):
        order = an_order(items=0)
        chosen = draw.sample(products, draw.randint(1, 3))
        items = [
            an_order_item(order=order, product=product, quantity=draw.randint(1, 3)) for product in chosen
        ]
        here, there = draw.sample(locations, 2)
        state = draw.choice([PackageStatus.WAITING] * 3 + [PackageStatus.WAITING_FOR_TRANSFER])
        package = a_package(order=order, order_items=items, stock_location=here, state=state)
        if state is PackageStatus.WAITING_FOR_TRANSFER:
            a_transfer(package=package, source=there)
        packages.append(package.pk)
    names = {kind: [command.name for command in registered(kind)] for kind in ("package", "transfer")}

    def writer(number: int) -> int:
        own = random.Random(seed * 1000 + number)
        done = 0
        for _ in range(CALLS_EACH):
            kind = "transfer" if own.random() < 0.2 else "package"
            try:
                engine.execute(kind, _call(own, kind, names[kind]), SYSTEM)
                done += 1
            except PackhouseError:
                continue
        return done

    writers: list[Callable[[], int]] = [partial(writer, number) for number in range(WRITERS)]
    results = at_once(writers)

    assert [result for result in results if not isinstance(result, int)] == []
    assert sum(result for result in results if isinstance(result, int)) > PACKAGES
    check_sums()
    moved_by = {
        row["command.name"] for row in StateTransitionLog.objects.values_list("attributes", flat=True)
    }
    assert len(moved_by) >= 12  # a storm of refusals would prove nothing


def _call(draw: random.Random, kind: str, names: list[str]) -> Call:
    name = draw.choice(names)
    if kind == "transfer":
        ids = list(TransferOrder.objects.values_list("id", flat=True))
        given: dict[str, object] = {}
        if name == "TransferOrderAdvancedCommand":
            given = {"cargo_company": a_cargo_company().pk, "tracking_number": "T1"}
        return Call(draw.choice(ids), slug=name, input_parameters=given)
    package = draw.choice(list(Package.objects.all()))
    given = {} if name in _LEFT_TO_CHANCE else parameters(name, package) if package.items.exists() else {}
    item = package.items.order_by("?").first()
    if item is not None and draw.random() < 0.7:
        given.update(_part(draw, name, item))
    return Call(package.pk, slug=name, input_parameters=given)


def _part(draw: random.Random, name: str, item: PackageItem) -> dict[str, object]:
    """One unit, or one item, where a command can take a part."""
    if name == "CancelPackageCommand":
        return {"package_items": [{"id": item.pk, "quantity": 1}], "replan": draw.random() < 0.3}
    if name == "PackageRefuseCommand":
        return {"package_items": [item.pk]}
    if name.startswith("DetectedOutOfStockItemCommand"):
        reason = draw.choice(["not_found", "wrong_product", "damaged"])
        return {"package_items": [{"id": item.pk, "quantity": 1, "discrepancy_reason": reason}]}
    return {}
