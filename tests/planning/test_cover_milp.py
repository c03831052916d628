"""`fewest_packages` against a solver, where trying everything would take too long (`tests/planning/test_cover.py`)."""

from random import Random

import pytest

from packhouse.planning.cover import fewest_packages
from tests.planning.test_cover import Instance, a_large_instance, an_instance, assert_shares_add_up, problem

pytest.importorskip("highspy", reason="the solver HiGHS (highspy) is not installed")
from tests.planning import milp

KINDS = {
    "five lines, many places": {"skus": 5, "candidates": 200},
    "twelve products": {"skus": 12, "candidates": 40},
    "lines that nobody holds": {"skus": 8, "candidates": 30, "quantity": 9, "held": 4},
    "several lines of one product": {"skus": 4, "candidates": 12, "lines": 3, "quantity": 3, "held": 4},
}


def sparse(random: Random, instance: Instance) -> Instance:
    """With most shelves emptied, so that one place is seldom enough."""
    lines, shelves = instance
    return lines, {
        sku: [held if random.random() < 0.15 else 0 for held in shelf] for sku, shelf in shelves.items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_in_the_exact_range_it_is_the_optimum(kind: str) -> None:
    random = Random(kind)
    sizes = set()
    for _ in range(250):
        instance = sparse(random, an_instance(random, **KINDS[kind]))
        found = fewest_packages(problem(*instance))
        assert found.bound.proven
        assert len(found.chosen) == milp.fewest(*instance), instance
        assert_shares_add_up(instance, found.chosen)
        sizes.add(len(found.chosen))
    assert len(sizes) > 3  # the instances are no trifles


def test_beyond_it_the_optimum_lies_between_the_proven_bound_and_what_was_found() -> None:
    random = Random(41)
    for _ in range(8):
        instance = a_large_instance(random, skus=30, candidates=60)
        found = fewest_packages(problem(*instance))
        assert found.bound.lower <= milp.fewest(*instance) <= found.bound.found == len(found.chosen)
