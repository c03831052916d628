"""Planning by hand: the numbers behind ManualPlanningCommand (page 20)."""

from decimal import Decimal

import pytest

from packhouse.planning.manual import Group, check_manual, plan_manual
from tests.planning.situations import a_line, a_snapshot, changed, ids, lines_of, shown

ONE, TWO = Decimal(1), Decimal(2)


def test_what_is_there_is_no_shortage() -> None:
    snapshot = a_snapshot("AB", {"S1": {"A": (5, 3, 1)}, "S2": {"B": 1}})
    groups = [Group(1, ((1, ONE),)), Group(2, ((2, ONE),))]

    assert check_manual(snapshot, groups) == ()
    made = plan_manual(snapshot, groups)
    assert [shown(made, package) for package in made.packages] == [
        ("S1", "WAITING", {1: 1}),
        ("S2", "WAITING", {2: 1}),
    ]
    assert (made.not_placed, made.reason) == ((), None)


def test_too_little_is_told_by_item_with_the_numbers() -> None:
    snapshot = a_snapshot(lines_of(("A", 2), "B"), {"S1": {"A": (5, 3, 1)}})

    shortages = check_manual(snapshot, [Group(1, ((1, TWO), (2, ONE)))])

    assert [(one.order_item_id, one.sku, one.asked, one.available, one.missing) for one in shortages] == [
        (1, "A", 2, 1, 1),
        (2, "B", 1, 0, 1),
    ]
    assert {one.reason for one in shortages} == {"not_enough_stock"}


def test_what_is_missing_is_an_out_of_stock_package_there() -> None:
    snapshot = a_snapshot(lines_of(("A", 2), "B"), {"S1": {"A": 1}})
    made = plan_manual(snapshot, [Group(1, ((1, TWO), (2, ONE)))])
    assert [shown(made, package) for package in made.packages] == [
        ("S1", "WAITING", {1: 1}),
        ("S1", "OUT_OF_STOCK", {1: 1, 2: 1}),
    ]
    assert [(rest.order_item_id, rest.quantity) for rest in made.not_placed] == [(1, 1), (2, 1)]


def test_groups_at_one_location_share_its_stock_and_stay_packages_of_their_own() -> None:
    snapshot = a_snapshot("AA", {"S1": {"A": 1}})
    groups = [Group(1, ((1, ONE),)), Group(1, ((2, ONE),))]

    (shortage,) = check_manual(snapshot, groups)

    assert (shortage.group, shortage.order_item_id) == (1, 2)
    snapshot = a_snapshot("AA", {"S1": {"A": 2}})
    assert len(plan_manual(snapshot, groups).packages) == 2


def test_lines_of_one_sku_in_a_group_share_its_stock() -> None:
    snapshot = a_snapshot("AA", {"S1": {"A": 1}})
    (shortage,) = check_manual(snapshot, [Group(1, ((1, ONE), (2, ONE)))])
    assert shortage.order_item_id == 2


def test_negative_availability_counts_as_nothing() -> None:
    snapshot = a_snapshot("A", {"S1": {"A": (1, 5)}})
    (shortage,) = check_manual(snapshot, [Group(1, ((1, ONE),))])
    assert (shortage.available, shortage.missing) == (0, 1)


def test_half_a_piece_is_none_but_half_a_kilo_is() -> None:
    stock = {"S1": {"A": "0.5"}}
    (pieces,) = check_manual(a_snapshot("A", stock), [Group(1, ((1, ONE),))])
    assert pieces.available == 0
    kilos = a_snapshot([a_line(1, "A", unit_type="kg")], stock)
    (weighed,) = check_manual(kilos, [Group(1, ((1, ONE),))])
    assert weighed.available == Decimal("0.5")


def test_a_silent_location_is_unknown_not_full() -> None:
    snapshot = a_snapshot("A", {"S1": {"A": 5}})
    silent = changed(snapshot, unknown_stock=ids(snapshot, "S1"))
    (shortage,) = check_manual(silent, [Group(1, ((1, ONE),))])
    assert (shortage.reason, shortage.missing) == ("stock_unavailable", 1)


def test_an_unknown_location_has_nothing() -> None:
    (shortage,) = check_manual(a_snapshot("A", {}), [Group(12345, ((1, ONE),))])
    assert shortage.reason == "unknown_location"


def test_a_person_may_choose_a_location_that_refused_the_order() -> None:
    snapshot = a_snapshot("A", {"S1": {"A": 1}}, exclusions=frozenset({(1, None)}))
    assert check_manual(snapshot, [Group(1, ((1, ONE),))]) == ()


def test_an_item_the_snapshot_lacks_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        check_manual(a_snapshot("A", {}), [Group(99, ((7, ONE),))])
