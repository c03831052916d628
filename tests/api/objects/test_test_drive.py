"""`scenarios/test_drive/`: what planning would do with one order, without doing it."""

from typing import Any

import pytest

from packhouse.commands.planning.plan_order import plan_order
from packhouse.kernel.models import Role
from packhouse.orders.models import Order
from packhouse.packages.models import Package
from tests.api.callers import Caller, a_caller
from tests.builders import a_location, a_product, an_order, some_stock
from tests.commands.planning.scenarios import a_scenario
from tests.fingerprint import fingerprint

pytestmark = pytest.mark.django_db
ADDRESS = "scenarios/test_drive/"


@pytest.fixture
def order() -> Order:
    """Two places have its one product; the first is the better one."""
    ordered = an_order(products=[a_product(sku="A")])
    for code in ("S1", "S2"):
        some_stock(stock_location=a_location(erp_code=code, max_quota=1), sku="A", on_hand=1)
    return ordered


def packing(answer: Any) -> list[str]:
    assert answer.status == 200, answer.content
    return [package["erp_code"] for package in answer.json["plan"]["packages"]]


def test_plan_and_explanation_are_told_and_nothing_is_written(operator: Caller, order: Order) -> None:
    a_scenario({}, default=a_location())
    before = fingerprint()

    answer = operator.post(ADDRESS, {"order": order.pk})

    assert packing(answer) == ["S1"]
    assert answer.json["order"] == order.pk
    assert answer.json["plan"]["reason"] is None
    assert answer.json["explanation"]["rules"][0]["candidates"][0]["erp_code"] == "S1"
    assert answer.json["explanation"]["sentences"]["en"]
    assert fingerprint() == before


def test_what_it_says_is_what_planning_then_does_and_says_again_afterwards(
    operator: Caller, order: Order
) -> None:
    a_scenario({"location_conditions": [{"code": "SELECT_BY_QUOTA"}]}, default=a_location())
    tried = packing(operator.post(ADDRESS, {"order": order.pk}))

    plan_order(order.pk)

    made = Package.objects.get(order=order).stock_location.erp_code
    assert [made] == tried == packing(operator.post(ADDRESS, {"order": order.pk})) == ["S1"]


def test_another_version_is_tried_in_place_of_the_live_one(operator: Caller, order: Order) -> None:
    scenario = a_scenario({}, default=a_location())
    elsewhere = {"code": "EXCEPT_STOCK_LOCATION", "value": ["S1"]}
    rules = [{"name": "elsewhere", "location_conditions": [elsewhere]}]
    operator.post(f"scenarios/{scenario.pk}/versions/", {"rules": rules})

    second = {"scenario": scenario.pk, "version": 2}

    assert packing(operator.post(ADDRESS, {"order": order.pk, "version": second})) == ["S2"]
    assert packing(operator.post(ADDRESS, {"order": order.pk, "version": None})) == ["S1"]


def test_what_cannot_be_planned_says_why(operator: Caller, order: Order) -> None:
    without_scenario = operator.post(ADDRESS, {"order": order.pk}).json
    empty = operator.post(ADDRESS, {"order": an_order(items=0).pk}).json

    assert without_scenario["plan"]["reason"] == "no_scenario"
    assert without_scenario["explanation"]["reason"] == "no_scenario"
    assert (empty["plan"]["reason"], empty["explanation"]) == ("nothing_to_plan", None)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "order"),
        ({"order": 99999999}, "order"),
        ({"order": "first"}, "order"),
        ({"order": 10**30}, "order"),
        ({"version": {"scenario": 99999999, "version": 1}}, "version"),
        ({"version": {"scenario": 1}}, "version"),
        ({"version": 2}, "version"),
        ({"colour": 1}, "colour"),
    ],
)
def test_what_is_wrong_is_named(operator: Caller, order: Order, body: dict[str, Any], path: str) -> None:
    given = body if path == "order" else {"order": order.pk, **body}

    answer = operator.post(ADDRESS, given)

    assert answer.status == 400, answer.content
    assert path in answer.json


def test_who_may(order: Order) -> None:
    for role in (Role.STORE, Role.INTEGRATION):
        assert a_caller(role).post(ADDRESS, {"order": order.pk}).status == 403
