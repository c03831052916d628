"""`fewest_packages` and `max_packages` against everything tried, on thousands of random instances."""

from collections.abc import Sequence
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packhouse.planning import cover
from packhouse.planning.cover import fewest_packages, most_units, share_out
from packhouse.planning.cover_needs import Problem, Wanted
from packhouse.planning.snapshot import Line
from tests.planning import oracle

Instance = tuple[oracle.Lines, oracle.Shelves]


def problem(lines: oracle.Lines, shelves: oracle.Shelves, *, cut_anywhere: bool = False) -> Problem:
    wanted: list[Wanted] = [
        (Line(item, sku, Decimal(quantity)), Decimal(quantity)) for item, (sku, quantity) in enumerate(lines)
    ]
    held = {sku: [Decimal(one) for one in shelf] for sku, shelf in shelves.items()}
    return Problem(wanted, held, cut_anywhere=cut_anywhere)


def an_instance(
    random: Random, *, skus: int, candidates: int, lines: int = 1, quantity: int = 3, held: int = 3
) -> Instance:
    """Each SKU on 1 to ``lines`` lines; a good half of the shelves empty."""
    names = [f"SKU-{n}" for n in range(random.randint(1, skus))]
    several = [(sku, random.randint(1, quantity)) for sku in names for _ in range(random.randint(1, lines))]
    random.shuffle(several)
    places = random.randint(1, candidates)
    amounts = [0] * random.randint(0, 2 * held) + list(range(held + 1))
    return several, {sku: [random.choice(amounts) for _ in range(places)] for sku in names}


def assert_shares_add_up(instance: Instance, chosen: Sequence[int]) -> None:
    """Every unit that can be had is given once, nobody gives more than it holds, everyone chosen gives."""
    lines, shelves = instance
    shares = share_out(problem(*instance), chosen)
    assert sorted(shares) == sorted(chosen)
    given = [(n, line, quantity) for n, share in shares.items() for line, quantity in share]
    assert all(quantity > 0 for _, _, quantity in given)
    for sku, wanted in oracle.by_sku(lines).items():
        total = sum(quantity for _, line, quantity in given if line.sku == sku)
        assert total == min(sum(wanted), sum(shelves[sku]))
        for n in chosen:
            assert sum(q for place, line, q in given if (place, line.sku) == (n, sku)) <= shelves[sku][n]
        if (len(wanted) == 1 and max(shelves[sku]) >= wanted[0]) or (
            len(wanted) > 1 and oracle.fits_whole(wanted, shelves[sku])
        ):
            assert sum(line.sku == sku for _, line, _ in given) == len(wanted)
    for item, (_, quantity) in enumerate(lines):
        assert sum(q for _, line, q in given if line.order_item_id == item) <= quantity


KINDS = {
    "one line each": {"skus": 6, "candidates": 9},
    "lines that nobody holds": {"skus": 4, "candidates": 9, "quantity": 9, "held": 3},
    "single units on lines of their own": {"skus": 3, "candidates": 8, "lines": 3, "quantity": 1, "held": 2},
    "unequal lines of one SKU": {"skus": 3, "candidates": 6, "lines": 3, "quantity": 4, "held": 6},
}


@pytest.mark.parametrize("kind", KINDS)
def test_fewest_packages_is_the_optimum_and_ties_go_by_the_sort(kind: str) -> None:
    random = Random(kind)
    sizes = set()
    for _ in range(600):
        instance = an_instance(random, **KINDS[kind])
        found = fewest_packages(problem(*instance))
        assert found.chosen == oracle.fewest(*instance), instance
        assert found.bound == cover.Bound(len(found.chosen), len(found.chosen), True)
        assert_shares_add_up(instance, found.chosen)
        sizes.add(len(found.chosen))
    assert len(sizes) > 3  # the instances are no trifles


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_max_packages_covers_the_most_units(kind: str, limit: int) -> None:
    random = Random(f"{kind} {limit}")
    for _ in range(200):
        lines, shelves = an_instance(random, **KINDS[kind])
        chosen = most_units(problem(lines, shelves, cut_anywhere=True), limit)
        given = sum(
            min(sum(wanted), sum(shelves[sku][n] for n in chosen))
            for sku, wanted in oracle.by_sku(lines).items()
        )
        assert len(chosen) <= limit
        assert given == oracle.most(lines, shelves, limit), (lines, shelves)
        assert chosen == tuple(sorted(chosen))
        assert not chosen or oracle.most(lines, shelves, len(chosen) - 1) < given


def test_amounts_that_add_up_are_no_cover_when_a_line_would_have_to_be_cut() -> None:
    """The first three hold ten units in sums of these lines, but none of them holds the line of five."""
    lines = [("A", 5), ("A", 2), ("A", 2), ("A", 1)]
    shelves = {"A": [4, 3, 3, 5]}

    found = fewest_packages(problem(lines, shelves))

    assert found.chosen == oracle.fewest(lines, shelves) == (0, 1, 3)
    assert_shares_add_up((lines, shelves), found.chosen)


def test_more_room_for_whole_lines_may_decide_a_tie() -> None:
    lines = [("A", 5), ("A", 2), ("A", 2), ("A", 1), ("B", 3)]
    shelves = {"A": [3, 3, 4, 0, 5, 0], "B": [5, 0, 4, 3, 3, 1]}
    assert fewest_packages(problem(lines, shelves)).chosen == oracle.fewest(lines, shelves) == (0, 1, 4)


def test_lines_that_must_be_packed_whole() -> None:
    random = Random("packed")
    sizes = set()
    for _ in range(250):
        several = [("A", random.choice([1, 2, 2, 3, 5])) for _ in range(random.randint(2, 5))]
        others = [("B", random.randint(1, 3)) for _ in range(random.randint(0, 2))]
        places = random.randint(2, 6)
        shelves = {
            sku: [random.randint(0, most) for _ in range(places)] for sku, most in (("A", 5), ("B", 3))
        }
        instance = [*several, *others], shelves
        found = fewest_packages(problem(*instance))
        assert found.chosen == oracle.fewest(*instance), instance
        assert_shares_add_up(instance, found.chosen)
        sizes.add(len(found.chosen))
    assert len(sizes) > 3


lines_and_shelves = st.integers(1, 4).flatmap(
    lambda candidates: st.dictionaries(
        st.sampled_from("ABC"),
        st.tuples(
            st.lists(st.integers(1, 5), min_size=1, max_size=3),
            st.lists(st.integers(0, 6), min_size=candidates, max_size=candidates),
        ),
        min_size=1,
    )
)


@given(lines_and_shelves)
def test_no_small_instance_is_an_exception(drawn: dict[str, tuple[list[int], list[int]]]) -> None:
    lines = [(sku, quantity) for sku, (wanted, _) in drawn.items() for quantity in wanted]
    instance = lines, {sku: shelf for sku, (_, shelf) in drawn.items()}
    found = fewest_packages(problem(*instance))
    assert found.chosen == oracle.fewest(*instance)
    assert_shares_add_up(instance, found.chosen)


def test_twelve_skus_and_two_hundred_locations_are_exact() -> None:
    random = Random(12)
    for _ in range(10):
        names = [f"SKU-{n}" for n in range(12)]
        lines = [(sku, random.randint(1, 6)) for sku in names]
        shelves = {sku: [random.choice([0, 0, 0, 1, 2, 3]) for _ in range(200)] for sku in names}
        found = fewest_packages(problem(lines, shelves))
        assert found.bound.proven
        assert found.bound.lower == found.bound.found == len(found.chosen) > 2
        assert_shares_add_up((lines, shelves), found.chosen)


def a_large_instance(random: Random, skus: int, candidates: int) -> Instance:
    names = [f"SKU-{n}" for n in range(skus)]
    lines = [(sku, random.randint(1, 3)) for sku in names]
    return lines, {sku: [random.choice([0, 0, 0, 0, 1, 2, 3]) for _ in range(candidates)] for sku in names}


def test_beyond_the_exact_range_the_best_found_comes_with_a_proven_lower_bound() -> None:
    random = Random(40)
    for _ in range(3):
        instance = a_large_instance(random, skus=40, candidates=60)
        found = fewest_packages(problem(*instance))
        assert 1 < found.bound.lower <= found.bound.found == len(found.chosen)
        assert found.bound.proven is (found.bound.lower == found.bound.found)
        assert_shares_add_up(instance, found.chosen)


def test_the_lower_bound_holds_when_the_steps_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(7)
    for limit in (0, 50, 500):
        monkeypatch.setattr(cover, "EXACT_STEPS", limit)
        monkeypatch.setattr(cover, "TIE_STEPS", limit)
        for _ in range(150):
            instance = an_instance(random, skus=5, candidates=9, quantity=6)
            found = fewest_packages(problem(*instance))
            assert found.bound.lower <= len(oracle.fewest(*instance)) <= found.bound.found
            assert_shares_add_up(instance, found.chosen)


def test_an_order_of_a_thousand_lines_is_covered() -> None:
    instance = a_large_instance(Random(1000), skus=1000, candidates=50)
    found = fewest_packages(problem(*instance))
    assert_shares_add_up(instance, found.chosen)
    assert found.bound.lower >= 1


def test_nobody_has_anything() -> None:
    assert fewest_packages(problem([("A", 1)], {"A": [0, 0]})).chosen == ()
    assert most_units(problem([("A", 1)], {"A": [0, 0]}), 2) == ()


def test_parts_of_a_piece_cover_nothing() -> None:
    pieces = Line(1, "A", Decimal(2))
    held = {"A": [Decimal("0.9"), Decimal("0.8")]}
    assert fewest_packages(Problem([(pieces, Decimal(2))], held)).chosen == ()
    kilos = Line(1, "A", Decimal(2), unit_type="kg")
    assert fewest_packages(Problem([(kilos, Decimal(2))], held)).chosen == (0, 1)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_the_same_instance_gives_the_same_cover(seed: int) -> None:
    instance = an_instance(Random(seed), skus=6, candidates=12, quantity=6)
    assert fewest_packages(problem(*instance)) == fewest_packages(problem(*instance))
