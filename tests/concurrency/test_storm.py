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
from packhouse.locations.models import StockLocation
from packhouse.orders.models import OrderItem
from packhouse.packages.models import Package, PackageItem
from packhouse.packages.states import PackageStatus
from tests.builders import a_location, a_package, a_product, an_order, an_order_item
from tests.concurrency.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 8
CALLS_EACH = 25
PACKAGES = 24


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
        assert reserved + item.taken == item.quantity
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
        packages.append(a_package(order=order, order_items=items, stock_location=draw.choice(locations)).pk)
    names = [command.name for command in registered("package") if not command.system_only]

    def writer(number: int) -> int:
        own = random.Random(seed * 1000 + number)
        done = 0
        for _ in range(CALLS_EACH):
            ids = list(Package.objects.filter(pk__gte=min(packages)).values_list("id", flat=True))
            try:
                engine.execute("package", _call(own, names, own.choice(ids)), SYSTEM)
                done += 1
            except PackhouseError:
                continue
        return done

    writers: list[Callable[[], int]] = [partial(writer, number) for number in range(WRITERS)]
    results = at_once(writers)

    assert [result for result in results if not isinstance(result, int)] == []
    assert sum(result for result in results if isinstance(result, int)) > PACKAGES
    check_sums()


def _call(draw: random.Random, names: list[str], package_id: int) -> Call:
    name = draw.choice(names)
    parameters: dict[str, object] = {}
    if name == "CancelPackageCommand" and draw.random() < 0.7:
        item = PackageItem.objects.filter(package_id=package_id).order_by("?").first()
        if item is not None:
            parameters["package_items"] = [{"id": item.pk, "quantity": 1}]
    return Call(package_id, slug=name, input_parameters=parameters)
