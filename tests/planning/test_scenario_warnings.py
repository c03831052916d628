"""A scenario that can never place anything is told so when it is saved, with the locations and why."""

from typing import Any

import pytest

from packhouse.planning.geography import Address
from packhouse.planning.opening import WorkingHours
from packhouse.planning.scenario import parse
from packhouse.planning.scenario_warnings import ScenarioWarning, warnings
from packhouse.planning.snapshot import Location, Locations
from packhouse.planning.warning_texts import _WHY
from tests.planning.situations import a_location, a_rule, condition, km_east

HUB = a_location("S9")
CLOSED = WorkingHours.parse({day: [] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")})


def found(*rules: dict[str, Any], locations: list[Location], **fields: Any) -> dict[str, ScenarioWarning]:
    body = {"name": "x", "default_location": "S9", "rules": list(rules), **fields}
    known = {location.erp_code: location for location in [*locations, HUB]}
    return {warning.code: warning for warning in warnings(parse(body), Locations(known.values()))}


def never(*conditions: dict[str, Any], locations: list[Location]) -> dict[str, str]:
    """Location -> why the rule can never give it anything; empty when it can place something."""
    listed = condition("STOCK_LOCATION_LIST", [location.erp_code for location in locations])
    told = found(a_rule(location_conditions=[listed, *conditions]), locations=locations)
    assert ("rule_never_places" in told) is ("never_places" in told)
    return dict(told["never_places"].locations) if told else {}


def test_a_scenario_that_can_place_something_has_no_warnings() -> None:
    assert never(locations=[a_location("S1"), a_location("S2", is_active=False)]) == {}


@pytest.mark.parametrize(
    ("why", "fields", "asked"),
    [
        ("IS_ACTIVE", {"is_active": False}, []),
        ("IS_FULFILLMENT_CENTER", {"is_fulfillment_center": False}, []),
        ("NO_MAX_QUOTA", {"max_quota": None}, [condition("SELECT_BY_QUOTA")]),
        ("NO_CAPACITY", {"max_quota": 0}, [condition("SELECT_BY_QUOTA")]),
        ("NO_COORDINATES", {}, [condition("WITHIN_DISTANCE", 25)]),
        ("TOO_FAR", {"address": km_east(1)}, [condition("WITHIN_DISTANCE", 0)]),
        ("NO_PLACE", {"address": Address(country_id=1)}, [condition("LOCATION_TYPE", "city")]),
        ("NEVER_OPEN", {"working_hours": CLOSED}, [condition("OPEN_NOW")]),
        ("STOCK_LOCATION_TYPE", {"type": "store"}, [condition("STOCK_LOCATION_TYPE", "warehouse")]),
        ("EXCEPT_STOCK_LOCATION", {}, [condition("EXCEPT_STOCK_LOCATION", ["S1"])]),
        ("TAGS", {}, [condition("TAGS", ["mall"])]),
        ("HAS_FLAG", {}, [condition("HAS_FLAG", "is_pickup_location")]),
    ],
)
def test_why_a_location_can_never_give_anything(
    why: str, fields: dict[str, Any], asked: list[dict[str, Any]]
) -> None:
    assert never(*asked, locations=[a_location("S1", **fields)]) == {"S1": why}


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({"max_quota": 1, "quota": 1}, condition("SELECT_BY_QUOTA")),  # full today, not for ever
        ({"address": km_east(1)}, condition("WITHIN_DISTANCE", 25)),
        ({"address": Address(city_id=1)}, condition("LOCATION_TYPE", "city")),
        ({"working_hours": WorkingHours.parse({"sun": []})}, condition("OPEN_NOW")),
        ({"tags": frozenset({"mall"})}, condition("TAGS", ["mall"])),
        ({}, condition("LEAVE_SAFETY_STOCK", 5)),
        ({}, condition("HAS_FLAG", "is_active")),
    ],
)
def test_what_may_happen_is_no_warning(fields: dict[str, Any], asked: dict[str, Any]) -> None:
    assert never(asked, locations=[a_location("S1", **fields)]) == {}


def test_one_dead_rule_beside_one_that_lives_is_told_for_itself() -> None:
    dead = a_rule(name="dead", location_conditions=[condition("STOCK_LOCATION_LIST", [])])
    told = found(a_rule(), dead, locations=[a_location("S1")])
    assert set(told) == {"rule_never_places"}
    assert told["rule_never_places"].path == "rules.1"


def test_contradicting_conditions_name_the_locations_of_the_list() -> None:
    conditions = [condition("STOCK_LOCATION_LIST", ["S1"]), condition("EXCEPT_STOCK_LOCATION", ["S1"])]
    told = found(a_rule(location_conditions=conditions), locations=[a_location("S1"), a_location("S2")])
    assert told["never_places"].locations == (("S1", "EXCEPT_STOCK_LOCATION"),)


def test_where_a_rule_means_some_locations_only_those_are_named() -> None:
    locations = [a_location("S1", type="store"), a_location("S2", type="store", max_quota=0)]
    conditions = [condition("STOCK_LOCATION_TYPE", "store"), condition("SELECT_BY_QUOTA")]
    told = found(a_rule(location_conditions=conditions), locations=locations)
    assert told["never_places"].locations == (("S1", "NO_MAX_QUOTA"), ("S2", "NO_CAPACITY"))


def test_without_rules_nothing_is_ever_placed() -> None:
    assert set(found(locations=[])) == {"no_rules"}


def test_without_locations_too() -> None:
    scenario = parse({"name": "x", "default_location": "S9", "rules": [{"name": "r"}]})
    codes = [warning.code for warning in warnings(scenario, Locations())]
    assert codes == ["unknown_location", "rule_never_places", "never_places"]


@pytest.mark.parametrize("listed", ["channels", "cargo_companies", "payment_options", "customer_types"])
def test_an_empty_static_list_never_matches(listed: str) -> None:
    names = {
        "channels": "channel",
        "cargo_companies": "shipping",
        "payment_options": "payment",
        "customer_types": "customer",
    }
    told = found(a_rule(), locations=[], **{f"{names[listed]}_condition_type": "static"})
    assert {code: warning.path for code, warning in told.items()} == {"never_matches": listed}


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"channels": [4]}, "channels"),
        (
            {
                "channel_condition_type": "static",
                "channels": [4],
                "channel_query": {"field": "order.channel", "op": "eq", "value": 4},
            },
            "channel_query",
        ),
        (
            {"rules": [a_rule(product_query={"field": "product.sku", "op": "eq", "value": "A"})]},
            "rules.0.product_query",
        ),
    ],
)
def test_what_is_not_looked_at_is_told(fields: dict[str, Any], path: str) -> None:
    told = found(**{"locations": [], "rules": [a_rule()], **fields})
    assert {code: warning.path for code, warning in told.items()} == {"not_used": path}


def test_locations_that_do_not_exist_are_named() -> None:
    conditions = [condition("EXCEPT_STOCK_LOCATION", ["S1", "S77"])]
    told = found(a_rule(location_conditions=conditions), locations=[a_location("S1")])
    assert told["unknown_location"].path == "rules.0.location_conditions.0.value"
    assert told["unknown_location"].to_json()["detail"] == "There is no location S77."


def test_the_default_location_must_exist_and_should_be_active() -> None:
    assert set(found(a_rule(), locations=[], default_location="S8")) == {"unknown_location"}
    told = found(a_rule(), locations=[a_location("S8", is_active=False)], default_location="S8")
    assert set(told) == {"default_inactive"}


class TestTransferScenarios:
    def told(self, locations: list[Location], *conditions: dict[str, Any]) -> dict[str, ScenarioWarning]:
        body = {"name": "t", "kind": "transfer", "rules": [a_rule(location_conditions=list(conditions))]}
        return {warning.code: warning for warning in warnings(parse(body), Locations(locations))}

    def test_a_source_need_not_be_a_fulfilment_centre(self) -> None:
        assert self.told([a_location("S1", is_fulfillment_center=False)]) == {}

    def test_a_distance_that_no_source_can_keep(self) -> None:
        locations = [a_location("S1", address=km_east(0)), a_location("S2", address=km_east(200))]
        told = self.told(locations, condition("WITHIN_DISTANCE", 150))
        assert told["never_places"].locations == (("S1", "TOO_FAR"), ("S2", "TOO_FAR"))
        assert self.told(locations, condition("WITHIN_DISTANCE", 250)) == {}


def test_a_warning_as_json_in_both_languages() -> None:
    rule = a_rule(name="near", location_conditions=[condition("SELECT_BY_QUOTA")])
    warning = found(rule, locations=[a_location("S1")])["rule_never_places"]

    assert warning.to_json() == {
        "code": "rule_never_places",
        "path": "rules.0",
        "detail": "Rule “near” can never place anything: S1 (no maximum quota set), S9 (no maximum quota set).",
        "locations": [
            {"erp_code": "S1", "reason": "NO_MAX_QUOTA"},
            {"erp_code": "S9", "reason": "NO_MAX_QUOTA"},
        ],
    }
    assert warning.to_json("tr")["detail"] == (
        "“near” kuralı hiçbir zaman bir şey yerleştiremez: S1 (azami kota girilmemiş), S9 (azami kota girilmemiş)."
    )


def test_many_locations_are_cut() -> None:
    locations = [a_location(f"S{n}", max_quota=None) for n in range(1, 200)]
    told = found(a_rule(location_conditions=[condition("SELECT_BY_QUOTA")]), locations=locations)
    assert len(told["never_places"].locations) == 50


def test_every_why_has_its_words() -> None:
    assert all(english and turkish for english, turkish in _WHY.values())
