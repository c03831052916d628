"""What waits for stock is planned again at once when units of it become free, whatever set them free."""

import pytest

from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package, a_product, an_order, some_stock
from tests.commands.running import run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db


def one_that_lacks(sku_of: Package | None = None) -> Package:
    """A package without stock, of the same product as another one, or of one of its own."""
    product = sku_of.items.get().order_item.product if sku_of else a_product()
    return a_package(order=an_order(products=[product]), state=P.OUT_OF_STOCK)


@pytest.mark.parametrize(
    ("state", "command"),
    [
        (P.WAITING, "CancelPackageCommand"),
        (P.PACKED, "CancelPackageCommand"),
        (P.WAITING, "MarkStaleWaitingCommand"),
        (P.DELIVERY_FAILED, "ReturnToStockCommand"),
    ],
)
def test_units_that_are_given_up_are_offered_at_once(state: P, command: str) -> None:
    package = a_package(items=1, state=state)
    sku = package.items.get().order_item.product.sku
    if state is P.DELIVERY_FAILED:
        some_stock(stock_location=package.stock_location, sku=sku, on_hand=0)
    lacking = one_that_lacks(package)
    one_that_lacks()

    run(package, command)

    assert [job["package_id"] for job in waiting_jobs("packages.reschedule")] == [lacking.pk]


def test_a_package_that_has_no_units_offers_none() -> None:
    package = one_that_lacks()
    one_that_lacks(package)

    run(package, "CancelPackageCommand")

    assert waiting_jobs("packages.reschedule") == []
