"""ReturnToStockCommand (page 20)."""

import pytest

from packhouse.inventory.models import Movement, Stock
from packhouse.invoicing.models import Invoice
from packhouse.kernel import settings_store
from packhouse.kernel.errors import ForeignItem, InvalidParameter
from packhouse.orders.models import StatusReport
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package, an_invoice, some_stock
from tests.commands.running import refuse, run

pytestmark = pytest.mark.django_db
RETURN = "ReturnToStockCommand"
PATH = "input_parameters.package_items"


def came_back(state: P = P.DELIVERY_FAILED, items: int = 2) -> Package:
    package = a_package(state=state, items=items)
    for item in package.items.all():
        some_stock(stock_location=package.stock_location, sku=item.order_item.product.sku, on_hand=5)
    return package


@pytest.mark.parametrize("state", [P.DELIVERY_FAILED, P.READY_FOR_PICKUP, P.ATTEMPTED_DELIVERY])
def test_sellable_units_go_back_and_the_order_is_closed(state: P) -> None:
    settings_store.put("OMNITRON_FAILED_CANCELLATION_REASON_ID", 31)
    package = came_back(state)

    run(package, RETURN)

    assert package.state == P.CANCELLED
    assert {stock.on_hand for stock in Stock.objects.all()} == {6}
    assert set(Movement.objects.values_list("kind", "delta")) == {("returned", 1)}
    assert [(item.state, item.cancelled_quantity) for item in package.order.items.all()] == [("100", 1)] * 2
    package.order.refresh_from_db()
    assert package.order.state == "100"
    reports = StatusReport.objects.values_list("status", "fields")
    assert list(reports) == [("100", {"cancellation_reason": 31})] * 2


def test_damaged_units_stay_off_the_shelf() -> None:
    package = came_back()
    damaged, sellable = package.items.order_by("id")

    run(package, RETURN, package_items=[{"id": damaged.pk, "condition": "damaged"}])

    assert Stock.objects.get(sku=damaged.order_item.product.sku).on_hand == 5
    assert Stock.objects.get(sku=sellable.order_item.product.sku).on_hand == 6


def test_the_invoice_is_cancelled_where_configured() -> None:
    settings_store.put("INVOICE_CANCELLATION_CALL", True)
    package = came_back()
    an_invoice(package=package, configuration={"remote_url": "http://127.0.0.1:9/i"})

    run(package, RETURN)

    assert Invoice.objects.filter(kind="invoice_cancellation", state="pending").count() == 1


def test_refusals_change_nothing() -> None:
    package, other = came_back(), came_back()
    ours, foreign = package.items.order_by("id")[0], other.items.order_by("id")[0]

    def given(item_id: int, condition: str = "damaged") -> list[dict[str, object]]:
        return [{"id": item_id, "condition": condition}]

    refuse(package, RETURN, ForeignItem, f"{PATH}.0.id", package_items=given(foreign.pk))
    refuse(package, RETURN, InvalidParameter, f"{PATH}.1.id", package_items=given(ours.pk) * 2)
    refuse(package, RETURN, InvalidParameter, f"{PATH}.0.condition", package_items=given(ours.pk, "wet"))
