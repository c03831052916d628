"""A few orders that compete for little stock."""

from random import Random

from packhouse.commands.planning import scenarios
from packhouse.commands.planning.plan_order import plan_order
from packhouse.kernel.accounts import SYSTEM
from packhouse.orders.models import Order
from packhouse.packages.models import LocationExclusion
from tests.builders import a_location, a_product, an_order, an_order_item, some_stock
from tests.commands.planning.scenarios import a_scenario

NEAREST = {"product_condition": "all_products", "sort": [{"key": "PACKAGE_DENSITY"}]}
SPLIT = {
    "strategy": "fewest_packages",
    "location_conditions": [{"code": "SELECT_BY_QUOTA"}],
    "sort": [{"key": "AVAILABLE_QUOTA", "direction": "desc"}],
    "transferable": True,
}


def a_market(seed: int) -> list[Order]:
    """Scarce stock, tight quotas, transfers, orders that wait for approval and one that was pending before."""
    draw = Random(seed)
    stores = [
        a_location(erp_code=f"S{n}", max_quota=draw.choice([None, 1, 3, 9]), priority=n) for n in range(4)
    ]
    depot = a_location(erp_code="DEPOT", is_fulfillment_center=False)
    products = [a_product(sku=f"P{n}") for n in range(5)]
    for place in (*stores, depot):
        for product in products:
            if draw.random() < 0.6:
                some_stock(stock_location=place, sku=product.sku, on_hand=draw.randint(0, 4), safety_stock=0)
    orders = []
    for n in range(12):
        order = an_order(items=0, number=f"ORDER-{n}")
        for product in draw.sample(products, draw.randint(1, 3)):
            an_order_item(order=order, product=product, quantity=draw.randint(1, 3))
        orders.append(order)
    orders[3].items.update(state="350")
    LocationExclusion.objects.create(order=orders[5], stock_location=stores[0], reason="refused")
    plan_order(orders[7].pk)  # no scenario yet: pending
    a_scenario(NEAREST, SPLIT, default=stores[0], default_multiple_packages_state="WAITING_REMOTE_ACTION")
    scenarios.create(
        {
            "name": "From the depot",
            "kind": "transfer",
            "status": "active",
            "rules": [
                {
                    "name": "depot",
                    "location_conditions": [{"code": "STOCK_LOCATION_LIST", "value": ["DEPOT"]}],
                }
            ],
        },
        SYSTEM,
    )
    return orders
