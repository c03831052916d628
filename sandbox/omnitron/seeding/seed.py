"""Filling an empty store. The same plan gives the same bytes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from sandbox.omnitron import clock
from sandbox.omnitron.rules.reservations import quantity_of
from sandbox.omnitron.rules.statuses import CANCELED, DELIVERED, SHIPPED
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.seeding.goods import goods_rows
from sandbox.omnitron.seeding.orders import OrderBuilder
from sandbox.omnitron.seeding.people import customer_rows, store_rows
from sandbox.omnitron.seeding.plan import SeedPlan
from sandbox.omnitron.seeding.recipes import DAYS, recipes
from sandbox.omnitron.seeding.reference import reference_rows
from sandbox.omnitron.seeding.world import Ids, Ware, World
from sandbox.omnitron.store import Store

Row = dict[str, Any]
_GONE = (CANCELED, SHIPPED, DELIVERED)
_ORDERS_AT_ONCE = 1000


Progress = Callable[[int], None]
"""Told of every so many orders that are written."""


def nobody_waits(_orders: int) -> None:
    """No progress is shown."""


def seed(store: Store, plan: SeedPlan, progress: Progress = nobody_waits) -> None:
    """Fill an empty store by a plan."""
    stamp = clock.to_text(plan.anchor - timedelta(days=DAYS + 10))
    ids = Ids()
    fixed = reference_rows()
    goods, wares = goods_rows(plan, ids, stamp)
    stores = store_rows(plan, ids, fixed)
    customers, addresses = customer_rows(plan, ids, fixed)
    stocks = goods.pop("product_stock")
    people = {"retail_store": stores, "customer": customers, "address": addresses}
    with store.transaction():
        for table, rows in {**fixed, **goods, **people}.items():
            _insert(store, table, rows, stamp)
        world = _world(fixed, stores, customers, addresses, wares, ids)
        sold = _insert_orders(store, plan, world, progress)
        _insert(store, "product_stock", (_with_sales(each, sold) for each in stocks), stamp)


def _world(
    fixed: dict[str, list[Row]],
    stores: list[Row],
    customers: list[Row],
    addresses: list[Row],
    wares: list[Ware],
    ids: Ids,
) -> World:
    by_channel: dict[int, list[Row]] = defaultdict(list)
    for customer in customers:
        by_channel[customer["channel"]].append(customer)
    homes: dict[int, list[int]] = defaultdict(list)
    for address in addresses:
        homes[address["customer"]].append(address["id"])
    return World(
        channels={each["id"]: each for each in fixed["channel"]},
        catalogs={each["id"]: each for each in fixed["catalog"]},
        customers=by_channel,
        addresses=homes,
        collecting={},
        stores=[each for each in stores if each.get("click_and_collect")],
        city_of={each["id"]: each["city"] for each in fixed["township"]},
        wares=wares,
        ids=ids,
    )


def _insert_orders(
    store: Store, plan: SeedPlan, world: World, progress: Progress
) -> dict[tuple[int, int], int]:
    """Write the orders; returns the units reserved by (stock list, product)."""
    builder = OrderBuilder(world, plan.chance("orders"))
    sold: dict[tuple[int, int], int] = defaultdict(int)
    waiting: dict[str, list[Row]] = defaultdict(list)
    for count, recipe in enumerate(recipes(plan), 1):
        for table, rows in builder.build(recipe).items():
            waiting[table].extend(rows)
        if count % _ORDERS_AT_ONCE == 0:
            _write(store, waiting, sold)
            progress(_ORDERS_AT_ONCE)
    _write(store, waiting, sold)
    return sold


def _write(store: Store, waiting: dict[str, list[Row]], sold: dict[tuple[int, int], int]) -> None:
    for item in waiting.get("order_item", []):
        if item["status"] not in _GONE:
            item["reserved"] = quantity_of(item)
            sold[(item["stock_list"], item["product"])] += item["reserved"]
    for table, rows in waiting.items():
        store.insert_many(TABLES[table], rows)
    waiting.clear()


def _with_sales(stock: Row, sold: dict[tuple[int, int], int]) -> Row:
    units = sold.get((stock["stock_list"], stock["product"]), 0)
    return {**stock, "sold_quantity_unreported": units, "adjusted_stock": stock["stock"] - units}


def _insert(store: Store, table: str, rows: Iterable[Row], stamp: str) -> None:
    dates = {"created_date": stamp, "modified_date": stamp}
    store.insert_many(TABLES[table], ({**dates, **each} for each in rows))
