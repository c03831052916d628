"""What must hold for every plan, whatever the scenario: tried on random snapshots."""

import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from packhouse.planning import explain
from packhouse.planning.engine import plan
from packhouse.planning.result import OUT_OF_STOCK, WAITING, WAITING_FOR_TRANSFER, Plan
from packhouse.planning.snapshot import Line, Location, Locations, Snapshot, StockLevel, StockTable
from tests.planning.situations import (
    NOON,
    a_scenario,
    a_tariff,
    a_transfer_scenario,
    an_order,
    by,
    condition,
    km_east,
)

SKUS = "ABC"
TRIED = settings(max_examples=60)
small = st.integers(0, 6).map(Decimal)
thousandths = st.integers(0, 4000).map(lambda n: Decimal(n) / 1000)

conditions = st.one_of(
    st.just(condition("SELECT_BY_QUOTA")),
    st.builds(condition, st.just("STOCK_LOCATION_TYPE"), st.sampled_from(["store", "warehouse"])),
    st.builds(condition, st.just("WITHIN_DISTANCE"), st.integers(0, 60)),
    st.builds(condition, st.just("LEAVE_SAFETY_STOCK"), st.integers(0, 2)),
    st.builds(
        condition, st.just("EXCEPT_STOCK_LOCATION"), st.lists(st.sampled_from(["S1", "S2"]), max_size=1)
    ),
)
sorts = st.lists(
    st.sampled_from(["PRIORITY", "STOCK_AMOUNT", "PACKAGE_DENSITY", "DISTANCE", "AVAILABLE_QUOTA", "COST"]),
    unique=True,
    max_size=2,
).map(lambda keys: by(*(f"-{key}" if n % 2 else key for n, key in enumerate(keys))))


@st.composite
def rules(draw: st.DrawFn, *, transfer: bool = False) -> dict[str, Any]:
    product_condition = draw(st.sampled_from(["all_products", "available_products", "query"]))
    query = {
        "field": "product.sku",
        "op": "in",
        "value": draw(st.lists(st.sampled_from(SKUS), min_size=1, max_size=2)),
    }
    rule = {
        "name": draw(st.sampled_from(["near", "far"])),
        "product_condition": product_condition,
        "product_query": query if product_condition == "query" else None,
        "location_conditions": draw(st.lists(conditions, max_size=2)),
        "sort": draw(sorts),
        "strategy": draw(st.sampled_from(["ordered", "fewest_packages"])),
        "max_packages": draw(st.sampled_from([None, None, 1, 2])),
        "allow_last_known_stock": draw(st.booleans()),
    }
    return rule if transfer else {**rule, "transferable": draw(st.booleans())}


@st.composite
def locations(draw: st.DrawFn, number: int) -> Location:
    return Location(
        id=number,
        erp_code=f"S{number}",
        type=draw(st.sampled_from(["store", "warehouse"])),
        address=km_east(draw(st.integers(0, 80))),
        priority=draw(st.integers(1, 3)),
        is_active=draw(st.sampled_from([True, True, True, False])),
        is_fulfillment_center=draw(st.sampled_from([True, True, False])),
        max_quota=draw(st.sampled_from([None, 1, 2, 9])),
        quota=draw(st.integers(0, 2)),
        open_packages=draw(st.integers(0, 3)),
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    places = [draw(locations(number)) for number in range(1, draw(st.integers(1, 5)) + 1)]
    rows = draw(
        st.dictionaries(
            st.tuples(st.sampled_from([place.id for place in places]), st.sampled_from(SKUS)),
            st.builds(
                StockLevel,
                st.one_of(small, thousandths),
                small.map(lambda n: min(n, Decimal(3))),
                st.sampled_from([Decimal(0), Decimal(1)]),
            ),
            max_size=12,
        )
    )
    lines = draw(
        st.lists(
            st.one_of(
                st.tuples(st.sampled_from("AB"), st.integers(1, 4).map(Decimal), st.just("quantity")),
                st.tuples(st.just("C"), st.integers(1, 3000).map(lambda n: Decimal(n) / 1000), st.just("kg")),
            ),
            min_size=1,
            max_size=5,
        )
    )
    keys = st.sampled_from([place.id for place in places])
    return Snapshot(
        order=an_order(),
        lines=tuple(Line(n, sku, quantity, unit) for n, (sku, quantity, unit) in enumerate(lines, start=1)),
        scenarios=(
            a_scenario(
                *draw(st.lists(rules(), max_size=3)),
                default_location="S1",
                default_multiple_packages_state=draw(st.sampled_from(["WAITING", "WAITING_REMOTE_ACTION"])),
            ),
        ),
        transfer_scenarios=(a_transfer_scenario(*draw(st.lists(rules(transfer=True), max_size=2))),),
        locations=Locations(places),
        stock=StockTable(rows),
        taken_at=NOON,
        tariff=a_tariff(draw(st.dictionaries(st.sampled_from(["S1", "S2", "S3"]), st.integers(1, 2)))),
        unknown_stock=draw(st.frozensets(keys, max_size=1)) if draw(st.booleans()) else frozenset(),
        exclusions=draw(st.frozensets(st.tuples(keys, st.sampled_from([None, *SKUS])), max_size=2)),
    )


def given_at(made: Plan) -> Counter[tuple[int, str]]:
    """Reserved by (location, SKU)."""
    sku_of = {line.order_item_id: line.sku for line in made.explanation.snapshot.lines}
    taken: Counter[tuple[int, str]] = Counter()
    for package in made.packages:
        for location, (item, quantity) in package.reserved():
            taken[location, sku_of[item]] += quantity
    return taken


@TRIED
@given(snapshots())
def test_nothing_is_lost_and_nothing_is_made(snapshot: Snapshot) -> None:
    made = plan(snapshot)
    for line in snapshot.lines:
        item = line.order_item_id
        packed = sum(
            q for one in made.packages if one.state != OUT_OF_STOCK for i, q in one.lines if i == item
        )
        parked = sum(
            q for one in made.packages if one.state == OUT_OF_STOCK for i, q in one.lines if i == item
        )
        rest = sum(one.quantity for one in made.not_placed if one.order_item_id == item)
        assert packed + rest == line.quantity
        assert parked == (rest if made.reason is None else 0)
        assert sum(q for one in made.packages for _, (i, q) in one.reserved() if i == item) == packed


@TRIED
@given(snapshots())
def test_never_more_is_promised_than_is_free(snapshot: Snapshot) -> None:
    for (location, sku), quantity in given_at(plan(snapshot)).items():
        assert 0 < quantity <= snapshot.stock[location, sku].available
        assert (location, sku) not in snapshot.exclusions
        assert (location, None) not in snapshot.exclusions


@TRIED
@given(snapshots())
def test_pieces_stay_whole(snapshot: Snapshot) -> None:
    pieces = {line.order_item_id for line in snapshot.lines if line.unit_type == "quantity"}
    for package in plan(snapshot).packages:
        for item, quantity in package.lines:
            assert quantity > 0
            assert item not in pieces or quantity == int(quantity)


@TRIED
@given(snapshots())
def test_packages_are_made_at_active_fulfilment_centres_and_transfers_come_from_active_locations(
    snapshot: Snapshot,
) -> None:
    for package in plan(snapshot).packages:
        place = snapshot.locations.by_id[package.location_id]
        if package.state != OUT_OF_STOCK:
            assert place.is_active
            assert place.is_fulfillment_center
        assert bool(package.transfers) is (package.state == WAITING_FOR_TRANSFER)
        sources = [transfer.source_id for transfer in package.transfers]
        assert len(set(sources)) == len(sources)
        assert package.location_id not in sources
        assert all(snapshot.locations.by_id[source].is_active for source in sources)


@TRIED
@given(snapshots())
def test_a_location_has_one_package_per_starting_state(snapshot: Snapshot) -> None:
    made = plan(snapshot)
    keys = [
        (package.location_id, bool(package.transfers), package.state == OUT_OF_STOCK)
        for package in made.packages
    ]
    assert len(set(keys)) == len(keys)


@TRIED
@given(snapshots())
def test_several_packages_start_in_the_scenario_s_state_and_a_single_one_waits(snapshot: Snapshot) -> None:
    made = plan(snapshot)
    several = snapshot.scenarios[0].document.default_multiple_packages_state
    started = [package.state for package in made.packages if package.state != OUT_OF_STOCK]
    expected = several if len(started) > 1 else WAITING
    assert {state for state in started if state != WAITING_FOR_TRANSFER} <= {expected}


@TRIED
@given(snapshots())
def test_quota_rules_never_give_a_package_to_a_full_location(snapshot: Snapshot) -> None:
    quota = condition("SELECT_BY_QUOTA")
    document = snapshot.scenarios[0].document
    asking = [
        {**rule, "location_conditions": [*rule["location_conditions"], quota]}
        for rule in document.to_json()["rules"]
    ]
    bound = replace(snapshot, scenarios=(a_scenario(*asking, default_location="S1"),))
    made = Counter(package.location_id for package in plan(bound).packages if package.state != OUT_OF_STOCK)
    for location, packages in made.items():
        place = bound.locations.by_id[location]
        assert place.max_quota is not None
        assert place.quota + packages <= place.max_quota


@TRIED
@given(snapshots())
def test_a_limit_of_packages_holds(snapshot: Snapshot) -> None:
    made = plan(snapshot)
    for facts in made.explanation.rules:
        if facts.max_packages is not None:
            assert len(facts.given) <= facts.max_packages
        for inner in facts.transfer.rules if facts.transfer else ():
            assert inner.max_packages is None or len(inner.given) <= inner.max_packages


@TRIED
@given(snapshots())
def test_rules_that_are_cut_off_behind_the_last_one_needed_change_nothing(snapshot: Snapshot) -> None:
    """Each rule works on what those before it left: the plan of the first rules stands in the plan of all."""
    document = snapshot.scenarios[0].document.to_json()
    made = plan(snapshot)
    for count in range(len(document["rules"])):
        fewer = replace(snapshot, scenarios=(a_scenario(*document["rules"][:count], default_location="S1"),))
        partial = plan(fewer)
        if made.reason is None and partial.reason is None:
            assert partial.explanation.rules == made.explanation.rules[:count]


@TRIED
@given(snapshots())
def test_a_rule_gives_in_the_order_of_its_sort(snapshot: Snapshot) -> None:
    for facts in plan(snapshot).explanation.rules:
        places = [facts.ranked.index(location) for location, _ in facts.given if location in facts.ranked]
        assert places == sorted(places)


@TRIED
@given(snapshots())
def test_an_ordered_rule_passes_over_nobody_who_could_give(snapshot: Snapshot) -> None:
    """The first rule alone, without limits: what it leaves is nowhere free that it lets in."""
    document = snapshot.scenarios[0].document.to_json()
    if not document["rules"]:
        return
    rule = {**document["rules"][0], "product_condition": "available_products", "product_query": None}
    rule = {**rule, "max_packages": None, "transferable": False, "location_conditions": []}
    made = plan(replace(snapshot, scenarios=(a_scenario(rule, default_location="S1"),)))
    if made.reason is not None:
        return
    taken = given_at(made)
    facts = made.explanation.rules[0]
    sku_of = {line.order_item_id: (line.sku, line.is_counted) for line in snapshot.lines}
    shut = snapshot.exclusions
    for rest in made.not_placed:
        sku, counted = sku_of[rest.order_item_id]
        for location in facts.ranked:
            level = snapshot.stock.of(sku).get(location)
            if level is not None and not {(location, sku), (location, None)} & shut:
                free = max(level.available, Decimal(0)) - taken[location, sku]
                assert free < 1 if counted else free <= 0


@TRIED
@given(snapshots())
def test_the_same_snapshot_gives_the_same_plan_and_explanation_to_the_byte(snapshot: Snapshot) -> None:
    rows = list(snapshot.stock.items())
    shuffled = replace(
        snapshot,
        stock=StockTable(dict(reversed(rows))),
        locations=Locations(reversed(snapshot.locations)),
    )
    made, again, other = plan(snapshot), plan(snapshot), plan(shuffled)

    assert made == again
    texts = {json.dumps(explain.stored(one)) for one in (made, again, other)}
    assert len(texts) == 1
    assert json.dumps(explain.document(explain.stored(made))) == json.dumps(
        explain.document(explain.stored(other))
    )


@TRIED
@given(snapshots())
def test_every_plan_can_be_explained(snapshot: Snapshot) -> None:
    made = plan(snapshot)
    document = explain.document(json.loads(json.dumps(explain.stored(made))))
    for language in ("en", "tr"):
        sentences = document["sentences"][language]
        assert all("{" not in sentence and "None" not in sentence for sentence in sentences)
        assert len(sentences) >= len({line.sku for line in snapshot.lines})
