"""One test per sort key of page 30, and how ties and unknowns are sorted."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packhouse.planning.geography import Address
from packhouse.planning.snapshot import Load, Location, Snapshot
from tests.planning.situations import (
    a_location,
    a_rule,
    a_snapshot,
    a_tariff,
    an_order,
    by,
    km_east,
    places,
    rule_facts,
)

SPREAD = {"S1": {"A": 1}, "S2": {"A": 1}, "S3": {"A": 1}}


def sorted_by(*keys: str, locations: list[Location] | None = None, **fields: object) -> list[str]:
    rule = a_rule(sort=by(*keys))
    return ranked(a_snapshot("A", SPREAD, rule, locations=locations or [], **fields))


def ranked(snapshot: Snapshot) -> list[str]:
    by_id = snapshot.locations.by_id
    return [by_id[key].erp_code for key in rule_facts(snapshot).ranked]


def both_ways(key: str, locations: list[Location], **fields: object) -> tuple[list[str], list[str]]:
    return (
        sorted_by(key, locations=locations, **fields),
        sorted_by(f"-{key}", locations=locations, **fields),
    )


def test_priority() -> None:
    locations = [
        a_location("S1", priority=20),
        a_location("S2", priority=10),
        a_location("S3", priority=None),
    ]
    assert both_ways("PRIORITY", locations) == (["S2", "S1", "S3"], ["S1", "S2", "S3"])


def test_stock_amount_is_what_is_free_of_what_is_wanted() -> None:
    stock = {
        "S1": {"A": (9, 7, 1), "B": 1, "C": 50},
        "S2": {"A": 3, "B": 2},
        "S3": {"B": (5, 0, 1)},
    }
    assert ranked(a_snapshot("AB", stock, a_rule(sort=by("STOCK_AMOUNT")))) == ["S1", "S3", "S2"]
    assert ranked(a_snapshot("AB", stock, a_rule(sort=by("-STOCK_AMOUNT")))) == ["S2", "S3", "S1"]


def test_package_density_is_the_number_of_open_packages() -> None:
    locations = [
        a_location("S1", open_packages=5),
        a_location("S2", open_packages=0),
        a_location("S3", open_packages=9),
    ]
    assert both_ways("PACKAGE_DENSITY", locations) == (["S2", "S1", "S3"], ["S3", "S1", "S2"])
    assert sorted_by("PACKAGE_DENSITY", locations=locations, loads={2: Load(0, 7)}) == ["S1", "S2", "S3"]


def test_distance_and_no_coordinates_sort_as_farthest_both_ways() -> None:
    locations = [
        a_location("S1"),
        a_location("S2", address=km_east(300)),
        a_location("S3", address=km_east(2)),
    ]
    assert both_ways("DISTANCE", locations) == (["S3", "S2", "S1"], ["S2", "S3", "S1"])


def test_without_coordinates_of_the_address_distance_decides_nothing() -> None:
    locations = [a_location("S1", address=km_east(300), priority=2), a_location("S3", priority=1)]
    order = an_order(address=Address(city="ANKARA"))
    assert sorted_by("DISTANCE", locations=locations, order=order) == ["S2", "S3", "S1"]


def test_available_quota_and_no_limit_sorts_last_both_ways() -> None:
    locations = [
        a_location("S1", max_quota=10, quota=9),
        a_location("S2", max_quota=None),
        a_location("S3", max_quota=5, quota=0),
    ]
    assert both_ways("AVAILABLE_QUOTA", locations) == (["S1", "S3", "S2"], ["S3", "S1", "S2"])


def test_acceptance_rate_and_unknown_sorts_last_both_ways() -> None:
    locations = [
        a_location("S1", acceptance_rate=Decimal("0.8")),
        a_location("S2"),
        a_location("S3", acceptance_rate=Decimal("0.95")),
    ]
    assert both_ways("ACCEPTANCE_RATE", locations) == (["S1", "S3", "S2"], ["S3", "S1", "S2"])


def test_cost_and_unknown_sorts_last_both_ways() -> None:
    locations = [a_location("S1"), a_location("S2"), a_location("S3")]
    tariff = a_tariff({"S1": 9, "S3": 1})
    assert both_ways("COST", locations, tariff=tariff) == (["S3", "S1", "S2"], ["S1", "S3", "S2"])
    assert both_ways("COST", locations) == (["S1", "S2", "S3"], ["S1", "S2", "S3"])


def test_the_first_key_decides_and_the_next_breaks_ties() -> None:
    locations = [
        a_location("S1", open_packages=1, address=km_east(30)),
        a_location("S2", open_packages=1, address=km_east(10)),
        a_location("S3", open_packages=0, address=km_east(90)),
    ]
    assert sorted_by("PACKAGE_DENSITY", "DISTANCE", locations=locations) == ["S3", "S2", "S1"]
    assert sorted_by("PACKAGE_DENSITY", "-DISTANCE", locations=locations) == ["S3", "S1", "S2"]


@pytest.mark.parametrize("keys", [(), ("COST",), ("-PACKAGE_DENSITY",), ("DISTANCE", "ACCEPTANCE_RATE")])
def test_the_last_tie_break_is_priority_then_id(keys: tuple[str, ...]) -> None:
    locations = [a_location("S1", priority=5), a_location("S2", priority=1), a_location("S3", priority=5)]
    assert sorted_by(*keys, locations=locations) == ["S2", "S1", "S3"]


def test_the_sort_decides_who_gives() -> None:
    locations = [a_location("S1", address=km_east(30)), a_location("S2", address=km_east(10))]
    snapshot = a_snapshot("A", SPREAD, a_rule(sort=by("DISTANCE")), locations=locations)
    assert places(snapshot) == ["S2"]


numbers = st.one_of(st.none(), st.integers(0, 3))
KEYS = ["PRIORITY", "PACKAGE_DENSITY", "AVAILABLE_QUOTA", "ACCEPTANCE_RATE", "COST"]


@given(
    st.lists(st.tuples(numbers, st.integers(0, 3), numbers, numbers, numbers), min_size=1, max_size=8),
    st.lists(st.sampled_from(KEYS), unique=True, max_size=4),
    st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_any_sort_is_the_one_of_the_specification(
    rows: list[tuple[int | None, int, int | None, int | None, int | None]],
    keys: list[str],
    downs: list[bool],
) -> None:
    locations = [
        a_location(f"S{n}", priority=p, open_packages=o, max_quota=q, acceptance_rate=a)
        for n, (p, o, q, a, _) in enumerate(rows, start=1)
    ]
    stock = {location.erp_code: {"A": 1} for location in locations}
    sorts = [f"-{key}" if down else key for key, down in zip(keys, downs, strict=False)]

    def place(n: int) -> tuple[object, ...]:
        values = dict(zip(KEYS, rows[n], strict=True))
        order: list[object] = []
        for key, down in zip(keys, downs, strict=False):
            value = values[key]
            order += [value is None, 0 if value is None else -value if down else value]
        priority = values["PRIORITY"]
        return (*order, priority is None, priority or 0, n)

    expected = [f"S{n + 1}" for n in sorted(range(len(rows)), key=place)]
    tariff = a_tariff({f"S{n}": row[4] for n, row in enumerate(rows, start=1)})
    snapshot = a_snapshot("A", stock, a_rule(sort=by(*sorts)), locations=locations, tariff=tariff)
    assert ranked(snapshot) == expected
