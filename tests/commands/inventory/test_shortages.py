"""A feed may say that less is there than was promised: nothing new is promised, and a person is shown it."""

from decimal import Decimal

import pytest

from packhouse.commands.inventory.count_stock import count_stock
from packhouse.commands.inventory.shortages import review_all_shortages
from packhouse.inventory.counting import Count
from packhouse.inventory.models import Stock
from packhouse.inventory.services import Promise, reserve
from packhouse.kernel.errors import PlanIsStale
from packhouse.kernel.models import ExceptionEntry
from packhouse.locations.models import StockLocation
from packhouse.packages.models import Package
from tests.builders import a_package
from tests.commands.running import run

pytestmark = pytest.mark.django_db


def a_promise_of_one() -> tuple[Package, StockLocation, str]:
    package = a_package(items=1)
    return package, package.stock_location, package.items.get().order_item.product.sku


def count(location: StockLocation, sku: str, units: int) -> None:
    count_stock([Count(location.pk, sku, quantity=Decimal(units))])


def test_less_than_was_promised_is_shown_until_it_is_there_again() -> None:
    package, location, sku = a_promise_of_one()

    count(location, sku, 0)

    shown = ExceptionEntry.objects.get(kind="negative_stock", resolved_date=None)
    assert shown.subject == f"stock_location/{location.pk}"
    assert shown.detail == {
        "count": 1,
        "first": [{"erp_code": location.erp_code, "sku": sku, "on_hand": "0.000", "reserved": "1.000"}],
    }
    row = Stock.objects.get()
    assert (row.on_hand, row.reserved) == (0, 1)
    with pytest.raises(PlanIsStale):
        reserve([Promise(location.pk, sku, Decimal(1), package.items.get().pk)])

    count(location, sku, 1)

    assert not ExceptionEntry.objects.filter(resolved_date=None).exists()


def test_what_a_command_settles_is_seen_by_the_nightly_look() -> None:
    package, location, sku = a_promise_of_one()
    count(location, sku, 0)

    run(package, "CancelPackageCommand")
    assert ExceptionEntry.objects.filter(resolved_date=None).exists()
    review_all_shortages()

    assert not ExceptionEntry.objects.filter(resolved_date=None).exists()


def test_enough_for_what_was_promised_is_nothing_to_show() -> None:
    _, location, sku = a_promise_of_one()

    count(location, sku, 1)

    assert not ExceptionEntry.objects.exists()
