"""Transfers of page 30: a transferable rule, transfer scenarios, sources."""

import pytest

from packhouse.planning.engine import plan
from packhouse.planning.geography import Address
from packhouse.planning.result import Plan
from packhouse.planning.snapshot import Snapshot
from packhouse.planning.transfers import plan_transfers
from tests.planning.situations import (
    a_line,
    a_location,
    a_rule,
    a_scenario,
    a_snapshot,
    a_transfer_scenario,
    an_order,
    by,
    changed,
    condition,
    ids,
    km_east,
    lines_of,
    packages,
    reasons,
    rule_facts,
)

ONLY_HUB = [condition("STOCK_LOCATION_LIST", ["S1"])]
TO_HUB = a_rule(location_conditions=ONLY_HUB, sort=by("PRIORITY"), transferable=True)
FROM_ANYWHERE = a_transfer_scenario(a_rule(name="any source", sort=by("PRIORITY")))


def transfers(made: Plan) -> list[list[tuple[int, dict[int, int]]]]:
    """For each package: (source, {order item: quantity}) of each transfer."""
    return [
        [
            (transfer.source_id, {item: int(quantity) for item, quantity in transfer.lines})
            for transfer in one.transfers
        ]
        for one in made.packages
    ]


def a_hub(
    lines: str, stock: dict[str, dict[str, object]], *rules: dict[str, object], **fields: object
) -> Snapshot:
    return a_snapshot(
        lines_of(*lines), stock, *(rules or [TO_HUB]), **{"transfer_scenarios": (FROM_ANYWHERE,), **fields}
    )


def test_what_is_missing_comes_by_transfer_and_the_package_waits_for_it() -> None:
    snapshot = a_hub("AB", {"S1": {"A": 1}, "S2": {"B": 1}})

    assert packages(snapshot) == [("S1", "WAITING_FOR_TRANSFER", {1: 1, 2: 1})]
    assert transfers(plan(snapshot)) == [[(2, {2: 1})]]
    assert plan(snapshot).packages[0].reserved() == ((1, (1, 1)), (2, (2, 1)))


def test_its_items_are_reserved_at_the_source_and_the_rest_at_the_package_s_own_location() -> None:
    snapshot = a_snapshot(
        lines_of(("A", 3)), {"S1": {"A": 1}, "S2": {"A": 2}}, TO_HUB, transfer_scenarios=(FROM_ANYWHERE,)
    )
    (package,) = plan(snapshot).packages
    assert package.reserved() == ((1, (1, 1)), (2, (1, 2)))


def test_one_transfer_per_source() -> None:
    snapshot = a_hub("ABCD", {"S1": {"A": 1}, "S2": {"B": 1, "C": 1}, "S3": {"D": 1}})
    assert transfers(plan(snapshot)) == [[(2, {2: 1, 3: 1}), (3, {4: 1})]]


@pytest.mark.parametrize(
    "fields",
    [
        {"transfer_scenarios": ()},
        {
            "transfer_scenarios": (
                a_transfer_scenario(a_rule(), channel_condition_type="static", channels=[9]),
            )
        },
        {"transfer_scenarios": (a_transfer_scenario(),)},
    ],
)
def test_without_a_matching_transfer_scenario_nothing_comes(fields: dict[str, object]) -> None:
    snapshot = a_hub("AB", {"S1": {"A": 1}, "S2": {"B": 1}}, **fields)
    assert packages(snapshot) == [("S1", "WAITING", {1: 1}), ("S99", "OUT_OF_STOCK", {2: 1})]


def test_the_first_matching_transfer_scenario_is_run() -> None:
    never = a_transfer_scenario(a_rule(), id=51, channel_condition_type="static", channels=[9])
    from_s3 = a_transfer_scenario(
        a_rule(location_conditions=[condition("STOCK_LOCATION_LIST", ["S3"])]), id=52
    )
    snapshot = a_hub(
        "B",
        {"S2": {"B": 1}, "S3": {"B": 1}},
        transfer_scenarios=(never, from_s3, FROM_ANYWHERE),
        locations=[a_location("S1")],
    )
    assert transfers(plan(snapshot)) == [[(3, {1: 1})]]


def test_only_rules_marked_transferable_ask_for_transfers() -> None:
    rule = a_rule(location_conditions=ONLY_HUB)
    assert packages(a_hub("AB", {"S1": {"A": 1}, "S2": {"B": 1}}, rule))[1][1] == "OUT_OF_STOCK"


class TestWhereThePackageIsMade:
    BOTH = a_rule(
        location_conditions=[condition("STOCK_LOCATION_LIST", ["S1", "S2"])],
        sort=by("PRIORITY"),
        transferable=True,
    )

    def place(self, stock: dict[str, dict[str, object]], rule: dict[str, object] | None = None) -> list[str]:
        locations = [a_location("S1"), a_location("S2"), a_location("S3", is_fulfillment_center=False)]
        return [code for code, _, _ in packages(a_hub("AB", stock, rule or self.BOTH, locations=locations))]

    def test_at_the_first_in_the_sort_that_has_any_of_the_items(self) -> None:
        assert self.place({"S2": {"A": 1}, "S3": {"B": 1}}) == ["S2"]

    def test_else_at_the_first_in_the_sort(self) -> None:
        assert self.place({"S3": {"A": 1, "B": 1}}) == ["S1"]

    def test_where_the_rule_gave_something_and_the_others_stay_as_they_are(self) -> None:
        snapshot = a_hub(
            "ABC",
            {"S1": {"A": 1}, "S2": {"B": 1}, "S3": {"C": 1}},
            self.BOTH,
            locations=[a_location("S3", is_fulfillment_center=False)],
        )
        assert packages(snapshot) == [
            ("S1", "WAITING_FOR_TRANSFER", {1: 1, 3: 1}),
            ("S2", "WAITING", {2: 1}),
        ]

    def test_nowhere_when_nobody_passes_the_conditions(self) -> None:
        rule = a_rule(location_conditions=[condition("STOCK_LOCATION_LIST", ["S8"])], transferable=True)
        assert self.place({"S3": {"A": 1, "B": 1}}, rule) == ["S99"]

    def test_a_limit_of_packages_is_kept(self) -> None:
        rule = {**self.BOTH, "max_packages": 1}
        snapshot = a_hub("AB", {"S1": {"A": 1}, "S2": {"B": 1}}, rule)
        assert packages(snapshot) == [("S1", "WAITING_FOR_TRANSFER", {1: 1, 2: 1})]
        assert transfers(plan(snapshot)) == [[(2, {2: 1})]]


class TestAllProducts:
    RULE = {**TO_HUB, "product_condition": "all_products"}

    def test_one_location_takes_everything_with_what_comes(self) -> None:
        snapshot = a_hub("AB", {"S1": {"A": 1}, "S2": {"B": 1}}, self.RULE)
        assert packages(snapshot) == [("S1", "WAITING_FOR_TRANSFER", {1: 1, 2: 1})]

    def test_or_nothing_when_the_sources_lack_something(self) -> None:
        snapshot = a_hub("ABC", {"S1": {"A": 1}, "S2": {"B": 1}}, self.RULE)
        assert packages(snapshot) == [("S99", "OUT_OF_STOCK", {1: 1, 2: 1, 3: 1})]

    def test_what_was_tried_in_vain_is_free_for_the_next_rule(self) -> None:
        snapshot = a_hub("ABC", {"S1": {"A": 1}, "S2": {"B": 1}}, self.RULE, a_rule(sort=by("PRIORITY")))
        assert packages(snapshot)[:2] == [("S1", "WAITING", {1: 1}), ("S2", "WAITING", {2: 1})]


class TestSources:
    def sources(
        self, stock: dict[str, dict[str, object]], *rules: dict[str, object], **fields: object
    ) -> list[int]:
        scenario = a_transfer_scenario(*rules)
        snapshot = a_hub("B", stock, **{"transfer_scenarios": (scenario,), **fields})
        return [source for package in transfers(plan(snapshot)) for source, _ in package]

    def test_every_active_location_but_the_package_s_own_also_no_fulfilment_centres(self) -> None:
        locations = [
            a_location("S1"),
            a_location("S2", is_active=False),
            a_location("S3", is_fulfillment_center=False),
        ]
        assert self.sources({"S2": {"B": 1}, "S3": {"B": 1}}, a_rule(), locations=locations) == [3]

    def test_distance_is_taken_from_the_package_s_location(self) -> None:
        locations = [
            a_location("S1", address=km_east(200)),
            a_location("S2", address=km_east(10)),
            a_location("S3", address=km_east(210)),
        ]
        stock = {"S2": {"B": 1}, "S3": {"B": 1}}
        near = a_rule(location_conditions=[condition("WITHIN_DISTANCE", 50)])

        assert self.sources(stock, a_rule(sort=by("DISTANCE")), locations=locations) == [3]
        assert self.sources(stock, near, locations=locations) == [3]

    def test_same_city_is_that_of_the_package_s_location(self) -> None:
        locations = [
            a_location("S1", address=Address(city_id=6)),
            a_location("S2", address=Address(city_id=34)),
            a_location("S3", address=Address(city_id=6)),
        ]
        rule = a_rule(location_conditions=[condition("LOCATION_TYPE", "city")])
        order = an_order(address=Address(city_id=34))
        assert self.sources({"S2": {"B": 1}, "S3": {"B": 1}}, rule, locations=locations, order=order) == [3]

    @pytest.mark.parametrize(
        ("query", "holds"),
        [
            ({"field": "package.stock_location", "op": "eq", "value": "S1"}, True),
            ({"field": "package.stock_location", "op": "eq", "value": "S2"}, False),
            ({"field": "package.stock_location_type", "op": "eq", "value": "warehouse"}, True),
            ({"field": "package.city", "op": "eq", "value": "Ankara"}, True),
            ({"field": "order.currency", "op": "exists", "value": True}, False),
        ],
    )
    def test_the_prerequisite_asks_about_the_package_s_location(
        self, query: dict[str, object], holds: bool
    ) -> None:
        locations = [a_location("S1", address=Address(city="ANKARA"))]
        sources = self.sources({"S2": {"B": 1}}, a_rule(prerequisite=query), locations=locations)
        assert sources == ([2] if holds else [])

    def test_rules_are_tried_in_order_on_what_is_still_missing(self) -> None:
        from_s3 = a_rule(name="first", location_conditions=[condition("STOCK_LOCATION_LIST", ["S3"])])
        scenario = a_transfer_scenario(from_s3, a_rule(name="second"))
        stock = {"S2": {"B": 5}, "S3": {"B": 1}}
        snapshot = a_snapshot(
            lines_of(("B", 3)), stock, TO_HUB, transfer_scenarios=(scenario,), locations=[a_location("S1")]
        )
        (package,) = plan(snapshot).packages
        assert [(one.source_id, one.lines, one.rule_name) for one in package.transfers] == [
            (3, ((1, 1),), "first"),
            (2, ((1, 2),), "second"),
        ]

    def test_max_packages_counts_transfers(self) -> None:
        stock = {"S2": {"A": 1}, "S3": {"B": 2}}
        scenario = a_transfer_scenario(a_rule(sort=by("PRIORITY"), max_packages=1))
        snapshot = a_snapshot(
            lines_of("A", ("B", 2)),
            stock,
            TO_HUB,
            transfer_scenarios=(scenario,),
            locations=[a_location("S1")],
        )
        assert transfers(plan(snapshot)) == [[(3, {2: 2})], []]

    def test_fewest_packages_means_the_fewest_transfers(self) -> None:
        stock = {"S2": {"A": 1}, "S3": {"B": 1}, "S4": {"A": 1, "B": 1}}
        scenario = a_transfer_scenario(a_rule(sort=by("PRIORITY"), strategy="fewest_packages"))
        snapshot = a_hub("AB", stock, transfer_scenarios=(scenario,), locations=[a_location("S1")])
        assert transfers(plan(snapshot)) == [[(4, {1: 1, 2: 1})]]

    def test_a_source_that_failed_before_is_not_asked_again(self) -> None:
        stock = {"S2": {"B": 1}, "S3": {"B": 1}}
        locations = [a_location("S1")]
        assert self.sources(stock, a_rule(), locations=locations) == [2]
        assert self.sources(stock, a_rule(), locations=locations, exclusions=frozenset({(2, "B")})) == [3]

    def test_a_source_gives_no_more_than_is_free_after_what_it_packs_itself(self) -> None:
        first = a_rule(
            product_condition="query",
            product_query={"field": "product.base_code", "op": "eq", "value": "first"},
            location_conditions=[condition("STOCK_LOCATION_LIST", ["S2"])],
        )
        lines = [a_line(1, "B", base_code="first"), a_line(2, "B")]
        snapshot = a_snapshot(
            lines,
            {"S2": {"B": 1}},
            first,
            TO_HUB,
            transfer_scenarios=(FROM_ANYWHERE,),
            locations=[a_location("S1")],
        )
        assert packages(snapshot) == [("S2", "WAITING", {1: 1}), ("S99", "OUT_OF_STOCK", {2: 1})]
        assert reasons(snapshot) == {2: "not_enough_stock"}

    def test_a_silent_source_that_has_to_be_asked_keeps_the_order_waiting(self) -> None:
        snapshot = a_hub("AB", {"S1": {"A": 1}, "S2": {"B": 1}, "S3": {"B": 1}})
        waiting = plan(changed(snapshot, unknown_stock=ids(snapshot, "S2")))
        assert (waiting.reason, waiting.packages) == ("stock_unavailable", ())
        assert waiting.explanation.rules[-1].transfer is not None
        assert plan(changed(snapshot, unknown_stock=ids(snapshot, "S3"))).reason is None

    def test_the_facts_of_the_search_are_kept(self) -> None:
        facts = rule_facts(a_hub("AB", {"S1": {"A": 1}, "S2": {"B": 1}})).transfer
        assert facts is not None
        assert facts.scenario is FROM_ANYWHERE
        assert [(rule.name, rule.given) for rule in facts.rules] == [("any source", ((2, ((2, 1),)),))]


def test_an_order_with_several_packages_leaves_the_one_that_waits_for_transfers_in_its_state() -> None:
    rule = a_rule(
        location_conditions=[condition("STOCK_LOCATION_LIST", ["S1", "S2"])],
        sort=by("PRIORITY"),
        transferable=True,
    )
    scenario = a_scenario(rule, default_multiple_packages_state="WAITING_REMOTE_ACTION")
    stock = {"S1": {"A": 1}, "S2": {"B": 1}, "S3": {"C": 1}}
    locations = [a_location("S3", is_fulfillment_center=False)]
    snapshot = a_hub("ABC", stock, scenarios=(scenario,), locations=locations)
    assert [state for _, state, _ in packages(snapshot)] == ["WAITING_FOR_TRANSFER", "WAITING_REMOTE_ACTION"]


def test_a_waiting_package_and_one_that_waits_for_transfers_at_one_location_stay_two() -> None:
    only_a = {"field": "product.sku", "op": "eq", "value": "A"}
    first = a_rule(product_condition="query", product_query=only_a, location_conditions=ONLY_HUB)
    snapshot = a_hub("ABC", {"S1": {"A": 1, "B": 1}, "S2": {"C": 1}}, first, TO_HUB)
    assert packages(snapshot) == [
        ("S1", "WAITING", {1: 1}),
        ("S1", "WAITING_FOR_TRANSFER", {2: 1, 3: 1}),
    ]


def test_two_transferable_rules_make_one_package_and_one_transfer_per_source() -> None:
    only_a = {"field": "product.sku", "op": "eq", "value": "A"}
    first = {**TO_HUB, "product_condition": "query", "product_query": only_a}
    snapshot = a_hub("AB", {"S2": {"A": 1, "B": 1}}, first, TO_HUB, locations=[a_location("S1")])
    assert packages(snapshot) == [("S1", "WAITING_FOR_TRANSFER", {1: 1, 2: 1})]
    assert transfers(plan(snapshot)) == [[(2, {1: 1, 2: 1})]]


class TestTransfersOfAPackageThatExists:
    """When a source does not find what it should send."""

    def test_other_sources_are_found_and_the_rest_is_told(self) -> None:
        snapshot = a_hub("AB", {"S1": {"A": 5}, "S2": {"A": 1}}, locations=[a_location("S1")])
        made = plan_transfers(snapshot, 1)
        assert [(one.source_id, one.lines) for one in made.transfers] == [(2, ((1, 1),))]
        assert [(rest.order_item_id, rest.quantity, rest.reason) for rest in made.not_placed] == [
            (2, 1, "no_source")
        ]
        assert made.reason is None

    def test_a_silent_source_leaves_it_undecided(self) -> None:
        snapshot = a_hub("A", {"S1": {}, "S2": {"A": 1}})
        made = plan_transfers(changed(snapshot, unknown_stock=ids(snapshot, "S2")), 1)
        assert (made.transfers, made.reason) == ((), "stock_unavailable")
        assert [rest.reason for rest in made.not_placed] == ["stock_unavailable"]

    def test_without_a_transfer_scenario_nothing_is_found(self) -> None:
        made = plan_transfers(a_hub("A", {"S1": {}, "S2": {"A": 1}}, transfer_scenarios=()), 1)
        assert (made.transfers, made.facts.scenario) == ((), None)
