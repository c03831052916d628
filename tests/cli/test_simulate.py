"""`packhouse simulate`: as functions, for the processes around them are tested elsewhere."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import click
import pytest

from packhouse.cli.actions import simulation
from packhouse.commands.planning import scenarios
from packhouse.kernel.accounts import SYSTEM
from packhouse.planning.models import Scenario
from tests.builders import a_location, a_product, an_order, some_stock
from tests.commands.planning.scenarios import a_scenario
from tests.fingerprint import fingerprint

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


ORDERS = """channel,number,city,line,sku,price,quantity
Shop,A-1,Ankara,1 Example St,A,100.00,2
Shop,A-2,Ankara,2 Example St,A,50.00,1
"""
STOCK = "sku,erp_code,quantity,counted_at\nA,S2,1,2026-03-02T09:00:00Z\nA,S1,2,\n"


@pytest.fixture
def scenario() -> Scenario:
    """Version 1: S1 alone, which has one unit for two orders; version 2: everywhere."""
    one = a_location(erp_code="S1")
    for place in (one, a_location(erp_code="S2")):
        some_stock(stock_location=place, sku="A", on_hand=1)
    product = a_product(sku="A")
    for n in (1, 2):
        an_order(products=[product], number=f"ORDER-{n}", date_placed=f"2026-03-0{n}T09:00:00Z")
    rule = {"location_conditions": [{"code": "STOCK_LOCATION_LIST", "value": ["S1"]}]}
    made = a_scenario(rule, default=one, name="Web shop")
    scenarios.change(made.pk, {"rules": [{"name": "everywhere"}]}, SYSTEM)
    return made


def printed(capsys: pytest.CaptureFixture[str], *versions: str, chosen: str = "table", **given: Any) -> str:
    simulation.run(versions, given.pop("orders", {}), given.pop("stock", None), chosen)
    return capsys.readouterr().out


def test_versions_are_shown_side_by_side(scenario: Scenario, capsys: pytest.CaptureFixture[str]) -> None:
    before = fingerprint()

    text = printed(capsys, "Web shop:1", f"{scenario.pk}:2")

    rows = [line.split() for line in text.splitlines()]
    assert rows[0] == ["2", "orders"]
    assert ["Web", "shop", "v1", "Web", "shop", "v2"] in rows
    assert ["planned", "1", "2"] in rows
    assert ["out_of_stock_lines", "1", "0"] in rows
    assert ["S2", "0", "1"] in rows
    assert "1 orders change" in text
    assert ["ORDER-2", "out", "of", "stock:", "A", "S2:", "A"] in rows
    assert fingerprint() == before


def test_the_csv_has_a_column_for_each_version(
    scenario: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(capsys, "Web shop:2", chosen="csv", orders={"date_placed__gte": "2026-03-02"})

    rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(text))}
    assert rows[""] == ["live", "Web shop v2"]
    assert (rows["orders"], rows["planned"], rows["packages.S1"]) == (["1", "1"], ["1", "1"], ["1", "1"])


def test_orders_and_stock_come_from_files(
    scenario: Scenario, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    orders, stock = tmp_path / "orders.csv", tmp_path / "stock.csv"
    orders.write_text(ORDERS)
    stock.write_text(STOCK)

    report = json.loads(printed(capsys, "Web shop:2", chosen="json", orders=orders, stock=stock))

    assert [(each["name"], each["planned"]) for each in report["versions"]] == [("live", 1), ("Web shop", 2)]
    assert [change["order"] for change in report["changes"]] == ["A-2"]


@pytest.mark.parametrize(
    ("versions", "given", "text"),
    [
        (("Web shop",), {}, "Web shop is no version: say SCENARIO:NUMBER"),
        (("Shop:1",), {}, "There is no scenario Shop."),
        (("Web shop:9",), {}, "versions.0: There is no version 9 of a scenario"),
        ((), {"orders": {"date_placed__gte": "soon"}}, "--since: soon is no time"),
        ((), {"stock": "sku,erp_code,quantity\n\nA,S9,1\n"}, "lines.3: There is no location S9."),
        ((), {"orders": "channel,number,city,line,sku,price\nShop,A-1,Ankara,x,A,cheap\n"}, "lines.2.price"),
    ],
)
def test_what_is_wrong_is_named(
    scenario: Scenario, tmp_path: Path, versions: tuple[str, ...], given: dict[str, Any], text: str
) -> None:
    files: dict[str, Any] = {"orders": {}, "stock": None, **given}
    for name, content in given.items():
        if isinstance(content, str):
            files[name] = tmp_path / f"{name}.csv"
            files[name].write_text(content)

    with pytest.raises(click.ClickException) as refused:
        simulation.run(versions, files["orders"], files["stock"], "table")

    assert text in str(refused.value.message)
