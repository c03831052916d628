"""Packaging rules, default location and states (page 30), in the words of its tables."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from packhouse.planning.engine import plan
from packhouse.planning.snapshot import Snapshot
from tests.planning.situations import (
    a_line,
    a_location,
    a_rule,
    a_scenario,
    a_snapshot,
    a_tariff,
    an_order,
    by,
    changed,
    condition,
    ids,
    lines_of,
    packages,
    places,
    reasons,
    rule_facts,
)

FIRST = by("PRIORITY")


def test_rules_are_tried_in_order_and_each_works_on_what_those_before_left() -> None:
    stock = {"S1": {"A": 1}, "S2": {"A": 5, "B": 5}, "S3": {"B": 5, "C": 5}}
    only = [
        a_rule(name=code, location_conditions=[condition("STOCK_LOCATION_LIST", [code])]) for code in stock
    ]

    assert packages(a_snapshot("ABC", stock, *only)) == [
        ("S1", "WAITING", {1: 1}),
        ("S2", "WAITING", {2: 1}),
        ("S3", "WAITING", {3: 1}),
    ]
    assert places(a_snapshot("ABC", stock, *reversed(only))) == ["S3", "S2"]


def test_a_package_names_the_rule_that_made_it() -> None:
    rules = [a_rule(name="never", prerequisite=amount_over(100)), a_rule(name="always")]
    (package,) = plan(a_snapshot("A", {"S1": {"A": 1}}, *rules)).packages
    assert (package.rule_position, package.rule_name) == (2, "always")


def amount_over(amount: int) -> dict[str, object]:
    return {"field": "order.amount", "op": "gt", "value": amount}


@pytest.mark.parametrize(("amount", "expected"), [(501, ["S1"]), (500, ["S2"]), (None, ["S2"])])
def test_a_rule_applies_only_if_its_prerequisite_holds(amount: int | None, expected: list[str]) -> None:
    first = a_rule(
        prerequisite=amount_over(500), location_conditions=[condition("STOCK_LOCATION_LIST", ["S1"])]
    )
    order = an_order(amount=None if amount is None else Decimal(amount))
    assert (
        places(
            a_snapshot(
                "A",
                {"S1": {"A": 1}, "S2": {"A": 1}},
                first,
                a_rule(
                    sort=by("-PRIORITY", "-STOCK_AMOUNT"),
                    location_conditions=[condition("STOCK_LOCATION_LIST", ["S2"])],
                ),
                order=order,
            )
        )
        == expected
    )


def test_item_and_line_count_are_counted_from_the_lines_unless_the_order_says() -> None:
    prerequisite = {
        "all": [
            {"field": "order.item_count", "op": "eq", "value": 5},
            {"field": "order.line_count", "op": "eq", "value": 2},
        ]
    }
    snapshot = a_snapshot(
        lines_of(("A", 2), ("B", 3)), {"S1": {"A": 9, "B": 9}}, a_rule(prerequisite=prerequisite)
    )
    assert places(snapshot) == ["S1"]

    assert places(changed(snapshot, order=an_order(item_count=Decimal(7), line_count=3))) == []
    assert places(
        changed(snapshot, lines=snapshot.lines[:1], order=an_order(item_count=Decimal(5), line_count=2))
    ) == ["S1"]


@pytest.mark.parametrize(("query_time", "holds"), [("2026-03-02T12:30", True), ("2026-03-02T12:31", False)])
def test_a_time_without_zone_is_meant_on_the_installation_s_clock(query_time: str, holds: bool) -> None:
    placed = {"field": "order.date_placed", "op": "gte", "value": query_time}
    order = an_order(date_placed=datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    istanbul = timezone(timedelta(hours=3))
    snapshot = a_snapshot("A", {"S1": {"A": 1}}, a_rule(prerequisite=placed), order=order, timezone=istanbul)
    assert bool(places(snapshot)) is holds


class TestAllProducts:
    RULE = a_rule(product_condition="all_products", sort=FIRST)

    def test_the_first_location_that_can_take_everything_takes_it(self) -> None:
        stock = {"S1": {"A": 1}, "S2": {"A": 2, "B": 1}, "S3": {"A": 9, "B": 9}}
        assert packages(a_snapshot(lines_of(("A", 2), "B"), stock, self.RULE)) == [
            ("S2", "WAITING", {1: 2, 2: 1})
        ]

    def test_it_never_splits(self) -> None:
        stock = {"S1": {"A": 1}, "S2": {"B": 1}}
        assert packages(a_snapshot("AB", stock, self.RULE)) == [("S99", "OUT_OF_STOCK", {1: 1, 2: 1})]

    def test_two_lines_of_one_sku_need_its_stock_together(self) -> None:
        stock = {"S1": {"A": 3}, "S2": {"A": 4}}
        assert places(a_snapshot(lines_of(("A", 2), ("A", 2)), stock, self.RULE)) == ["S2"]

    def test_it_takes_everything_that_is_left(self) -> None:
        stock = {"S1": {"A": 1}, "S2": {"B": 1, "C": 1}}
        first = a_rule(location_conditions=[condition("STOCK_LOCATION_LIST", ["S1"])])
        assert places(a_snapshot("ABC", stock, first, self.RULE)) == ["S1", "S2"]


class TestAvailableProducts:
    RULE = a_rule(sort=FIRST)

    def test_each_location_in_the_sort_takes_what_it_can(self) -> None:
        stock = {"S1": {"A": 2, "B": 1}, "S2": {"A": 1}, "S3": {"A": 9, "B": 9}}
        assert packages(a_snapshot(lines_of(("A", 4), ("B", 2)), stock, self.RULE)) == [
            ("S1", "WAITING", {1: 2, 2: 1}),
            ("S2", "WAITING", {1: 1}),
            ("S3", "WAITING", {1: 1, 2: 1}),
        ]

    def test_two_lines_of_one_sku_share_its_stock(self) -> None:
        stock = {"S1": {"A": 3}, "S2": {"A": 3}}
        assert packages(a_snapshot(lines_of(("A", 2), ("A", 2)), stock, self.RULE)) == [
            ("S1", "WAITING", {1: 2, 2: 1}),
            ("S2", "WAITING", {2: 1}),
        ]

    def test_availability_is_stock_less_reservations_less_safety_stock(self) -> None:
        stock = {"S1": {"A": (10, 6, 3)}, "S2": {"A": (5, 9, 0)}, "S3": {"A": (5, 0, 5)}, "S4": {"A": 9}}
        assert packages(a_snapshot(lines_of(("A", 2)), stock, self.RULE)) == [
            ("S1", "WAITING", {1: 1}),
            ("S4", "WAITING", {1: 1}),
        ]

    def test_pieces_are_never_cut_and_weights_are(self) -> None:
        stock = {"S1": {"A": "1.7"}, "S2": {"A": 5}}
        pieces = a_snapshot([a_line(1, "A", 2)], stock, self.RULE)
        kilos = a_snapshot([a_line(1, "A", "2.250", unit_type="kg")], stock, self.RULE)

        assert packages(pieces) == [("S1", "WAITING", {1: 1}), ("S2", "WAITING", {1: 1})]
        assert packages(kilos) == [
            ("S1", "WAITING", {1: Decimal("1.7")}),
            ("S2", "WAITING", {1: Decimal("0.550")}),
        ]


def test_query_takes_only_products_that_match() -> None:
    bulky = {"field": "product.attributes.bulky", "op": "eq", "value": "yes"}
    rule = a_rule(product_condition="query", product_query=bulky)
    lines = [a_line(1, "A", attributes={"bulky": "yes"}), a_line(2, "B")]

    snapshot = a_snapshot(lines, {"S1": {"A": 1, "B": 1}}, rule)

    assert packages(snapshot) == [("S1", "WAITING", {1: 1}), ("S99", "OUT_OF_STOCK", {2: 1})]
    assert reasons(snapshot) == {2: "no_product_matches"}


class TestMaxPackages:
    def test_within_the_limit_nothing_changes(self) -> None:
        stock = {"S1": {"A": 1}, "S2": {"B": 1}}
        assert places(a_snapshot("AB", stock, a_rule(sort=FIRST, max_packages=2))) == ["S1", "S2"]

    @pytest.mark.parametrize("strategy", ["ordered", "fewest_packages"])
    def test_beyond_it_those_that_cover_the_most_units(self, strategy: str) -> None:
        stock = {"S1": {"A": 1}, "S2": {"B": 1, "C": 3}, "S3": {"A": 1, "D": 2}}
        rule = a_rule(sort=FIRST, strategy=strategy, max_packages=2)

        snapshot = a_snapshot(lines_of("A", "B", ("C", 3), ("D", 2), "E"), {**stock, "S4": {"E": 1}}, rule)

        assert places(snapshot) == ["S2", "S3"]
        assert reasons(snapshot) == {5: "max_packages"}

    def test_the_rest_is_left_to_the_next_rule(self) -> None:
        stock = {"S1": {"A": 2}, "S2": {"B": 1}}
        rules = [a_rule(sort=FIRST, max_packages=1), a_rule(sort=FIRST)]
        made = plan(a_snapshot(lines_of(("A", 2), "B"), stock, *rules))
        assert [(package.location_id, package.rule_position) for package in made.packages] == [(1, 1), (2, 2)]

    def test_ties_go_by_the_sort(self) -> None:
        stock = {"S1": {"A": 1}, "S2": {"B": 1}, "S3": {"A": 1}}
        assert places(a_snapshot("AB", stock, a_rule(sort=FIRST, max_packages=1))) == ["S1"]
        assert places(
            a_snapshot(
                "AB",
                stock,
                a_rule(sort=by("-STOCK_AMOUNT", "COST"), max_packages=1),
                locations=[a_location("S1", priority=9)],
            )
        ) == ["S2"]


class TestFewestPackages:
    def rule(self, *keys: str) -> dict[str, object]:
        return a_rule(sort=by(*keys), strategy="fewest_packages")

    def test_the_smallest_number_of_locations_that_covers_every_unit(self) -> None:
        stock = {"S1": {"A": 1}, "S2": {"B": 1, "C": 1}, "S3": {"A": 1, "B": 1}, "S4": {"C": 1}}
        ordered = a_snapshot("ABC", stock, a_rule(sort=FIRST))
        assert places(ordered) == ["S1", "S2"]
        stock = {"S1": {"A": 1}, "S2": {"B": 1}, "S3": {"C": 1}, "S4": {"A": 1, "B": 1, "C": 1}}
        assert places(a_snapshot("ABC", stock, a_rule(sort=FIRST))) == ["S1", "S2", "S3"]
        assert places(a_snapshot("ABC", stock, self.rule("PRIORITY"))) == ["S4"]

    def test_ties_go_by_the_sort(self) -> None:
        stock = {f"S{n}": {"A": 1} if n % 2 else {"B": 1} for n in range(1, 7)}
        assert places(a_snapshot("AB", stock, self.rule("PRIORITY"))) == ["S1", "S2"]
        assert sorted(
            places(a_snapshot("AB", stock, self.rule("COST"), tariff=a_tariff({"S4": 1, "S5": 2})))
        ) == ["S4", "S5"]

    def test_a_line_is_not_cut_where_some_location_holds_all_of_it(self) -> None:
        stock = {"S1": {"A": 2, "B": 1}, "S2": {"A": 2, "C": 1}, "S3": {"A": 4}}
        assert packages(a_snapshot(lines_of(("A", 4), "B", "C"), stock, self.rule("PRIORITY"))) == [
            ("S1", "WAITING", {2: 1}),
            ("S2", "WAITING", {3: 1}),
            ("S3", "WAITING", {1: 4}),
        ]

    def test_a_line_is_cut_where_nobody_holds_all_of_it(self) -> None:
        stock = {"S1": {"A": 2, "B": 1}, "S2": {"A": 2, "C": 1}, "S3": {"A": 3}}
        assert packages(a_snapshot(lines_of(("A", 4), "B", "C"), stock, self.rule("PRIORITY"))) == [
            ("S1", "WAITING", {2: 1, 1: 2}),
            ("S2", "WAITING", {3: 1, 1: 2}),
        ]

    def test_a_limit_of_packages_does_not_cut_it_either(self) -> None:
        stock = {"S1": {"A": 2, "B": 3, "C": 3}, "S2": {"A": 4}}
        rules = [{**self.rule("PRIORITY"), "max_packages": 1}, self.rule("PRIORITY")]
        assert packages(a_snapshot(lines_of(("A", 4), ("B", 3), ("C", 3)), stock, *rules)) == [
            ("S1", "WAITING", {2: 3, 3: 3}),
            ("S2", "WAITING", {1: 4}),
        ]

    def test_the_bound_is_kept(self) -> None:
        stock = {"S1": {"A": 1}, "S2": {"B": 1}}
        bound = rule_facts(a_snapshot("AB", stock, self.rule("PRIORITY"))).bound
        assert bound is not None
        assert (bound.lower, bound.found, bound.proven) == (2, 2, True)


class TestOutOfStock:
    def test_what_no_rule_can_place_goes_to_the_default_location_as_out_of_stock(self) -> None:
        snapshot = a_snapshot(lines_of(("A", 3), "B"), {"S1": {"A": 2}})
        made = plan(snapshot)

        assert packages(snapshot) == [("S1", "WAITING", {1: 2}), ("S99", "OUT_OF_STOCK", {1: 1, 2: 1})]
        assert made.packages[1].reserved() == ()
        assert made.packages[1].rule_position is None

    def test_without_rules_everything(self) -> None:
        snapshot = a_snapshot("A", {"S1": {"A": 2}}, scenarios=(a_scenario(),))
        assert packages(snapshot) == [("S99", "OUT_OF_STOCK", {1: 1})]

    def test_an_inactive_default_location_keeps_it_all_the_same(self) -> None:
        snapshot = a_snapshot("A", {}, locations=[a_location("S99", is_active=False)])
        assert packages(snapshot) == [("S99", "OUT_OF_STOCK", {1: 1})]

    def test_an_unknown_default_location_keeps_the_order_pending(self) -> None:
        scenarios = (a_scenario(a_rule(), default_location="S98"),)
        made = plan(a_snapshot("AB", {"S1": {"A": 1}}, scenarios=scenarios))
        assert (made.reason, made.packages) == ("default_location_missing", ())
        assert [rest.order_item_id for rest in made.not_placed] == [1, 2]

    def test_which_does_not_matter_when_everything_is_placed(self) -> None:
        scenarios = (a_scenario(a_rule(), default_location="S98"),)
        assert places(a_snapshot("A", {"S1": {"A": 1}}, scenarios=scenarios)) == ["S1"]


class TestSeveralPackages:
    STOCK = {"S1": {"A": 1}, "S2": {"B": 1}}

    def states(self, lines: str, state: str = "WAITING_REMOTE_ACTION") -> list[str]:
        scenario = a_scenario(a_rule(), default_multiple_packages_state=state)
        snapshot = a_snapshot(lines, self.STOCK, scenarios=(scenario,))
        return [package.state for package in plan(snapshot).packages]

    def test_start_in_the_scenario_s_state(self) -> None:
        assert self.states("AB") == ["WAITING_REMOTE_ACTION", "WAITING_REMOTE_ACTION"]
        assert self.states("AB", "WAITING") == ["WAITING", "WAITING"]

    def test_a_single_one_waits(self) -> None:
        assert self.states("A") == ["WAITING"]

    def test_an_out_of_stock_package_does_not_count(self) -> None:
        assert self.states("AC") == ["WAITING", "OUT_OF_STOCK"]


class TestOnePackagePerLocation:
    def test_two_rules_that_give_to_one_location_make_one_package(self) -> None:
        only_a = {"field": "product.sku", "op": "eq", "value": "A"}
        rules = [a_rule(name="first", product_condition="query", product_query=only_a), a_rule(name="second")]
        made = plan(a_snapshot("AB", {"S1": {"A": 1, "B": 1}}, *rules))
        (package,) = made.packages
        assert dict(package.lines) == {1: 1, 2: 1}
        assert (package.rule_name, package.state) == ("first", "WAITING")

    def test_it_counts_in_the_quota_of_later_rules(self) -> None:
        only_a = {"field": "product.sku", "op": "eq", "value": "A"}
        quota = [condition("SELECT_BY_QUOTA")]
        rules = [
            a_rule(product_condition="query", product_query=only_a),
            a_rule(location_conditions=quota, sort=FIRST),
        ]
        stock = {"S1": {"A": 1, "B": 1}, "S2": {"B": 1}}
        locations = [a_location("S1", max_quota=3, quota=2), a_location("S2", max_quota=3, quota=2)]
        assert places(a_snapshot("AB", stock, *rules, locations=locations)) == ["S1", "S2"]
        locations = [a_location("S1", max_quota=3, quota=1), a_location("S2", max_quota=3, quota=2)]
        assert places(a_snapshot("AB", stock, *rules, locations=locations)) == ["S1"]

    def test_it_counts_in_the_density_of_later_rules(self) -> None:
        only_a = {"field": "product.sku", "op": "eq", "value": "A"}
        rules = [
            a_rule(product_condition="query", product_query=only_a),
            a_rule(sort=by("PACKAGE_DENSITY")),
        ]
        stock = {"S1": {"A": 1, "B": 1}, "S2": {"B": 1}}
        assert places(a_snapshot("AB", stock, *rules)) == ["S1", "S2"]


class TestSilentStockService:
    STOCK = {"S1": {"A": 5}, "S2": {"A": 5}}

    def snapshot(self, *silent: str, lines: str = "A", **rule: object) -> Snapshot:
        snapshot = a_snapshot(lines, self.STOCK, a_rule(**{"sort": FIRST, **rule}))
        return changed(snapshot, unknown_stock=ids(snapshot, *silent))

    @pytest.mark.parametrize("product_condition", ["available_products", "all_products"])
    @pytest.mark.parametrize("strategy", ["ordered", "fewest_packages"])
    def test_unknown_is_not_zero_the_plan_waits(self, product_condition: str, strategy: str) -> None:
        made = plan(self.snapshot("S1", product_condition=product_condition, strategy=strategy))
        assert (made.reason, made.packages) == ("stock_unavailable", ())
        assert [rest.reason for rest in made.not_placed] == ["stock_unavailable"]

    @pytest.mark.parametrize("product_condition", ["available_products", "all_products"])
    @pytest.mark.parametrize("strategy", ["ordered", "fewest_packages"])
    def test_it_does_not_wait_for_one_behind_those_that_take_everything(
        self, product_condition: str, strategy: str
    ) -> None:
        snapshot = self.snapshot("S2", product_condition=product_condition, strategy=strategy)
        assert packages(snapshot) == [("S1", "WAITING", {1: 1})]

    def test_fewest_packages_waits_when_more_than_one_would_be_needed(self) -> None:
        snapshot = a_snapshot(
            "AB", {"S1": {"A": 1}, "S2": {"B": 1}, "S3": {}}, a_rule(strategy="fewest_packages")
        )
        assert plan(snapshot).reason is None
        assert plan(changed(snapshot, unknown_stock=ids(snapshot, "S3"))).reason == "stock_unavailable"

    def test_all_products_waits_when_nobody_who_answered_has_everything(self) -> None:
        rule = a_rule(product_condition="all_products")
        snapshot = a_snapshot("AB", {"S1": {"A": 1}, "S2": {}}, rule)
        assert plan(snapshot).reason is None
        assert plan(changed(snapshot, unknown_stock=ids(snapshot, "S2"))).reason == "stock_unavailable"

    def test_a_limit_waits_for_every_candidate(self) -> None:
        stock = {"S1": {"A": 1}, "S2": {"A": 1}, "S3": {}}
        snapshot = a_snapshot(lines_of(("A", 2)), stock, a_rule(sort=FIRST, max_packages=1))
        assert places(snapshot) == ["S1"]
        assert plan(changed(snapshot, unknown_stock=ids(snapshot, "S3"))).reason == "stock_unavailable"

    def test_it_does_not_wait_for_one_that_the_conditions_leave_out(self) -> None:
        conditions = [condition("EXCEPT_STOCK_LOCATION", ["S1"])]
        assert places(self.snapshot("S1", location_conditions=conditions)) == ["S2"]

    def test_it_does_not_wait_for_one_that_refused_the_order(self) -> None:
        snapshot = changed(self.snapshot("S1"), exclusions=frozenset({(1, "A")}))
        assert places(snapshot) == ["S2"]

    def test_it_waits_for_one_that_never_answered_at_all(self) -> None:
        snapshot = a_snapshot("A", {"S1": {}, "S2": {}})
        assert plan(changed(snapshot, unknown_stock=ids(snapshot, "S1"))).reason == "stock_unavailable"

    def test_its_unknown_stock_sorts_last(self) -> None:
        assert places(self.snapshot("S1", sort=by("-STOCK_AMOUNT"))) == ["S2"]

    def test_a_rule_may_count_on_the_last_answer(self) -> None:
        assert packages(self.snapshot("S1", allow_last_known_stock=True)) == [("S1", "WAITING", {1: 1})]

    def test_where_there_is_none_the_location_has_nothing(self) -> None:
        snapshot = a_snapshot(
            "A", {"S1": {}, "S2": {"A": 1}}, a_rule(sort=FIRST, allow_last_known_stock=True)
        )
        assert places(changed(snapshot, unknown_stock=ids(snapshot, "S1"))) == ["S2"]

    def test_a_rule_that_places_everything_keeps_the_next_from_waiting(self) -> None:
        rules = [
            a_rule(location_conditions=[condition("STOCK_LOCATION_LIST", ["S2"])]),
            a_rule(sort=FIRST),
        ]
        snapshot = a_snapshot("A", self.STOCK, *rules)
        assert places(changed(snapshot, unknown_stock=ids(snapshot, "S1"))) == ["S2"]


@pytest.mark.parametrize(
    ("expected", "snapshot"),
    [
        ("no_stock", a_snapshot("A", {"S1": {"A": 0, "B": 4}})),
        ("nothing_free", a_snapshot("A", {"S1": {"A": (3, 3)}})),
        ("not_enough_stock", a_snapshot(lines_of(("A", 3)), {"S1": {"A": 2}})),
        ("no_rule_applies", a_snapshot("A", {"S1": {"A": 2}}, a_rule(prerequisite=amount_over(1)))),
        (
            "no_quota",
            a_snapshot("A", {"S1": {"A": 2}}, a_rule(location_conditions=[condition("SELECT_BY_QUOTA")])),
        ),
        (
            "conditions",
            a_snapshot("A", {"S1": {"A": 2}}, a_rule(location_conditions=[condition("TAGS", ["mall"])])),
        ),
        (
            "not_a_fulfillment_center",
            a_snapshot("A", {"S1": {"A": 2}}, locations=[a_location("S1", is_fulfillment_center=False)]),
        ),
        ("refused_before", a_snapshot("A", {"S1": {"A": 2}}, exclusions=frozenset({(1, None)}))),
        ("refused_before", a_snapshot("A", {"S1": {"A": 2}}, exclusions=frozenset({(1, "A")}))),
        (
            "no_single_location",
            a_snapshot("AB", {"S1": {"A": 2}, "S2": {"B": 1}}, a_rule(product_condition="all_products")),
        ),
        (
            "left_as_safety_stock",
            a_snapshot(
                "A", {"S1": {"A": 2}}, a_rule(location_conditions=[condition("LEAVE_SAFETY_STOCK", 2)])
            ),
        ),
    ],
)
def test_what_was_not_placed_has_its_reason(expected: str, snapshot: Snapshot) -> None:
    assert reasons(snapshot)[1] == expected


def test_nothing_to_plan_gives_no_package() -> None:
    made = plan(a_snapshot([], {"S1": {"A": 1}}))
    assert (made.packages, made.not_placed, made.reason) == ((), (), None)


def test_an_order_item_in_two_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="two lines"):
        a_snapshot([a_line(1, "A"), a_line(1, "B")], {})


def test_stock_rows_of_unknown_locations_are_passed_over() -> None:
    snapshot = a_snapshot("A", {"S1": {"A": 1}})
    without_s1 = changed(snapshot, locations=type(snapshot.locations)(snapshot.locations[1:]))
    assert packages(without_s1) == [("S99", "OUT_OF_STOCK", {1: 1})]
    assert reasons(without_s1) == {1: "no_stock"}
