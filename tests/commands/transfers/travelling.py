"""Packages that wait for transfers, and what their sources have."""

from packhouse.inventory.models import Stock
from packhouse.locations.models import StockLocation
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from packhouse.planning.models import Scenario, ScenarioVersion
from packhouse.transfers.models import TransferOrder
from tests.builders import (
    a_package,
    an_order,
    an_order_item,
)


def a_waiting_package(quantity: int = 1, items: int = 1) -> Package:
    order = an_order(items=0)
    for _ in range(items):
        an_order_item(order=order, quantity=quantity)
    return a_package(order=order, state=P.WAITING_FOR_TRANSFER)


def sku_of(transfer: TransferOrder, position: int = 0) -> str:
    return str(transfer.items.order_by("id")[position].product.sku)


def stock(location: StockLocation, sku: str) -> tuple[int, int]:
    """On hand, reserved."""
    row = Stock.objects.get(stock_location=location, sku=sku)
    return int(row.on_hand), int(row.reserved)


def a_transfer_scenario() -> None:
    scenario = Scenario.objects.create(name="Any source", kind="transfer", status="active", priority=1)
    scenario.live_version = ScenarioVersion.objects.create(
        scenario=scenario,
        number=1,
        body={
            "channel_condition_type": "dynamic",
            "shipping_condition_type": "dynamic",
            "payment_condition_type": "dynamic",
            "customer_condition_type": "dynamic",
            "rules": [
                {
                    "name": "all",
                    "product_condition": "available_products",
                    "sort": [{"key": "PRIORITY", "direction": "asc"}],
                }
            ],
        },
    )
    scenario.save()
