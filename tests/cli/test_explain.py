"""`packhouse plan --explain`: as functions, for the processes around them are tested elsewhere."""

from decimal import Decimal

import pytest

from packhouse.cli.actions import planning
from packhouse.locations.models import StockLocation
from packhouse.orders.models import Order
from tests.builders import a_location, a_product, an_address, an_order, an_order_item, some_stock
from tests.commands.planning.scenarios import a_scenario

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


@pytest.fixture
def split_order() -> Order:
    """Two lines that no location has together: the nearest store has shirts, another the shoes, a third is full."""
    stores = [
        a_location(erp_code=code, max_quota=20, quota=quota)
        for code, quota in (("S07", 3), ("S12", 5), ("S30", 20))
    ]
    for store, latitude in zip(stores, ("39.90", "39.95", "39.86"), strict=True):
        address = store.address
        assert address is not None
        address.longitude, address.latitude = Decimal("32.85"), Decimal(latitude)
        address.save()
    shirt, shoes = a_product(sku="SHIRT-M"), a_product(sku="SHOE-42")
    some_stock(stock_location=stores[0], sku="SHIRT-M", on_hand=4, safety_stock=1)
    some_stock(stock_location=stores[0], sku="SHOE-42", on_hand=1, reserved=1)
    some_stock(stock_location=stores[1], sku="SHOE-42", on_hand=6)
    some_stock(stock_location=stores[2], sku="SHOE-42", on_hand=9)
    home = an_address(longitude=Decimal("32.85"), latitude=Decimal("39.92"))
    order = an_order(items=0, number="100000000077", shipping_address=home)
    an_order_item(order=order, product=shirt, quantity=2)
    an_order_item(order=order, product=shoes)
    nearest = {"location_conditions": [{"code": "SELECT_BY_QUOTA"}], "sort": [{"key": "DISTANCE"}]}
    a_scenario(
        {"name": "one store nearby", "product_condition": "all_products", **nearest},
        {"name": "the rest from few places", "strategy": "fewest_packages", **nearest},
        default=stores[0],
        name="Web shop, nearest first",
    )
    return order


def told(capsys: pytest.CaptureFixture[str], order: Order, language: str) -> str:
    planning.plan([order.number], everything=False, explained_in=language)
    return "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())


def test_a_split_order_is_explained(split_order: Order, capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, split_order, "en")

    assert "100000000077, planned by Web shop, nearest first v1 at " in text
    assert "- S07 took 2 x SHIRT-M: one of 2 locations, the fewest that cover what there is." in text
    assert "S07 had none free: 1 in stock, 1 reserved; S30 was left out: no free quota (20 of 20)." in text
    assert "rule 1, one store nearby: no_single_location" in text
    rows = [line.split() for line in text.split("rule 2, ")[1].splitlines()]
    assert ["2", "S12", "3.336", "SHOE-42", "6", "5/20", "3.336", "1", "x", "SHOE-42"] in rows
    assert ["SELECT_BY_QUOTA", "S30", "–", "SHOE-42", "9", "20/20", "–", "–"] in rows


def test_it_is_told_in_turkish_and_again_for_what_is_planned_already(
    split_order: Order, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, split_order, "en")

    text = told(capsys, split_order, "tr")

    assert "nothing_to_plan" in text
    assert "- 2 x SHIRT-M, S07 lokasyonundan: eldekini karşılayan en az sayıdaki 2 lokasyondan biri." in text


def test_what_was_not_planned_is_explained_too(
    split_order: Order, capsys: pytest.CaptureFixture[str]
) -> None:
    StockLocation.objects.update(quota=20)

    text = told(capsys, split_order, "en")

    assert "2 x SHIRT-M was not placed and is kept as out of stock at S07: it is free only at" in text
    assert "rule 1, one store nearby: no_location_passes" in text
    assert "SELECT_BY_QUOTA" in text


def test_an_order_without_a_plan_has_nothing_to_explain(capsys: pytest.CaptureFixture[str]) -> None:
    order = an_order(state="350")

    assert f"{order.number}: no plan was made yet" in told(capsys, order, "en")
