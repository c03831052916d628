"""The scenario document of page 30, "Scenarios as JSON"."""

import json
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packhouse.planning.scenario import DistributionScenario, TransferScenario, parse, parse_json
from packhouse.planning.scenario_errors import ScenarioInvalid

DISTRIBUTION: dict[str, Any] = {
    "name": "Web shop, Ankara first",
    "kind": "distribution",
    "description": "",
    "status": "active",
    "priority": 10,
    "default_location": "WH-1",
    "default_multiple_packages_state": "WAITING_REMOTE_ACTION",
    "channel_condition_type": "static",
    "channels": [4],
    "shipping_condition_type": "static",
    "cargo_companies": ["example-kargo"],
    "payment_condition_type": "dynamic",
    "customer_condition_type": "dynamic",
    "customer_query": {"field": "customer.user_type", "op": "in", "value": ["individual", "vip"]},
    "rules": [
        {
            "name": "one open store of the same city",
            "prerequisite": {
                "all": [
                    {"field": "order.amount", "op": "gte", "value": "500"},
                    {"not": {"field": "order.delivery_type", "op": "eq", "value": "in_store"}},
                ]
            },
            "product_condition": "all_products",
            "location_conditions": [
                {"code": "STOCK_LOCATION_TYPE", "value": "store"},
                {"code": "LOCATION_TYPE", "value": "city"},
                {"code": "EXCEPT_STOCK_LOCATION", "value": ["369"]},
                {"code": "SELECT_BY_QUOTA"},
                {"code": "WITHIN_DISTANCE", "value": "25"},
                {"code": "TAGS", "value": ["mall"]},
                {"code": "HAS_FLAG", "value": "is_fast_delivery_available"},
                {"code": "OPEN_NOW"},
                {"code": "LEAVE_SAFETY_STOCK", "value": "2"},
            ],
            "sort": [
                {"key": "DISTANCE", "direction": "asc"},
                {"key": "PACKAGE_DENSITY", "direction": "asc"},
                {"key": "AVAILABLE_QUOTA", "direction": "desc"},
                {"key": "ACCEPTANCE_RATE", "direction": "desc"},
            ],
            "strategy": "ordered",
            "max_packages": 1,
            "allow_last_known_stock": False,
            "transferable": False,
        },
        {
            "name": "the rest from few places",
            "prerequisite": None,
            "product_condition": "query",
            "product_query": {"field": "product.attributes.bulky", "op": "ne", "value": "yes"},
            "location_conditions": [{"code": "STOCK_LOCATION_LIST", "value": ["WH-1", "WH-2", "S12"]}],
            "sort": [
                {"key": "COST", "direction": "asc"},
                {"key": "STOCK_AMOUNT", "direction": "desc"},
                {"key": "PRIORITY", "direction": "asc"},
            ],
            "strategy": "fewest_packages",
            "max_packages": 3,
            "allow_last_known_stock": True,
            "transferable": True,
        },
    ],
}
TRANSFER: dict[str, Any] = {
    "name": "Stores feed WH-1",
    "kind": "transfer",
    "rules": [
        {
            "name": "near stores",
            "prerequisite": {"field": "package.stock_location", "op": "eq", "value": "WH-1"},
            "location_conditions": [{"code": "WITHIN_DISTANCE", "value": "150"}],
            "sort": [{"key": "DISTANCE"}],
        }
    ],
}


def errors(document: object) -> dict[str, list[str]]:
    with pytest.raises(ScenarioInvalid) as caught:
        parse(document)
    return dict(caught.value.errors)


def without(document: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != key}


def put(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    changed = deepcopy(document)
    *way, last = (int(part) if part.isdigit() else part for part in path.split("."))
    place: Any = changed
    for part in way:
        place = place[part]
    place[last] = value
    return changed


@pytest.mark.parametrize("document", [DISTRIBUTION, TRANSFER])
def test_a_document_goes_round_through_json(document: dict[str, Any]) -> None:
    scenario = parse(document)

    written = scenario.to_json()

    assert parse_json(json.dumps(written)) == scenario
    for key in without(document, "rules"):
        assert written[key] == document[key]
    for rule, kept in zip(document["rules"], written["rules"], strict=True):
        for key in without(rule, "sort"):
            assert kept[key] == rule[key]


def test_what_is_left_out_has_the_defaults_of_the_specification() -> None:
    scenario = parse({"name": "Web", "default_location": "WH-1", "rules": [{"name": "all"}]})

    assert scenario.to_json() == {
        "name": "Web",
        "kind": "distribution",
        "description": "",
        "status": "passive",
        "priority": 100,
        "default_location": "WH-1",
        "default_multiple_packages_state": "WAITING",
        **{f"{name}_condition_type": "dynamic" for name in ("channel", "shipping", "payment", "customer")},
        **{f"{name}_query": None for name in ("channel", "shipping", "payment", "customer")},
        "channels": [],
        "cargo_companies": [],
        "payment_options": [],
        "customer_types": [],
        "rules": [
            {
                "name": "all",
                "prerequisite": None,
                "product_condition": "available_products",
                "product_query": None,
                "location_conditions": [],
                "sort": [],
                "strategy": "ordered",
                "max_packages": None,
                "allow_last_known_stock": False,
                "transferable": False,
            }
        ],
    }


def test_kinds_are_models_of_their_own() -> None:
    assert isinstance(parse(DISTRIBUTION), DistributionScenario)
    transfer = parse(TRANSFER)
    assert isinstance(transfer, TransferScenario)
    assert "default_location" not in transfer.to_json()


def test_read_only_keys_of_an_answer_are_passed_over() -> None:
    answer = {**DISTRIBUTION, "id": 3, "version": 2, "warnings": [], "created_date": "", "modified_date": ""}
    assert parse(answer) == parse(DISTRIBUTION)


@pytest.mark.parametrize("value", ["25", 25, 25.0, "25.000"])
def test_numbers_may_be_numbers_or_strings(value: object) -> None:
    scenario = parse(put(DISTRIBUTION, "rules.0.location_conditions.4.value", value))
    assert scenario.rules[0].location_conditions[4].value == Decimal(25)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("name", "", "name"),
        ("name", "   ", "name"),
        ("name", None, "name"),
        ("name", "x" * 256, "name"),
        ("kind", "distribute", "kind"),
        ("kind", ["transfer"], "kind"),
        ("colour", "red", "colour"),
        ("status", "on", "status"),
        ("priority", "high", "priority"),
        ("priority", True, "priority"),
        ("default_location", "", "default_location"),
        ("default_location", None, "default_location"),
        ("default_multiple_packages_state", "PACKED", "default_multiple_packages_state"),
        ("channel_condition_type", "fixed", "channel_condition_type"),
        ("channels", 4, "channels"),
        ("channels", ["web"], "channels.0"),
        ("channels", [4, 4], "channels"),
        ("channels", [True], "channels.0"),
        ("cargo_companies", [4], "cargo_companies.0"),
        ("customer_query", {"field": "customer.age", "op": "gt", "value": 5}, "customer_query.field"),
        ("customer_query", {"field": "product.sku", "op": "eq", "value": "A"}, "customer_query.field"),
        ("rules", {}, "rules"),
        ("rules.0", "first", "rules.0"),
        ("rules.0.name", "", "rules.0.name"),
        ("rules.0.colour", 1, "rules.0.colour"),
        ("rules.0.prerequisite", {"all": []}, "rules.0.prerequisite.all"),
        ("rules.0.prerequisite.all.0.op", "more", "rules.0.prerequisite.all.0.op"),
        ("rules.0.prerequisite.all.1.not.value", 5, "rules.0.prerequisite.all.1.not.value"),
        (
            "rules.0.prerequisite",
            {"field": "package.city", "op": "eq", "value": "x"},
            "rules.0.prerequisite.field",
        ),
        ("rules.0.product_condition", "some", "rules.0.product_condition"),
        ("rules.1.product_query", None, "rules.1.product_query"),
        ("rules.1.product_query.field", "product.colour", "rules.1.product_query.field"),
        ("rules.0.location_conditions.0.code", "NEAR", "rules.0.location_conditions.0.code"),
        ("rules.0.location_conditions.0", {"value": "store"}, "rules.0.location_conditions.0.code"),
        ("rules.0.location_conditions.0.value", "shop", "rules.0.location_conditions.0.value"),
        ("rules.0.location_conditions.1.value", "street", "rules.0.location_conditions.1.value"),
        ("rules.0.location_conditions.2.value", "369", "rules.0.location_conditions.2.value"),
        ("rules.0.location_conditions.3.value", 5, "rules.0.location_conditions.3.value"),
        ("rules.0.location_conditions.4.value", "-1", "rules.0.location_conditions.4.value"),
        ("rules.0.location_conditions.4.value", "NaN", "rules.0.location_conditions.4.value"),
        ("rules.0.location_conditions.4.value", "1e400000", "rules.0.location_conditions.4.value"),
        ("rules.0.location_conditions.4.value", True, "rules.0.location_conditions.4.value"),
        ("rules.0.location_conditions.6.value", "is_open", "rules.0.location_conditions.6.value"),
        ("rules.0.location_conditions.8.value", "two", "rules.0.location_conditions.8.value"),
        ("rules.0.sort.0.key", "NEAREST", "rules.0.sort.0.key"),
        ("rules.0.sort.0.direction", "up", "rules.0.sort.0.direction"),
        ("rules.0.sort.1.key", "DISTANCE", "rules.0.sort"),
        ("rules.0.strategy", "best", "rules.0.strategy"),
        ("rules.0.max_packages", 0, "rules.0.max_packages"),
        ("rules.0.max_packages", "1", "rules.0.max_packages"),
        ("rules.0.allow_last_known_stock", "yes", "rules.0.allow_last_known_stock"),
        ("rules.0.transferable", 1, "rules.0.transferable"),
    ],
)
def test_a_wrong_field_is_named(path: str, value: object, named: str) -> None:
    found = errors(put(DISTRIBUTION, path, value))
    assert list(found) == [named]
    assert all(found.values())


@pytest.mark.parametrize("key", ["name", "default_location"])
def test_a_required_field_is_named(key: str) -> None:
    assert errors(without(DISTRIBUTION, key)) == {key: ["required"]}


def test_a_rule_needs_its_name() -> None:
    assert errors({**DISTRIBUTION, "rules": [{}]}) == {"rules.0.name": ["required"]}


def test_all_errors_are_told_at_once() -> None:
    wrong = put(put(DISTRIBUTION, "rules.0.sort.0.key", "X"), "rules.1.prerequisite", {"field": "order.x"})
    assert set(errors({**wrong, "status": "x"})) == {
        "status",
        "rules.0.sort.0.key",
        "rules.1.prerequisite.op",
        "rules.1.prerequisite.value",
    }


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("default_location", "WH-1", "default_location"),
        ("rules.0.transferable", True, "rules.0.transferable"),
        (
            "rules.0.prerequisite",
            {"field": "package.weight", "op": "gt", "value": 1},
            "rules.0.prerequisite.field",
        ),
    ],
)
def test_what_a_transfer_scenario_does_not_know_is_refused(path: str, value: object, named: str) -> None:
    assert list(errors(put(TRANSFER, path, value))) == [named]


@pytest.mark.parametrize("document", [None, [], "{}", 5])
def test_a_document_must_be_an_object(document: object) -> None:
    assert errors(document) == {"": ["expected an object"]}


@pytest.mark.parametrize("text", ["", "{", b"\xff", "[" * 100_000, '{"name": 1}', "NaN"])
def test_text_that_is_no_scenario_is_refused(text: str | bytes) -> None:
    with pytest.raises(ScenarioInvalid):
        parse_json(text)


def test_a_scenario_does_not_change() -> None:
    scenario = parse(DISTRIBUTION)
    with pytest.raises(ValueError, match="frozen"):
        scenario.name = "other"


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
paths = st.sampled_from(
    [
        *DISTRIBUTION,
        *(f"rules.0.{key}" for key in DISTRIBUTION["rules"][0]),
        *(f"rules.0.location_conditions.{n}.value" for n in range(9)),
        *(f"rules.0.sort.{n}.{key}" for n in range(4) for key in ("key", "direction")),
    ]
)


@given(paths, json_values)
def test_any_value_anywhere_is_read_or_refused(path: str, value: object) -> None:
    try:
        scenario = parse(put(DISTRIBUTION, path, value))
    except ScenarioInvalid:
        return
    assert parse(scenario.to_json()) == scenario
