"""Which scenario an order belongs to (page 30, "Distribution scenario")."""

import pytest

from packhouse.planning.engine import plan
from packhouse.planning.geography import Address
from packhouse.planning.snapshot import OrderFacts, ScenarioVersion
from tests.planning.situations import a_scenario, a_snapshot, an_order

CONDITIONS = [
    ("channel", "channels", 4, {"channel": 4}, {"channel": 5}),
    ("shipping", "cargo_companies", "fast", {"cargo_company": "fast"}, {"cargo_company": "slow"}),
    ("payment", "payment_options", "card", {"payment_option": "card"}, {"payment_option": "cash"}),
    ("customer", "customer_types", "vip", {"customer_type": "vip"}, {"customer_type": None}),
]
QUERIES = {
    "channel": {"field": "order.channel", "op": "in", "value": [4, 9]},
    "shipping": {"field": "order.delivery_type", "op": "eq", "value": "standard"},
    "payment": {"field": "order.payment_type", "op": "ne", "value": "cash"},
    "customer": {"field": "order.city", "op": "eq", "value": "ankara"},
}


def chosen(order: OrderFacts, *scenarios: ScenarioVersion) -> int | None:
    made = plan(a_snapshot("A", {"S1": {"A": 5}}, scenarios=scenarios, order=order))
    return None if made.scenario is None else made.scenario.id


@pytest.mark.parametrize(("name", "listed", "value", "matching", "other"), CONDITIONS)
def test_a_static_condition_wants_the_value_in_its_list(
    name: str, listed: str, value: object, matching: dict[str, object], other: dict[str, object]
) -> None:
    scenario = a_scenario(
        **{f"{name}_condition_type": "static", listed: ["x", value] if name != "channel" else [value]}
    )

    assert chosen(an_order(**matching), scenario) == 1
    assert chosen(an_order(**other), scenario) is None
    assert chosen(an_order(), scenario) is None


@pytest.mark.parametrize("name", QUERIES)
def test_a_dynamic_condition_without_query_lets_every_value_pass(name: str) -> None:
    assert chosen(an_order(), a_scenario(**{f"{name}_condition_type": "dynamic"})) == 1


@pytest.mark.parametrize(
    ("name", "passes", "fails"),
    [
        ("channel", {"channel": 9}, {"channel": 5}),
        ("shipping", {"delivery_type": "standard"}, {"delivery_type": "fast"}),
        ("payment", {"payment_type": "card"}, {"payment_type": "cash"}),
        ("customer", {"address": Address(city="ANKARA")}, {"address": Address(city="İzmir")}),
    ],
)
def test_a_dynamic_condition_with_a_query_wants_it_to_hold(
    name: str, passes: dict[str, object], fails: dict[str, object]
) -> None:
    scenario = a_scenario(**{f"{name}_query": QUERIES[name]})

    assert chosen(an_order(**passes), scenario) == 1
    assert chosen(an_order(**fails), scenario) is None


def test_the_list_of_a_dynamic_condition_is_not_looked_at() -> None:
    assert chosen(an_order(channel=5), a_scenario(channels=[4])) == 1


@pytest.mark.parametrize("failing", range(4))
def test_all_four_conditions_must_hold(failing: int) -> None:
    facts: dict[str, object] = {}
    fields: dict[str, object] = {}
    for n, (name, listed, value, matching, other) in enumerate(CONDITIONS):
        fields |= {f"{name}_condition_type": "static", listed: [value]}
        facts |= other if n == failing else matching
    assert chosen(an_order(**facts), a_scenario(**fields)) is None


def test_the_first_match_wins() -> None:
    first = a_scenario(id=1, channel_condition_type="static", channels=[9])
    second = a_scenario(id=2)
    third = a_scenario(id=3)

    assert chosen(an_order(channel=4), first, second, third) == 2
    assert chosen(an_order(channel=9), first, second, third) == 1
    assert chosen(an_order(channel=4), third, second) == 3


def test_an_order_without_scenario_waits_with_its_reason() -> None:
    refusing = a_scenario(id=7, channel_condition_type="static", channels=[9])
    made = plan(a_snapshot("AB", {"S1": {"A": 5}}, scenarios=(refusing,), order=an_order(channel=4)))

    assert made.reason == "no_scenario"
    assert made.packages == ()
    assert [(rest.order_item_id, rest.reason) for rest in made.not_placed] == [
        (1, "no_scenario"),
        (2, "no_scenario"),
    ]
    assert [(version.id, failed) for version, failed in made.explanation.refusals] == [(7, "channel")]


def test_without_any_scenario_too() -> None:
    assert plan(a_snapshot("A", {"S1": {"A": 5}}, scenarios=())).reason == "no_scenario"
