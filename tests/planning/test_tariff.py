"""Which carrier's rule is chosen for a package, and what it costs (page 80, 2.4); COST of page 30 asks for it."""

from decimal import Decimal
from typing import Any

import pytest

from packhouse.planning.queries import parse
from packhouse.planning.query_fields import Scope
from packhouse.planning.tariff import CarrierRule, Tariff, costs_from
from tests.planning.situations import a_line, a_location, a_snapshot, an_order

FACTS: dict[str, Any] = {
    "order.shipping_option_slug": "standard",
    "package.desi": Decimal(4),
    "package.weight": Decimal("1.5"),
}


def a_carrier(number: int, **fields: Any) -> CarrierRule:
    when = fields.pop("when", None)
    return CarrierRule(number, f"C{number}", when=when and parse(when, Scope.CARRIER), **fields)


def weighs_at_most(kilograms: str) -> dict[str, Any]:
    return {"field": "package.weight", "op": "lte", "value": kilograms}


@pytest.mark.parametrize(
    ("rules", "carrier"),
    [
        ([], None),
        ([a_carrier(2), a_carrier(1)], "C1"),
        ([a_carrier(1, base=Decimal(9)), a_carrier(2, base=Decimal(8))], "C2"),
        ([a_carrier(1, base=Decimal(5), per_desi=Decimal(2)), a_carrier(2, base=Decimal(12))], "C2"),
        ([a_carrier(1, priority=2, base=Decimal(1)), a_carrier(2, priority=1, base=Decimal(9))], "C2"),
        ([a_carrier(1, shipping_option_slug="fast"), a_carrier(2)], "C2"),
        ([a_carrier(1, when=weighs_at_most("1.499")), a_carrier(2, when=weighs_at_most("1.5"))], "C2"),
        ([a_carrier(1, when=weighs_at_most("1"))], None),
    ],
)
def test_rules_by_priority_then_cost_then_id(rules: list[CarrierRule], carrier: str | None) -> None:
    chosen = Tariff(tuple(rules)).chosen(FACTS)

    assert (chosen and chosen.carrier) == carrier


CHEAP, DEAR = a_carrier(1, base=Decimal(10)), a_carrier(2, base=Decimal(20), per_desi=Decimal("2.5"))
BOTH = frozenset({"C1", "C2"})


@pytest.mark.parametrize(
    ("tariff", "named", "cost"),
    [
        (Tariff((CHEAP, DEAR), BOTH), None, 10),
        (Tariff((CHEAP, DEAR), BOTH), "C2", 30),
        (Tariff((CHEAP, DEAR), BOTH, rules_first=True), "C2", 10),
        (Tariff((CHEAP, DEAR), frozenset({"C1"})), "C2", 10),
        (Tariff((CHEAP,), BOTH), "C2", None),
        (Tariff((a_carrier(1),), BOTH), None, None),
        (Tariff((a_carrier(1, base=Decimal(0)),), BOTH), None, 0),
        (Tariff(), None, None),
    ],
)
def test_the_cost_is_that_of_the_carrier_that_would_be_chosen(
    tariff: Tariff, named: str | None, cost: int | None
) -> None:
    assert tariff.cost(named, FACTS) == cost


def test_all_that_is_ordered_is_weighed_and_each_location_asked_for_itself() -> None:
    near = {"field": "package.city", "op": "eq", "value": "Ankara"}
    store = {"field": "package.stock_location_type", "op": "eq", "value": "store"}
    paid = {"field": "package.pay_on_delivery_amount", "op": "gt", "value": 0}
    rules = (
        a_carrier(1, when={"all": [store, paid]}, base=Decimal(1), per_desi=Decimal(1)),
        a_carrier(2, when={"not": near}, base=Decimal(50)),
    )
    snapshot = a_snapshot(
        [a_line(1, "A", 2, desi=Decimal("1.5")), a_line(2, "B", 1)],
        {},
        order=an_order(pay_on_delivery_amount=Decimal(5)),
        locations=[a_location("S1", type="store"), a_location("S2", type="warehouse")],
        tariff=Tariff(rules, BOTH),
    )

    assert costs_from(snapshot, [snapshot.locations.by_code[code] for code in ("S1", "S2")]) == [4, 50]
