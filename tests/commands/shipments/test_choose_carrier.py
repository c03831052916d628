"""Which carrier takes a package, and planning that asks what it would cost (page 80, 2.4; page 30, COST)."""

from decimal import Decimal
from typing import Any

import pytest

from packhouse.catalog.models import CargoCompany, CargoCompanyCondition, Product
from packhouse.commands.planning.plan_order import plan_order
from packhouse.kernel import settings_store
from packhouse.orders.models import Order
from packhouse.packages.models import Package
from packhouse.planning.models import ExecutionPlan
from packhouse.shipments.models import Shipment
from tests.builders import a_cargo_company, a_location, a_package, a_product, an_order, some_stock
from tests.commands.planning.scenarios import a_scenario
from tests.commands.running import run

pytestmark = pytest.mark.django_db


def a_condition(erp_code: str, *rules: dict[str, Any], **fields: Any) -> CargoCompany:
    company = a_cargo_company(erp_code=erp_code, **fields)
    CargoCompanyCondition.objects.create(cargo_company=company, rules_configuration={"rules": list(rules)})
    return company


def when(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"when": {"field": field, "op": op, "value": value}}


def packed(**order: Any) -> str | None:
    """The carrier of a package of two units, 1.2 kg and 3 desi each."""
    package = a_package(items=1)
    item = package.items.get()
    Product.objects.filter(pk=item.order_item.product_id).update(unit_weight=Decimal("1.2"), desi=3)
    type(item).objects.filter(pk=item.pk).update(quantity=2)
    Order.objects.filter(pk=package.order_id).update(**order)
    run(package, "CompletePackagingCommand")
    shipment = Shipment.objects.get(package=package)
    return shipment.cargo_company and shipment.cargo_company.erp_code


@pytest.mark.parametrize(
    "rule",
    [
        {},
        when("package.weight", "eq", "2.4"),
        when("package.desi", "eq", 6),
        when("package.stock_location_type", "eq", "store"),
        when("package.city", "eq", "ankara"),
        when("order.item_count", "eq", 1),
        when("order.line_count", "eq", 1),
        when("order.amount", "gte", "0"),
        when("package.pay_on_delivery_amount", "eq", "12.50"),
        {"shipping_option_slug": "express"},
    ],
)
def test_each_thing_a_rule_may_ask_for_is_known(rule: dict[str, Any]) -> None:
    a_condition("ours", rule)

    taken = packed(cargo_company=None, shipping_option_slug="express", pay_on_delivery_amount=Decimal("12.5"))

    assert taken == "ours"


def test_a_rule_that_does_not_hold_and_a_carrier_without_a_rule_are_not_chosen() -> None:
    a_condition("light", when("package.weight", "lt", 2))
    a_cargo_company(erp_code="without")

    assert packed(cargo_company=None) is None


def test_the_carrier_of_the_order_comes_first_unless_the_setting_says_otherwise() -> None:
    a_condition("by-rule")
    named = a_cargo_company(erp_code="named")

    assert packed(cargo_company=named) == "named"
    settings_store.put("CARGO_COMPANY_CHOICE", "rules_first")
    assert packed(cargo_company=named) == "by-rule"


def test_the_cheaper_of_two_and_never_one_that_is_switched_off() -> None:
    a_condition("off", {"cost": {"base": 1}}, is_active=False)
    a_condition("base", {"cost": {"base": "20"}})
    a_condition("desi", {"cost": {"base": 5, "per_desi": "2.4"}})

    assert packed(cargo_company=None) == "desi"
    reason = Shipment.objects.get().cargo_company_reason
    assert "cost 19.4" in reason


def test_a_rule_that_can_no_longer_be_read_stops_nobody() -> None:
    a_condition("broken", when("package.colour", "eq", "red"))
    a_condition("whole")

    assert packed(cargo_company=None) == "whole"


# What planning makes of it


def two_places() -> Order:
    order = an_order(products=[a_product(sku="A", desi=Decimal(2))])
    for code in ("DEAR", "CHEAP"):
        some_stock(stock_location=a_location(erp_code=code), sku="A")
    a_scenario({"sort": [{"key": "COST", "direction": "asc"}]}, default=a_location())
    return order


def test_planning_prefers_where_the_carrier_costs_less() -> None:
    order = two_places()
    Order.objects.update(cargo_company=None)
    a_condition(
        "ours",
        {**when("package.stock_location", "eq", "DEAR"), "cost": {"base": 30}},
        {**when("package.stock_location", "ne", "DEAR"), "cost": {"base": 10, "per_desi": "1.5"}},
    )

    plan_order(order.pk)

    assert Package.objects.get().stock_location.erp_code == "CHEAP"
    (rule,) = ExecutionPlan.objects.get().explanation["rules"]
    assert rule["by"] == [[13, 30]]


def test_without_rules_nothing_is_known_and_the_last_tie_break_decides() -> None:
    order = two_places()

    plan_order(order.pk)

    assert Package.objects.get().stock_location.erp_code == "DEAR"
