"""One test per location condition of page 30."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from packhouse.planning.geography import Address, Point
from packhouse.planning.opening import WorkingHours
from packhouse.planning.snapshot import Load, Location, Snapshot
from tests.planning.situations import (
    KIZILAY,
    a_location,
    a_rule,
    a_snapshot,
    an_order,
    by,
    condition,
    ids,
    km_east,
    lines_of,
    packages,
    places,
    rule_facts,
)

STOCKED = {"S1": {"A": 5}, "S2": {"A": 5}, "S3": {"A": 5}}


def asked(
    *conditions: dict[str, object], locations: list[Location] | None = None, **fields: object
) -> Snapshot:
    rule = a_rule(location_conditions=list(conditions), sort=by("PRIORITY"))
    return a_snapshot("A", STOCKED, rule, locations=locations or [], **fields)


def candidates(snapshot: Snapshot) -> list[str]:
    by_id = snapshot.locations.by_id
    return [by_id[key].erp_code for key in rule_facts(snapshot).ranked]


def shut_out(snapshot: Snapshot) -> dict[str, str]:
    by_id = snapshot.locations.by_id
    return {by_id[key].erp_code: code for key, code in rule_facts(snapshot).excluded}


def test_without_conditions_every_active_fulfilment_centre_is_a_candidate() -> None:
    locations = [a_location("S1", is_active=False), a_location("S2", is_fulfillment_center=False)]
    snapshot = asked(locations=locations)

    assert candidates(snapshot) == ["S3"]
    assert shut_out(snapshot) == {"S1": "IS_ACTIVE", "S2": "IS_FULFILLMENT_CENTER"}


def test_stock_location_list() -> None:
    snapshot = asked(condition("STOCK_LOCATION_LIST", ["S3", "S1", "gone"]))
    assert candidates(snapshot) == ["S1", "S3"]
    assert shut_out(snapshot) == {"S2": "STOCK_LOCATION_LIST"}


def test_an_empty_list_lets_nobody_in() -> None:
    assert candidates(asked(condition("STOCK_LOCATION_LIST", []))) == []


def test_except_stock_location() -> None:
    snapshot = asked(condition("EXCEPT_STOCK_LOCATION", ["S3", "S1"]))
    assert candidates(snapshot) == ["S2"]


@pytest.mark.parametrize("level", ["country", "city", "township", "district"])
def test_location_type_is_the_same_place_as_the_delivery_address(level: str) -> None:
    field = f"{level}_id"
    locations = [
        a_location("S1", address=Address(**{field: 40})),
        a_location("S2", address=Address(**{field: 41})),
        a_location("S3"),
    ]
    order = an_order(address=Address(**{field: 40}))

    snapshot = asked(condition("LOCATION_TYPE", level), locations=locations, order=order)

    assert candidates(snapshot) == ["S1"]
    assert shut_out(snapshot) == {"S2": "LOCATION_TYPE", "S3": "LOCATION_TYPE"}


def test_an_address_without_city_is_in_no_location_s_city() -> None:
    snapshot = asked(condition("LOCATION_TYPE", "city"), order=an_order(address=Address(country_id=1)))
    assert candidates(snapshot) == []


def test_stock_location_type() -> None:
    locations = [
        a_location("S1", type="store"),
        a_location("S2", type="warehouse"),
        a_location("S3", type="store"),
    ]
    assert candidates(asked(condition("STOCK_LOCATION_TYPE", "store"), locations=locations)) == ["S1", "S3"]
    assert candidates(asked(condition("STOCK_LOCATION_TYPE", "warehouse"), locations=locations)) == ["S2"]


@pytest.mark.parametrize(
    ("quota", "max_quota", "is_in"),
    [(39, 40, True), (40, 40, False), (41, 40, False), (0, 0, False), (0, None, False), (0, 1, True)],
)
def test_select_by_quota_wants_available_quota_and_an_unset_maximum_is_no_capacity(
    quota: int, max_quota: int | None, is_in: bool
) -> None:
    locations = [a_location("S1", quota=quota, max_quota=max_quota)]
    snapshot = asked(condition("SELECT_BY_QUOTA"), locations=locations)

    assert ("S1" in candidates(snapshot)) is is_in
    assert ("S1" in shut_out(snapshot)) is not is_in


def test_an_unset_maximum_is_no_limit_outside_select_by_quota() -> None:
    assert candidates(asked(locations=[a_location("S1", quota=1000)])) == ["S1", "S2", "S3"]


def test_select_by_quota_reads_the_freshest_load() -> None:
    locations = [a_location("S1", quota=0, max_quota=5), a_location("S2", quota=5, max_quota=5)]
    snapshot = asked(condition("SELECT_BY_QUOTA"), locations=locations, loads={1: Load(5, 5), 2: Load(4, 4)})
    assert candidates(snapshot) == ["S2"]


def test_within_distance() -> None:
    locations = [
        a_location("S1", address=km_east(24.9)),
        a_location("S2", address=km_east(25.2)),
        a_location("S3"),
    ]
    snapshot = asked(condition("WITHIN_DISTANCE", "25"), locations=locations)

    assert candidates(snapshot) == ["S1"]
    assert shut_out(snapshot) == {"S2": "WITHIN_DISTANCE", "S3": "WITHIN_DISTANCE"}


def test_within_distance_falls_back_to_the_centre_of_the_place() -> None:
    far = Point(KIZILAY.longitude + 5, KIZILAY.latitude)
    order = an_order(address=Address(centres=(None, KIZILAY, far)))
    locations = [a_location("S1", address=Address(centres=(None, None, KIZILAY)))]
    assert candidates(asked(condition("WITHIN_DISTANCE", 1), locations=locations, order=order)) == ["S1"]


def test_nobody_is_within_a_distance_of_an_address_without_coordinates() -> None:
    locations = [a_location("S1", address=km_east(1))]
    snapshot = asked(
        condition("WITHIN_DISTANCE", 500), locations=locations, order=an_order(address=Address())
    )
    assert candidates(snapshot) == []


def test_tags_one_is_enough() -> None:
    locations = [
        a_location("S1", tags=frozenset({"mall", "big"})),
        a_location("S2", tags=frozenset({"street"})),
    ]
    assert candidates(asked(condition("TAGS", ["mall", "outlet"]), locations=locations)) == ["S1"]


@pytest.mark.parametrize(
    "flag",
    ["is_pickup_location", "is_delivery_location", "is_fast_delivery_available", "is_return_available"],
)
def test_has_flag(flag: str) -> None:
    locations = [a_location("S1", flags=frozenset({flag})), a_location("S2", flags=frozenset({"other"}))]
    assert candidates(asked(condition("HAS_FLAG", flag), locations=locations)) == ["S1"]


@pytest.mark.parametrize("flag", ["is_active", "is_fulfillment_center"])
def test_has_flag_knows_the_two_that_every_candidate_has(flag: str) -> None:
    assert candidates(asked(condition("HAS_FLAG", flag))) == ["S1", "S2", "S3"]


@pytest.mark.parametrize(("hour", "expected"), [(9, ["S2"]), (12, ["S1", "S2"])])
def test_open_now_reads_the_snapshot_s_time_on_the_wall_and_no_hours_means_open(
    hour: int, expected: list[str]
) -> None:
    monday = {"mon": [["10:00", "22:00"]]}
    locations = [
        a_location("S1", working_hours=WorkingHours.parse(monday)),
        a_location("S2"),
        a_location("S3", working_hours=WorkingHours.parse({"mon": []})),
    ]
    istanbul = timezone(timedelta(hours=3))
    taken_at = datetime(2026, 3, 2, hour - 3, 30, tzinfo=UTC)

    snapshot = asked(condition("OPEN_NOW"), locations=locations, taken_at=taken_at, timezone=istanbul)

    assert candidates(snapshot) == expected


def test_leave_safety_stock_leaves_units_beside_the_safety_stock() -> None:
    rule = a_rule(location_conditions=[condition("LEAVE_SAFETY_STOCK", "2")], sort=by("PRIORITY"))
    stock = {"S1": {"A": (6, 1, 1)}, "S2": {"A": 2}, "S3": {"A": 9}}

    snapshot = a_snapshot(lines_of(("A", 5)), stock, rule)

    assert packages(snapshot) == [("S1", "WAITING", {1: 2}), ("S3", "WAITING", {1: 3})]


def test_conditions_are_anded() -> None:
    locations = [
        a_location("S1", type="store", tags=frozenset({"mall"})),
        a_location("S2", type="store"),
        a_location("S3", tags=frozenset({"mall"})),
    ]
    snapshot = asked(
        condition("STOCK_LOCATION_TYPE", "store"), condition("TAGS", ["mall"]), locations=locations
    )

    assert candidates(snapshot) == ["S1"]
    assert shut_out(snapshot) == {"S2": "TAGS", "S3": "STOCK_LOCATION_TYPE"}


@pytest.mark.parametrize("sku", [None, "A"])
def test_a_location_that_refused_the_order_is_not_asked_again(sku: str | None) -> None:
    snapshot = asked(locations=[])
    assert places(snapshot) == ["S1"]

    refused = asked(exclusions=frozenset((key, sku) for key in ids(snapshot, "S1")))

    assert places(refused) == ["S2"]


def test_a_refusal_of_one_sku_leaves_the_others() -> None:
    stock = {"S1": {"A": 1, "B": 1}, "S2": {"A": 1, "B": 1}}
    snapshot = a_snapshot("AB", stock, a_rule(sort=by("PRIORITY")), exclusions=frozenset({(1, "A")}))
    assert packages(snapshot) == [("S1", "WAITING", {2: 1}), ("S2", "WAITING", {1: 1})]
