"""Seeded data: the same bytes for the same seed, the stated mix, amounts that add up."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.seeding.plan import SeedPlan
from sandbox.omnitron.seeding.recipes import recipes
from sandbox.omnitron.seeding.seed import seed
from sandbox.omnitron.store import Row, Store
from tests.sandbox.omnitron.conftest import DAY

ORDER, ITEM = TABLES["order"], TABLES["order_item"]


def _seeded(plan: SeedPlan) -> Store:
    store = Store()
    seed(store, plan)
    return store


@pytest.fixture(
    scope="module",
    params=[SeedPlan(day=DAY), SeedPlan(size="medium", day=DAY, orders=800)],
    ids=["small", "medium"],
)
def store(request: pytest.FixtureRequest) -> Store:
    return _seeded(request.param)


@pytest.fixture(scope="module")
def orders(store: Store) -> list[Row]:
    return store.find(ORDER)


@pytest.fixture(scope="module")
def lines(store: Store) -> dict[int, list[Row]]:
    by_order: dict[int, list[Row]] = {}
    for item in store.find(ITEM):
        by_order.setdefault(item["order"], []).append(item)
    return by_order


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, second = (list(_seeded(SeedPlan(day=DAY)).dump()) for _ in range(2))

    assert first == second


def test_another_seed_gives_others() -> None:
    assert list(_seeded(SeedPlan(day=DAY)).dump()) != list(_seeded(SeedPlan(seed=8, day=DAY)).dump())


def test_small_is_seeded_within_a_second() -> None:
    started = time.process_time()
    _seeded(SeedPlan())

    assert time.process_time() - started < 1


def test_a_file_is_seeded_once(tmp_path: object) -> None:
    path = f"{tmp_path}/omnitron.sqlite"
    first = Store(path)
    seed(first, SeedPlan(day=DAY))
    first.close()

    again = Store(path)

    assert not again.is_empty()
    assert again.count(ORDER) == 200


@pytest.mark.parametrize(
    ("size", "stores", "products", "orders"),
    [("small", 12, 300, 200), ("medium", 40, 2_000, 5_000), ("large", 250, 20_000, 100_000)],
)
def test_sizes(size: str, stores: int, products: int, orders: int) -> None:
    counts = SeedPlan(size=size).counts  # type: ignore[arg-type]

    assert (counts.stores, counts.products, counts.orders) == (stores, products, orders)


def test_amounts_add_up_exactly(orders: list[Row], lines: dict[int, list[Row]]) -> None:
    for order in orders:
        items = lines[order["id"]]
        gross = sum(Decimal(each["price"]) - Decimal(each["discount_amount"]) for each in items)
        assert gross + Decimal(order["shipping_amount"]) == Decimal(order["amount"])
        assert sum(Decimal(each["discount_amount"]) for each in items) == Decimal(order["discount_amount"])
        for each in items:
            item_gross = Decimal(each["price"]) - Decimal(each["discount_amount"])
            assert Decimal(each["net_amount"]) + Decimal(each["tax_amount"]) == item_gross > 0


def test_the_mix(store: Store, orders: list[Row], lines: dict[int, list[Row]]) -> None:
    count = len(orders)
    number = [len(each) for each in lines.values()]

    assert sum(each == 1 for each in number) == round(0.62 * count)
    assert sum(each >= 5 for each in number) == round(0.03 * count)
    assert max(number) <= 10
    assert sum(each > 1 for each in number) * 3 >= count
    merged = [each for each in lines.values() if any("quantity" in item["attributes"] for item in each)]
    assert len(merged) == round(0.08 * count)
    assert sum(each["delivery_type"] == "in_store" for each in orders) == round(0.06 * count)
    assert sum(each["payment_option_slug"] == "pay_on_delivery" for each in orders) == round(0.05 * count)
    assert store.count(TABLES["cancellation_plan"]) == round(0.03 * count)
    assert {each["status"] for each in store.find(TABLES["cancellation_plan"])} == {"waiting", "completed"}


def test_money_of_a_merged_item_is_that_of_all_its_units(store: Store, lines: dict[int, list[Row]]) -> None:
    prices = {
        (row["price_list"], row["product"]): Decimal(row["price"])
        for row in store.find(TABLES["product_price"])
    }

    for item in (each for items in lines.values() for each in items):
        quantity = item["attributes"].get("quantity", 1)
        assert Decimal(item["price"]) == quantity * prices[(item["price_list"], item["product"])]


def test_an_orders_status_is_the_lowest_of_its_items(orders: list[Row], lines: dict[int, list[Row]]) -> None:
    for order in orders:
        open_items = [int(each["status"]) for each in lines[order["id"]] if each["status"] != "100"]
        assert int(order["status"]) == min(open_items, default=100)


def test_small_is_mostly_approved_and_recent() -> None:
    rows = _seeded(SeedPlan(day=DAY)).find(ORDER)
    recent = [row for row in rows if row["date_placed"] >= "2026-02-23"]

    assert sum(row["status"] == "400" for row in rows) >= 150
    assert len(recent) >= 120


def test_orders_come_over_thirty_days_with_a_daily_curve_and_a_peak() -> None:
    plan = SeedPlan(size="medium", day=DAY, orders=20_000)
    placed = [recipe.placed for recipe in recipes(plan)]

    days = Counter(each.date() for each in placed)
    hours = Counter(each.hour for each in placed)
    average = len(placed) / 30
    assert len(days) == 30
    assert max(days) < DAY
    assert max(days.values()) > 2.3 * average
    assert sorted(days.values())[-2] < 1.3 * average
    assert hours[21] > 5 * hours[4]
    assert placed == sorted(placed)


def test_everything_has_happened_by_the_day_of_the_plan(store: Store) -> None:
    for table in (ORDER, ITEM, TABLES["cancellation_plan"]):
        for row in store.find(table):
            assert row["created_date"] <= row["modified_date"] < "2026-03-02"


def test_what_is_collected_goes_to_a_store(store: Store, orders: list[Row]) -> None:
    addresses = {row["id"]: row for row in store.find(TABLES["address"])}
    stores = {row["id"]: row for row in store.find(TABLES["retail_store"])}

    for order in orders:
        address = addresses[order["shipping_address"]]
        assert (address["address_type"] == "retail_store") == (order["delivery_type"] == "in_store")
        assert address["customer"] == order["customer"]
        if address["retail_store"]:
            assert stores[address["retail_store"]]["click_and_collect"]
            assert addresses[order["billing_address"]]["retail_store"] is None


def test_stocks_hold_what_open_orders_reserve(store: Store) -> None:
    reserved: Counter[tuple[int, int]] = Counter()
    for item in store.find(ITEM, "status NOT IN ('100', '500', '550')"):
        assert item["reserved"] == item["attributes"].get("quantity", 1)
        reserved[(item["stock_list"], item["product"])] += item["reserved"]

    for row in store.find(TABLES["product_stock"]):
        assert row["sold_quantity_unreported"] == reserved[(row["stock_list"], row["product"])]
        assert row["adjusted_stock"] == row["stock"] - row["sold_quantity_unreported"]


def test_nobody_real_is_in_it(store: Store) -> None:
    for row in (*store.find(TABLES["customer"]), *store.find(TABLES["address"])):
        assert row["email"].endswith("@example.com")
        assert row["phone_number"].startswith("0500")


def test_every_link_points_at_a_row(store: Store) -> None:
    for table in TABLES.values():
        for name, field in table.fields.items():
            if field.kind == "link":
                missing = f'"{name}" NOTNULL AND "{name}" NOT IN (SELECT id FROM "{field.to}")'
                assert store.count(table, missing) == 0, f"{table.name}.{name}"


def test_stores_stand_in_several_cities(store: Store) -> None:
    rows = store.find(TABLES["retail_store"])
    cities = {store.get(TABLES["township"], row["township"])["city"] for row in rows}  # type: ignore[index]

    assert len(cities) == 10
    assert len({row["erp_code"] for row in rows}) == len(rows)
    assert len({row["name"] for row in rows}) == len(rows)


def test_the_day_is_today_unless_said_otherwise() -> None:
    assert SeedPlan().anchor.date() >= date(2026, 1, 1)
    assert SeedPlan(day=DAY).anchor.isoformat() == "2026-03-02T00:00:00+00:00"
