"""A small house with scarce stock: locations, products, and scenarios that plan, transfer and plan transfers again."""

import random
from decimal import Decimal
from itertools import count

from packhouse.catalog.models import CargoCompany, Channel, CustomerAddress, PackageDenialReason, Product
from packhouse.locations.models import StockLocation
from packhouse.orders.models import Order
from packhouse.planning.models import Scenario, ScenarioKind, ScenarioVersion
from tests.builders import (
    a_cargo_company,
    a_channel,
    a_customer,
    a_denial_reason,
    a_location,
    a_product,
    an_address,
    an_order_item,
    some_stock,
)
from tests.commands.planning.scenarios import a_scenario

_RULE = {
    "product_condition": "available_products",
    "location_conditions": [{"code": "SELECT_BY_QUOTA"}],
    "sort": [{"key": "STOCK_AMOUNT", "direction": "desc"}],
}
_TRANSFERABLE = {
    "product_condition": "available_products",
    "transferable": True,
    "location_conditions": [{"code": "STOCK_LOCATION_TYPE", "value": "store"}],
}


class House:
    """Locations, products and scenarios; orders come in by `an_order_arrives`."""

    def __init__(self, *, shelf: int = 12) -> None:
        self.numbers = count(1_000_000)
        self.channel: Channel = a_channel()
        self.address: CustomerAddress = an_address(customer=a_customer(channel=self.channel))
        self.locations: list[StockLocation] = [
            a_location(erp_code=code, stock_location_type=kind, is_fulfillment_center=True, max_quota=6)
            for code, kind in (("S1", "store"), ("S2", "store"), ("W1", "warehouse"), ("W2", "warehouse"))
        ]
        self.products: list[Product] = [a_product(sku=sku) for sku in ("A", "B", "C")]
        self.products.append(a_product(sku="D", unit_type="kg"))
        for number, location in enumerate(self.locations):
            for product in self.products:
                some_stock(
                    stock_location=location, sku=product.sku, on_hand=shelf + number, opening=shelf + number
                )
        self.denial: PackageDenialReason = a_denial_reason()
        self.carrier: CargoCompany = a_cargo_company()
        a_scenario(_RULE, _TRANSFERABLE, default=self.locations[-1])
        document = {
            "name": "Feed",
            "kind": "transfer",
            "rules": [{"name": "any", "product_condition": "available_products"}],
        }
        scenario = Scenario.objects.create(
            name="Feed", kind=ScenarioKind.TRANSFER, status=Scenario.Status.ACTIVE, priority=1
        )
        scenario.live_version = ScenarioVersion.objects.create(scenario=scenario, number=1, body=document)
        scenario.save()

    def an_order_arrives(self, draw: random.Random) -> int:
        """An approved order of one to three lines, not planned yet; its id."""
        number = next(self.numbers)
        order = Order.objects.create(
            number=f"S{number}",
            omnitron_id=number,
            channel=self.channel,
            customer=self.address.customer,
            shipping_address=self.address,
            billing_address=self.address,
            state="400",
            cargo_company=draw.choice((None, self.carrier)),
        )
        for product in draw.sample(self.products, draw.randint(1, 3)):
            quantity = Decimal("1.5") if product.unit_type == "kg" else Decimal(draw.randint(1, 4))
            an_order_item(order=order, product=product, quantity=quantity, omnitron_id=next(self.numbers))
        return int(order.pk)
