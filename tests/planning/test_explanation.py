"""The explanation of page 30: what is kept, its shape, and its sentences in English and Turkish."""

import json
from string import Formatter
from typing import Any

import pytest

from packhouse.planning import explain
from packhouse.planning.engine import plan
from packhouse.planning.geography import Address
from packhouse.planning.manual import Group, plan_manual
from packhouse.planning.reasons import Reason
from packhouse.planning.sentence_texts import ENGLISH, TURKISH
from packhouse.planning.snapshot import Location, Snapshot
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
)


def explained(snapshot: Snapshot) -> dict[str, Any]:
    """The document as it comes out of a database column."""
    return explain.document(json.loads(json.dumps(explain.stored(plan(snapshot)))))


def told(snapshot: Snapshot, language: str = "en") -> list[str]:
    sentences: list[str] = explained(snapshot)["sentences"][language]
    return sentences


def around_kizilay(**kilometres: float) -> list[Location]:
    return [a_location(code, address=km_east(km)) for code, km in kilometres.items()]


def four_and_a_dry_one() -> Snapshot:
    stock = {
        "S12": {"SKU-1": 2},
        "S07": {"SKU-1": (3, 3)},
        "S3": {"SKU-1": 1},
        "S4": {"SKU-1": 5},
        "S5": {"SKU-1": 1},
    }
    locations = around_kizilay(S12=5, S07=2, S3=9, S4=99, S5=70)
    return a_snapshot([a_line(1, "SKU-1")], stock, a_rule(sort=by("DISTANCE")), locations=locations)


class TestShape:
    def test_it_has_the_keys_of_the_specification(self) -> None:
        locations = [
            a_location("S1", max_quota=10, quota=4, address=km_east(3)),
            a_location("S2", is_active=False),
        ]
        stock = {"S1": {"A": (5, 2, 1)}, "S2": {"A": 9}, "S3": {"B": 1}}
        rule = a_rule(name="near", sort=by("DISTANCE", "-STOCK_AMOUNT"))

        document = explained(a_snapshot(lines_of(("A", 3), "C"), stock, rule, locations=locations, attempt=2))

        assert document["order"] == "100077"
        assert document["scenario"] == {"id": 1, "version": 1, "name": "scenario 1"}
        assert document["taken_at"] == "2026-03-02T12:00:00.000000Z"
        assert document["attempt"] == 2
        (told_rule,) = document["rules"]
        assert (told_rule["position"], told_rule["name"]) == (1, "near")
        assert (told_rule["applied"], told_rule["why_not"], told_rule["bound"]) == (True, None, None)
        assert told_rule["candidates"] == [
            {
                "erp_code": "S1",
                "in": True,
                "excluded_by": None,
                "numbers": {
                    "A": {"stock": 5, "reserved": 2, "safety": 1, "available": 2},
                    "quota": 4,
                    "max_quota": 10,
                    "available_quota": 6,
                    "distance_km": pytest.approx(3, abs=0.01),
                },
                "sort": [pytest.approx(3, abs=0.01), 2],
                "rank": 1,
                "given": [{"order_item": 1, "quantity": 2}],
            },
            {
                "erp_code": "S2",
                "in": False,
                "excluded_by": "IS_ACTIVE",
                "numbers": {
                    "A": {"stock": 9, "reserved": 0, "safety": 0, "available": 9},
                    "quota": 0,
                    "max_quota": None,
                    "available_quota": None,
                    "distance_km": None,
                },
                "sort": [],
                "rank": None,
                "given": [],
            },
        ]
        assert document["not_placed"] == [
            {"order_item": 1, "quantity": 1, "reason": "not_a_fulfillment_center"},
            {"order_item": 2, "quantity": 1, "reason": "no_stock"},
        ]
        assert set(document["sentences"]) == {"en", "tr"}

    @pytest.mark.parametrize(
        ("why_not", "rule"),
        [
            ("prerequisite", a_rule(prerequisite={"field": "order.segment", "op": "exists", "value": True})),
            (
                "no_product_matches",
                a_rule(
                    product_condition="query",
                    product_query={"field": "product.sku", "op": "eq", "value": "Z"},
                ),
            ),
            ("no_location_passes", a_rule(location_conditions=[condition("TAGS", ["mall"])])),
            ("no_single_location", a_rule(product_condition="all_products")),
            ("no_stock", a_rule(location_conditions=[condition("LEAVE_SAFETY_STOCK", 9)])),
            (None, a_rule()),
        ],
    )
    def test_a_rule_says_why_it_gave_nothing(self, why_not: str | None, rule: dict[str, Any]) -> None:
        document = explained(a_snapshot("AB", {"S1": {"A": 1}, "S2": {"B": 1}}, rule))
        assert document["rules"][0]["why_not"] == why_not
        assert document["rules"][0]["applied"] is (why_not is None)

    def test_a_rule_that_finds_nothing_left_says_so(self) -> None:
        document = explained(a_snapshot("A", {"S1": {"A": 1}}, a_rule(), a_rule()))
        assert [rule["why_not"] for rule in document["rules"]] == [None, "nothing_left"]

    def test_numbers_are_those_a_rule_looked_at(self) -> None:
        only_one = {"field": "product.base_code", "op": "eq", "value": "x"}
        rules = [
            a_rule(product_condition="query", product_query=only_one),
            a_rule(location_conditions=[condition("SELECT_BY_QUOTA")]),
        ]
        lines = [a_line(1, "A", 2, base_code="x"), a_line(2, "A")]
        locations = [a_location("S1", max_quota=5, quota=4)]

        document = explained(a_snapshot(lines, {"S1": {"A": 5}}, *rules, locations=locations))

        first, second = (rule["candidates"][0]["numbers"] for rule in document["rules"])
        assert (first["A"]["available"], first["quota"]) == (5, 4)
        assert (second["A"]["available"], second["quota"], second["available_quota"]) == (3, 5, 0)

    def test_fewest_packages_keeps_its_bound(self) -> None:
        stock = {"S1": {"A": 1}, "S2": {"B": 1}}
        document = explained(a_snapshot("AB", stock, a_rule(strategy="fewest_packages")))
        assert document["rules"][0]["bound"] == {"lower": 2, "found": 2, "proven": True}

    def test_transfers_are_told_below_their_rule(self) -> None:
        rule = a_rule(location_conditions=[condition("STOCK_LOCATION_LIST", ["S1"])], transferable=True)
        scenario = a_transfer_scenario(a_rule(name="near", sort=by("DISTANCE")))
        locations = around_kizilay(S1=100, S2=130)
        document = explained(
            a_snapshot(
                "AB",
                {"S1": {"A": 1}, "S2": {"B": 1}},
                rule,
                transfer_scenarios=(scenario,),
                locations=locations,
            )
        )
        transfer = document["rules"][0]["transfer"]
        assert (transfer["erp_code"], transfer["scenario"]["id"]) == ("S1", 50)
        (inner,) = transfer["rules"]
        own, source = inner["candidates"][1], inner["candidates"][0]
        assert (own["erp_code"], own["excluded_by"]) == ("S1", "OWN_LOCATION")
        assert source["numbers"]["distance_km"] == pytest.approx(30, abs=0.1)
        assert source["given"] == [{"order_item": 2, "quantity": 1}]

    def test_scenarios_that_were_passed_over_are_named(self) -> None:
        passed = a_scenario(id=9, channel_condition_type="static", channels=[3])
        document = explained(a_snapshot("A", {"S1": {"A": 1}}, scenarios=(passed, a_scenario(a_rule()))))
        assert document["scenarios_refused"] == [
            {"id": 9, "version": 1, "name": "scenario 9", "condition": "channel"}
        ]


class TestWhatIsKept:
    def test_only_locations_that_had_any_of_the_skus(self) -> None:
        stock = {"S1": {"A": 1}, "S2": {"B": 9}, "S3": {"A": 0}, "S4": {"A": (2, 2)}}
        kept = explain.stored(plan(a_snapshot("A", stock)))
        assert [row[0] for row in kept["at"]] == ["S1", "S4"]

    def test_a_silent_location_too(self) -> None:
        snapshot = a_snapshot("A", {"S1": {}, "S2": {"A": 1}})
        kept = explain.stored(plan(changed(snapshot, unknown_stock=ids(snapshot, "S1"))))
        assert [row[0] for row in kept["at"]] == ["S1", "S2"]
        assert kept["silent"] == ["S1"]

    def test_it_is_small(self) -> None:
        stock = {f"S{n}": dict.fromkeys("ABC", (n, 1)) for n in range(1, 21)}
        locations = [a_location(code, address=km_east(n)) for n, code in enumerate(stock)]
        kept = explain.stored(
            plan(a_snapshot("ABC", stock, a_rule(sort=by("DISTANCE")), locations=locations))
        )
        assert len(json.dumps(kept, separators=(",", ":"))) < 1500

    def test_it_stays_when_the_stock_of_the_batch_changes_afterwards(self) -> None:
        shelf = {"A": {1: next(iter(a_snapshot("A", {"S1": {"A": 5}}).stock.values()))}}
        snapshot = a_snapshot("A", {"S1": {"A": 5}})
        snapshot = changed(snapshot, stock=type(snapshot.stock).from_skus(shelf))
        made = plan(snapshot)
        before = explain.stored(made)

        shelf["A"].clear()

        assert explain.stored(made) == before


class TestSentences:
    def test_the_winner_and_who_had_none_free(self) -> None:
        assert told(four_and_a_dry_one()) == [
            "S12 took SKU-1: nearest of 4 with stock; S07 had none free: 3 in stock, 3 reserved."
        ]
        assert told(four_and_a_dry_one(), "tr") == [
            (
                "SKU-1, S12 lokasyonundan: stoğu olan 4 lokasyon içinde en yakını; "
                "S07 lokasyonunda boşta yok: stokta 3, rezerve 3."
            )
        ]

    @pytest.mark.parametrize(
        ("sort", "best"),
        [
            ((), "first by priority"),
            (("-DISTANCE",), "farthest"),
            (("PRIORITY",), "first by priority"),
            (("-STOCK_AMOUNT",), "most stock"),
            (("PACKAGE_DENSITY",), "fewest open packages"),
            (("-AVAILABLE_QUOTA",), "most free quota"),
            (("-ACCEPTANCE_RATE",), "highest acceptance rate"),
            (("COST",), "cheapest"),
        ],
    )
    def test_the_winner_is_praised_for_what_was_sorted_by(self, sort: tuple[str, ...], best: str) -> None:
        locations = around_kizilay(S1=1, S2=1)
        snapshot = a_snapshot(
            "A", {"S1": {"A": 1}, "S2": {"A": 1}}, a_rule(sort=by(*sort)), locations=locations
        )
        assert told(snapshot) == [f"S1 took A: {best} of 2 with stock."]

    def test_one_sentence_for_each_product_at_each_location(self) -> None:
        stock = {"S1": {"A": 2, "B": 1}, "S2": {"A": 5}}
        snapshot = a_snapshot(lines_of("A", "A", "A", "B"), stock, a_rule(sort=by("PRIORITY")))
        assert told(snapshot) == [
            "S1 took 2 x A: first by priority of 2 with stock.",
            "S1 took B: the only one with stock.",
            "S2 took A: number 2 by priority of 2 with stock.",
        ]

    def test_weights(self) -> None:
        snapshot = a_snapshot([a_line(1, "TEA", "1.250", unit_type="kg")], {"S1": {"TEA": 2}})
        assert told(snapshot) == ["S1 took 1.25 x TEA: the only one with stock."]
        assert told(snapshot, "tr") == ["1,25 x TEA, S1 lokasyonundan: stoğu olan tek lokasyon."]

    def test_who_was_left_out_though_it_had_some(self) -> None:
        locations = [
            a_location("S1", max_quota=5, quota=5),
            a_location("S2", max_quota=5, quota=0),
            a_location("S3"),
        ]
        rule = a_rule(location_conditions=[condition("SELECT_BY_QUOTA")])
        snapshot = a_snapshot("A", {code: {"A": 1} for code in ("S1", "S2", "S3")}, rule, locations=locations)
        assert told(snapshot) == [
            (
                "S2 took A: the only one with stock; S1 was left out: no free quota (5 of 5); "
                "S3 was left out: no maximum quota set."
            )
        ]

    def test_everything_from_one_location(self) -> None:
        stock = {"S1": {"A": 1}, "S2": {"A": 1, "B": 1}, "S3": {"A": 1, "B": 1}}
        snapshot = a_snapshot("AB", stock, a_rule(product_condition="all_products"))
        assert told(snapshot)[0] == "S2 took A: first by priority of 2 that have everything."

    def test_the_fewest_packages(self) -> None:
        snapshot = a_snapshot("AB", {"S1": {"A": 1}, "S2": {"B": 1}}, a_rule(strategy="fewest_packages"))
        assert told(snapshot)[0] == "S1 took A: one of 2 locations, the fewest that cover what there is."

    def test_transfers(self) -> None:
        rule = a_rule(location_conditions=[condition("STOCK_LOCATION_LIST", ["S1"])], transferable=True)
        scenario = a_transfer_scenario(a_rule(sort=by("PRIORITY")))
        stock = {"S1": {"A": 1}, "S2": {"B": 1}, "S3": {"B": 1}}
        snapshot = a_snapshot("AB", stock, rule, transfer_scenarios=(scenario,))
        assert told(snapshot)[1] == "B comes from S2 to S1 by transfer: first by priority of 2 with stock."
        assert told(snapshot, "tr")[1].startswith("B, S2 lokasyonundan S1 lokasyonuna transferle gelir")

    @pytest.mark.parametrize(
        ("snapshot", "english", "turkish"),
        [
            (
                a_snapshot("A", {}),
                "A was not placed and is kept as out of stock at S99: no location has it in stock.",
                "A yerleştirilemedi, S99 lokasyonunda stokta yok olarak bekliyor: hiçbir lokasyonda stok yok.",
            ),
            (
                a_snapshot(lines_of(("A", 3)), {"S1": {"A": (5, 4, 1)}}),
                (
                    "3 x A was not placed and is kept as out of stock at S99: none is free; "
                    "S1 had none free: 5 in stock, 4 reserved, 1 safety stock."
                ),
                (
                    "3 x A yerleştirilemedi, S99 lokasyonunda stokta yok olarak bekliyor: boşta stok yok; "
                    "S1 lokasyonunda boşta yok: stokta 5, rezerve 4, emniyet stoğu 1."
                ),
            ),
            (
                a_snapshot(
                    "A",
                    {f"S{n}": {"A": 1} for n in range(1, 5)},
                    a_rule(location_conditions=[condition("TAGS", ["x"])]),
                ),
                (
                    "A was not placed and is kept as out of stock at S99: it is free only at locations that the rules "
                    "leave out; S1 was left out: without the tag; S2 was left out: without the tag; and 2 more."
                ),
                (
                    "A yerleştirilemedi, S99 lokasyonunda stokta yok olarak bekliyor: yalnızca kuralların dışarıda "
                    "bıraktığı lokasyonlarda boşta var; S1 lokasyonu dışarıda kaldı: etiketi yok; "
                    "S2 lokasyonu dışarıda kaldı: etiketi yok; ve 2 lokasyon daha."
                ),
            ),
            (
                a_snapshot("AB", {"S1": {"A": 1}}, a_rule(product_condition="all_products")),
                "A was not placed and is kept as out of stock at S99: no single location has everything; S1 lacks B.",
                (
                    "A yerleştirilemedi, S99 lokasyonunda stokta yok olarak bekliyor: "
                    "hiçbir lokasyon tek başına tamamına sahip değil; S1 lokasyonunda B eksik."
                ),
            ),
        ],
    )
    def test_what_was_not_placed(self, snapshot: Snapshot, english: str, turkish: str) -> None:
        assert told(snapshot)[0] == english
        assert told(snapshot, "tr")[0] == turkish

    def test_what_this_order_took_itself(self) -> None:
        assert told(a_snapshot(lines_of(("A", 3)), {"S1": {"A": 2}}))[1] == (
            "A was not placed and is kept as out of stock at S99: all that was free has been given; "
            "S1 had none free: 2 in stock, 2 given to this order."
        )

    def test_no_scenario(self) -> None:
        refusing = a_scenario(channel_condition_type="static", channels=[9])
        assert told(a_snapshot("A", {"S1": {"A": 1}}, scenarios=(refusing,))) == [
            "No scenario matches this order: “scenario 1” fails on its channel condition.",
            "A was not placed: no scenario matches the order.",
        ]

    def test_a_silent_stock_service(self) -> None:
        snapshot = a_snapshot("A", {"S1": {"A": 1}})
        assert told(changed(snapshot, unknown_stock=ids(snapshot, "S1"))) == [
            "A was not placed: a stock service that has to be asked did not answer; no answer from S1."
        ]

    def test_a_location_without_coordinates(self) -> None:
        stock = {"S1": {"A": 1}, "S2": {"A": 1}}
        snapshot = a_snapshot("A", stock, a_rule(sort=by("DISTANCE")), locations=around_kizilay(S2=4))
        assert told(snapshot) == [
            "S2 took A: nearest of 2 with stock.",
            "S1 has no known coordinates and is sorted as the farthest.",
        ]

    def test_an_address_without_coordinates(self) -> None:
        snapshot = a_snapshot(
            "A", {"S1": {"A": 1}}, a_rule(sort=by("DISTANCE")), order=an_order(address=Address())
        )
        assert told(snapshot)[1] == (
            "The delivery address has no known coordinates: every location is sorted as the farthest."
        )

    def test_planned_by_hand(self) -> None:
        snapshot = a_snapshot(lines_of(("A", 3)), {"S1": {"A": 2}})
        made = plan_manual(snapshot, [Group(1, ((1, snapshot.lines[0].quantity),))])
        assert explain.document(explain.stored(made))["sentences"]["en"] == [
            "S1 packs 2 x A: planned by hand.",
            "A was not placed and is kept as out of stock at S1: all that was free has been given.",
        ]


class TestWords:
    def test_both_languages_know_the_same_words_with_the_same_names(self) -> None:
        assert set(ENGLISH) == set(TURKISH)
        for key in ENGLISH:
            names = [
                {name for _, name, _, _ in Formatter().parse(texts[key]) if name}
                for texts in (ENGLISH, TURKISH)
            ]
            assert names[0] == names[1], key

    @pytest.mark.parametrize("reason", [*Reason, "no_source", "unknown_location"])
    def test_every_reason_can_be_said(self, reason: str) -> None:
        assert f"why:{reason}" in ENGLISH


def test_names_with_braces_are_told_as_they_are() -> None:
    refusing = a_scenario(channel_condition_type="static", channels=[9], name="{0} {order}")
    assert "“{0} {order}”" in told(a_snapshot("A", {"S1": {"A": 1}}, scenarios=(refusing,)))[0]
