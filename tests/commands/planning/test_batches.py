"""Planning many orders in one transaction: the same rows as one by one, and each sees what those before it took."""

from decimal import Decimal

import pytest
from django.db import connection, transaction

from packhouse.commands.planning.plan_order import Result, plan_order, plan_orders
from packhouse.inventory.models import Stock
from packhouse.kernel.errors import NotFound
from packhouse.kernel.models import Event
from packhouse.locations.models import StockLocation
from packhouse.orders.models import Order
from packhouse.packages.models import Package
from packhouse.planning.models import ExecutionPlan
from tests.builders import a_location, a_product, an_order, some_stock
from tests.commands.planning.markets import NEAREST, a_market
from tests.commands.planning.rows import written
from tests.commands.planning.scenarios import a_scenario

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(3))
def test_a_batch_writes_the_rows_that_its_orders_would_have_written_one_by_one(seed: int) -> None:
    orders = a_market(seed)

    with transaction.atomic():
        alone: dict[int, Result] = {order.pk: plan_order(order.pk) for order in orders}
        one_by_one = written()
        transaction.set_rollback(True)
    together = plan_orders([order.pk for order in orders])

    assert written() == one_by_one
    assert [_outcome(result) for result in together.values()] == [
        _outcome(result) for result in alone.values()
    ]
    states = set(Package.objects.values_list("state", flat=True))
    assert "920" in states  # a market where everything fits would prove little
    assert len(states) > 1


def _outcome(result: Result) -> tuple[int, str | None, int] | Exception:
    return (
        result if isinstance(result, Exception) else (result.order_id, result.reason, len(result.package_ids))
    )


def test_the_first_order_of_a_batch_gets_the_last_unit() -> None:
    store = a_location(erp_code="S1")
    product = a_product()
    some_stock(stock_location=store, sku=product.sku, on_hand=2)
    orders = [an_order(products=[product]) for _ in range(3)]
    a_scenario(NEAREST, default=store)

    plan_orders([orders[n].pk for n in (2, 0, 1)])

    states = [Package.objects.get(order=order).state for order in orders]
    assert states == ["100", "920", "100"]
    assert Stock.objects.get().reserved == Decimal(2)


def test_a_quota_that_binds_is_shared_by_a_batch() -> None:
    store = a_location(erp_code="S1", max_quota=2)
    product = a_product()
    some_stock(stock_location=store, sku=product.sku, on_hand=50)
    orders = [an_order(products=[product]) for _ in range(5)]
    a_scenario({"location_conditions": [{"code": "SELECT_BY_QUOTA"}]}, default=store)

    plan_orders([order.pk for order in orders])

    assert StockLocation.objects.get().quota == 2
    assert Package.objects.filter(state="100").count() == 2


def test_an_order_that_cannot_be_written_holds_up_nobody() -> None:
    store = a_location(erp_code="S1")
    product = a_product()
    some_stock(stock_location=store, sku=product.sku, on_hand=50)
    orders = [an_order(products=[product]) for _ in range(9)]
    a_scenario(NEAREST, default=store)
    poison(orders[4])

    results = plan_orders([*(order.pk for order in orders), 10**9])

    assert [pk for pk, result in results.items() if isinstance(result, Exception)] == [orders[4].pk, 10**9]
    assert "poisoned" in str(results[orders[4].pk])
    assert isinstance(results[10**9], NotFound)
    assert Package.objects.count() == 8
    assert Stock.objects.get().reserved == Decimal(8)
    assert not ExecutionPlan.objects.filter(order=orders[4]).exists()


def poison(order: Order) -> None:
    """The database refuses every package of this order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'poisoned'; END $$ LANGUAGE plpgsql"
        )
        cursor.execute(
            "CREATE TRIGGER poison BEFORE INSERT ON packages_package FOR EACH ROW"
            f" WHEN (NEW.order_id = {order.pk}) EXECUTE FUNCTION refuse()"
        )


@pytest.mark.parametrize("count", [2, 40])
def test_a_batch_costs_a_fixed_number_of_statements(
    count: int, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    store = a_location(erp_code="S1")
    product = a_product()
    some_stock(stock_location=store, sku=product.sku, on_hand=500)
    orders = [an_order(products=[product]) for _ in range(count)]
    a_scenario(NEAREST, default=store)
    plan_order(orders[0].pk)

    with django_assert_max_num_queries(36):  # type: ignore[operator]
        plan_orders([order.pk for order in orders[1:]])

    assert Package.objects.count() == count
    assert Event.objects.filter(type="order.planned").count() == count
