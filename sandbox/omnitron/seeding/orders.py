"""Making orders out of recipes: rows of every table an order touches, amounts exact to the cent."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sandbox.omnitron import clock
from sandbox.omnitron.errors import plain_error
from sandbox.omnitron.rules.addresses import hash_of
from sandbox.omnitron.rules.create_order import tax_split
from sandbox.omnitron.rules.payments import order_transaction, payment_rows
from sandbox.omnitron.rules.reservations import QUANTITY_KEY
from sandbox.omnitron.rules.statuses import DELIVERED, PAYMENT_WAITING, SHIPPED
from sandbox.omnitron.seeding.aftermath import cancel, discount_row, ship
from sandbox.omnitron.seeding.recipes import Recipe
from sandbox.omnitron.seeding.reference import COUNTRY, MARKETPLACE, OUTLET, WEB
from sandbox.omnitron.seeding.world import Row, Ware, World
from sandbox.omnitron.values import money

Rows = dict[str, list[Row]]
_CARRIERS = (691, 692, 693)
_CARD, _DOOR, _TRANSFER, _MARKET = 61, 62, 63, 64
_OPTIONS = {
    _CARD: ("credit_card", "credit_card"),
    _DOOR: ("pay_on_delivery", "pay_on_delivery"),
    _TRANSFER: ("funds_transfer", "funds_transfer"),
    _MARKET: ("marketplace", "marketplace"),
}
_FREE_SHIPPING_FROM = Decimal(750)
_SHIPPING, _SHIPPING_TAX = Decimal("39.90"), Decimal(20)
_DISCOUNTED, _DISCOUNT = 0.2, Decimal("0.10")
_LOYALTY = Decimal(30)
_CENT = Decimal("0.01")
_GIFT_BOX, _NOTES, _DELIVERY_RANGE = 0.04, 0.05, 0.15


class OrderBuilder:
    """Builds orders one after the other; the same dice and world give the same orders."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self._world = world
        self._chance = chance
        self._stores = {each["id"]: each for each in world.stores}

    def build(self, recipe: Recipe) -> Rows:
        """All rows of one order, complete but for defaults. Raises BadRequest when nobody could buy."""
        channel = recipe.channel or self._channel(recipe)
        recipe.collected = recipe.collected and bool(self._world.stores)
        customer = self._chance.choice(self._customers(channel))
        rows: Rows = defaultdict(list)
        order = self._order(recipe, channel, customer, rows)
        items = self._items(recipe, order, channel)
        self._settle(recipe, order, items, rows)
        rows["order"].append(order)
        rows["order_item"].extend(items)
        self._pay(order, rows)
        return rows

    # Who and where

    def _channel(self, recipe: Recipe) -> int:
        shares = {WEB: 55, OUTLET: 20, MARKETPLACE: 25}
        if recipe.collected or recipe.paid_at_the_door or recipe.status == PAYMENT_WAITING:
            del shares[MARKETPLACE]
        return self._chance.choices(list(shares), list(shares.values()))[0]

    def _customers(self, channel: int) -> list[Row]:
        customers = self._world.customers.get(channel)
        if not customers or not self._world.wares:
            raise plain_error(f"Channel {channel} has no customer with an address, or nothing to sell.")
        return customers

    def _order(self, recipe: Recipe, channel: int, customer: Row, rows: Rows) -> Row:
        pk = self._world.ids.take("order")
        placed = clock.to_text(recipe.placed)
        option = self._payment_option(recipe, channel)
        billing = self._chance.choice(self._world.addresses[customer["id"]])
        created = clock.to_text(recipe.placed + timedelta(seconds=2))
        return {
            "id": pk,
            "number": f"{channel}{pk:011d}",
            "channel": channel,
            "status": recipe.status,
            "date_placed": placed,
            "customer": customer["id"],
            "shipping_address": self._collecting_address(customer, placed, rows)
            if recipe.collected
            else billing,
            "billing_address": billing,
            "currency": "try",
            "shipping_tax_rate": money(_SHIPPING_TAX),
            "installment_count": self._chance.choice((1, 1, 1, 3, 6)) if option == _CARD else 1,
            "payment_option": option,
            "payment_option_slug": _OPTIONS[option][0],
            "cargo_company": None if recipe.collected else self._chance.choice(_CARRIERS),
            "delivery_type": "in_store" if recipe.collected else "standard",
            "shipping_option_slug": "click-and-collect" if recipe.collected else "standard",
            "language_code": "tr-tr",
            "client_type": "default",
            "remote_addr": f"10.0.{self._chance.randrange(256)}.{self._chance.randrange(1, 255)}",
            "extra_field": {"id": pk},
            "created_date": created,
            "modified_date": created,
            **self._wishes(recipe.placed),
            **(self._marketplace_shipping(pk) if channel == MARKETPLACE else {}),
        }

    def _payment_option(self, recipe: Recipe, channel: int) -> int:
        if recipe.paid_at_the_door:
            return _DOOR
        if channel == MARKETPLACE:
            return _MARKET
        return _TRANSFER if recipe.status == PAYMENT_WAITING or self._chance.random() < 0.05 else _CARD

    def _wishes(self, placed: datetime) -> Row:
        gift, notes, in_time = (self._chance.random() for _ in range(3))
        wishes: Row = {}
        if gift < _GIFT_BOX:
            wishes.update(has_gift_box=True, gift_box_note="Happy birthday!")
        if notes < _NOTES:
            wishes["notes"] = "Please ring the bell twice."
        if in_time < _DELIVERY_RANGE:
            start = placed.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=1)
            end = start + timedelta(days=2, hours=9)
            wishes["delivery_range"] = {"start": clock.to_text(start), "end": clock.to_text(end)}
        return wishes

    def _marketplace_shipping(self, pk: int) -> Row:
        code = f"MP{pk:09d}"
        url = f"https://tracking.example.com/{code}"
        return {"tracking_number": code, "carrier_shipping_code": code, "defined_tracking_url": url}

    def _collecting_address(self, customer: Row, placed: str, rows: Rows) -> int:
        store = self._chance.choice(self._world.stores)
        key = (customer["id"], store["id"])
        known = self._world.collecting.get(key)
        if known is not None:
            return known
        address: Row = {
            "customer": customer["id"],
            **{name: customer[name] for name in ("email", "phone_number", "first_name", "last_name")},
            "country": COUNTRY,
            "city": self._world.city_of[store["township"]],
            "township": store["township"],
            "district": store["district"],
            "line": store["address"],
            "title": store["name"],
            "e_bill_taxpayer": False,
            "address_type": "retail_store",
            "retail_store": store["id"],
        }
        pk = self._world.ids.take("address")
        stamps = {"created_date": placed, "modified_date": placed}
        hashed = {"id": pk, "channel": customer["channel"], "hash_data": hash_of(address)}
        rows["address"].append({**address, **hashed, **stamps})
        self._world.collecting[key] = pk
        return pk

    # What

    def _items(self, recipe: Recipe, order: Row, channel: int) -> list[Row]:
        catalog = self._world.catalogs[self._world.channels[channel]["catalog"]]
        wares = self._chance.sample(self._world.wares, recipe.lines)
        if recipe.lines > 1 and self._chance.random() < 0.1:
            wares[1] = wares[0]
        items = [
            self._item(ware, order, catalog, recipe.merged and not turn) for turn, ware in enumerate(wares)
        ]
        self._discount(items)
        for each in items:
            each.update(tax_split(each))
        return items

    def _item(self, ware: Ware, order: Row, catalog: Row, merged: bool) -> Row:
        price, retail, tax_rate = ware.prices[catalog["price_list"]]
        quantity = self._chance.randint(2, 4) if merged else 1
        pk = self._world.ids.take("order_item")
        return {
            "id": pk,
            "order": order["id"],
            "order_number": order["number"],
            "channel": order["channel"],
            "product": ware.id,
            "status": order["status"],
            "price_list": catalog["price_list"],
            "stock_list": catalog["stock_list"],
            "price": money(price * quantity),
            "retail_price": money(retail * quantity),
            "price_currency": order["currency"],
            "tax_rate": tax_rate,
            "discount_amount": "0.00",
            "attributes": {QUANTITY_KEY: quantity} if merged else {},
            "extra_field": {"id": pk},
            "created_date": order["created_date"],
            "modified_date": order["modified_date"],
        }

    def _discount(self, items: list[Row]) -> None:
        if self._chance.random() >= _DISCOUNTED:
            return
        for each in items:
            share = (Decimal(each["price"]) * _DISCOUNT).quantize(_CENT, rounding=ROUND_HALF_UP)
            each["discount_amount"] = money(share)

    # What has become of it

    def _settle(self, recipe: Recipe, order: Row, items: list[Row], rows: Rows) -> None:
        """Amounts, and the traces of what happened since."""
        discount = sum((Decimal(each["discount_amount"]) for each in items), Decimal(0))
        gross = sum((Decimal(each["price"]) for each in items), Decimal(0)) - discount
        shipping = Decimal(0) if recipe.collected or gross >= _FREE_SHIPPING_FROM else _SHIPPING
        order.update(
            amount=money(gross + shipping),
            discount_amount=money(discount),
            shipping_amount=money(shipping),
            net_shipping_amount=money(shipping * 100 / (100 + _SHIPPING_TAX)),
        )
        if discount:
            rows["discount_item"].append(discount_row(order, items, self._world.ids.take("discount_item")))
        if recipe.cancellation:
            plan_id = self._world.ids.take("cancellation_plan")
            rows["cancellation_plan"].append(cancel(recipe, order, items[:1], items, plan_id))
        elif order["status"] in (SHIPPED, DELIVERED):
            ship(recipe, order, items)

    def _pay(self, order: Row, rows: Rows) -> None:
        payment_type = _OPTIONS[order["payment_option"]][1]
        with_points = payment_type == "pay_on_delivery" and self._chance.random() < 0.4
        loyalty = _LOYALTY if with_points and Decimal(order["amount"]) > 2 * _LOYALTY else Decimal(0)
        stamps = {"created_date": order["created_date"], "modified_date": order["created_date"]}
        for name, values in payment_rows(order, payment_type, loyalty).items():
            row = {**values, **stamps, "id": self._world.ids.take(name)}
            rows[name].append(row)
            listed = order_transaction(name, row)
            rows["order_transaction"].append(
                {**listed, **stamps, "id": self._world.ids.take("order_transaction")}
            )
