"""The customers' side: orders placed, paid, changed and cancelled as a shop would, webhooks included."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.omnitron import clock
from sandbox.omnitron.box import Box
from sandbox.omnitron.errors import BadRequest, field_error
from sandbox.omnitron.hooks.changes import Changes
from sandbox.omnitron.rules.addresses import ADDRESS_FIELDS, add_address, hash_of
from sandbox.omnitron.rules.cancellations import cancel
from sandbox.omnitron.rules.cleaning import cleaned, objects
from sandbox.omnitron.rules.create_order import ITEM_FIELDS, add_item, tax_split
from sandbox.omnitron.rules.items import touch_orders, write_item
from sandbox.omnitron.rules.reservations import release, reserve
from sandbox.omnitron.rules.statuses import APPROVED, CANCELED, PAYMENT_WAITING, status_code
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.seeding.orders import OrderBuilder, Rows
from sandbox.omnitron.seeding.plan import SeedPlan
from sandbox.omnitron.seeding.recipes import like_ever
from sandbox.omnitron.seeding.world import Ids, World
from sandbox.omnitron.store import Row
from sandbox.omnitron.values import money

ORDER, ORDER_ITEM, ADDRESS = TABLES["order"], TABLES["order_item"], TABLES["address"]


class Shop:
    """One for a sandbox. Which orders come depends on the seed and on how many came before."""

    def __init__(self, box: Box, plan: SeedPlan) -> None:
        self._box = box
        self._store = box.store
        self.chance = plan.chance(f"shop:{box.store.count(ORDER)}")
        self._world: World | None = None

    def place(self, count: int = 1, *, channel: int | None = None, status: str | None = None) -> list[int]:
        """Place orders of the usual mix now; returns their ids. With `status` all of them stand there."""
        with self._box.unit() as changes:
            world = self._world or World.of(self._store)
            self._world = None  # what is built within a unit that fails was never there
            world.ids = Ids.of(self._store)  # others write meanwhile
            builder = OrderBuilder(world, self.chance)
            placed = []
            for _ in range(count):
                recipe = like_ever(self.chance, clock.now())
                recipe.channel, recipe.status = channel, status or recipe.status
                placed.append(self._write_down(builder.build(recipe), changes))
        self._world = world
        return placed

    def _write_down(self, rows: Rows, changes: Changes) -> int:
        for table, listed in rows.items():
            self._store.insert_many(TABLES[table], listed)
        order_id = int(rows["order"][0]["id"])
        for item in self._store.find(ORDER_ITEM, '"order" = ?', [order_id]):
            if item["status"] != CANCELED:
                reserve(self._store, item)
        changes.order(order_id, created=True)
        return order_id

    def forget_the_world(self) -> None:
        """Read stores, customers and goods anew before the next order."""
        self._world = None

    def pay(self, order_id: int) -> None:
        """The payment of an order has come: its items are approved."""
        with self._box.unit() as changes:
            for item in self._items(order_id):
                if item["status"] == PAYMENT_WAITING:
                    write_item(self._store, item, {"status": APPROVED})
            touch_orders(self._store, changes, [order_id])

    def cancel(self, order: Row, body: Mapping[str, Any]) -> Row:
        """The customer cancels: all items, or those in `cancel_items`; returns the plan. Raises ApiError."""
        asked = dict(body) if body.get("cancel_items") else {**body, "is_all": True}
        with self._box.unit() as changes:
            return cancel(self._store, changes, order, asked)

    def change(self, order: Row, body: Mapping[str, Any]) -> None:
        """Change an order: `address` {…}, `items` [{"id", …, "remove"}], `add_items` [{…}], `status`.

        Raises ApiError.
        """
        with self._box.unit() as changes:
            if "address" in body:
                self._move(order, body["address"])
            for each in objects(body.get("items") or [], "items"):
                self._change_item(order, each)
            for each in objects(body.get("add_items") or [], "add_items"):
                add_item(self._store, order, each)
            if body.get("status") is not None:
                self._set_status(order, body["status"])
            if body.get("items") or body.get("add_items"):
                self._add_up(order)
            touch_orders(self._store, changes, [order["id"]])

    def _items(self, order_id: int) -> list[Row]:
        return self._store.find(ORDER_ITEM, '"order" = ?', [order_id])

    def _move(self, order: Row, body: Any) -> None:
        """Another shipping address: a new row, so that other orders keep theirs."""
        if not isinstance(body, dict):
            raise field_error("address", "Expected an object.")
        present = self._store.get(ADDRESS, order["shipping_address"]) or {}
        values = {
            **{name: present.get(name) for name in ADDRESS_FIELDS},
            **cleaned(self._store, ADDRESS, body, ADDRESS_FIELDS),
        }
        known = self._store.first(ADDRESS, "hash_data = ?", [hash_of(values)])
        address = known or add_address(self._store, values, order["channel"])
        self._store.update(ORDER, order["id"], {"shipping_address": address["id"]})

    def _change_item(self, order: Row, body: Mapping[str, Any]) -> None:
        item = next(
            (each for each in self._items(order["id"]) if str(each["id"]) == str(body.get("id"))), None
        )
        if item is None:
            raise field_error("items", f'"{body.get("id")}" is no item of this order.')
        if body.get("remove"):
            release(self._store, item)
            self._store.delete(ORDER_ITEM, item["id"])
            return
        values = cleaned(self._store, ORDER_ITEM, body, ITEM_FIELDS)
        if body.get("status") is not None:
            values["status"] = _code(body["status"])
        values.update(tax_split({**item, **values}))
        resized = {"attributes", "product"} & set(values)
        freed = release(self._store, item) if resized else item
        written = write_item(self._store, freed, values)
        if resized and written["status"] != CANCELED:
            reserve(self._store, written)

    def _set_status(self, order: Row, raw: Any) -> None:
        code = _code(raw)
        for item in self._items(order["id"]):
            if item["status"] != CANCELED:
                write_item(self._store, item, {"status": code})

    def _add_up(self, order: Row) -> None:
        items = self._items(order["id"])
        discount = sum((Decimal(each["discount_amount"]) for each in items), Decimal(0))
        gross = sum((Decimal(each["price"]) for each in items), Decimal(0)) - discount
        amount = money(gross + Decimal(order["shipping_amount"]))
        self._store.update(ORDER, order["id"], {"amount": amount, "discount_amount": money(discount)})


def _code(raw: Any) -> str:
    code = status_code(raw)
    if code is None:
        raise BadRequest({"status": [f'"{raw}" is not a valid choice.']}, "invalid_choice")
    return code
