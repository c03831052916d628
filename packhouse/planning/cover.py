"""The smallest number of locations that covers every unit they have, and the few that cover the most.

The smallest number is exact for up to `EXACT_NEEDS` distinct SKUs and `EXACT_CANDIDATES` locations. Beyond
that it is the best found within `MASK_STEPS` and `BOUNDED_STEPS`, with the lower bound that was proven by
then; the few that cover the most are the best found within `MOST_STEPS`. Ties go by the order of the
candidates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from heapq import heapify, heappop, heapreplace

from packhouse.planning.cover_amounts import AmountSearch
from packhouse.planning.cover_masks import MaskSearch
from packhouse.planning.cover_most import MostSearch
from packhouse.planning.cover_needs import Need, Problem, pack
from packhouse.planning.cover_steps import OutOfSteps, Search, Steps, after, first_in_sort
from packhouse.planning.result import Bound
from packhouse.planning.snapshot import Line

EXACT_NEEDS = 12
EXACT_CANDIDATES = 200
EXACT_STEPS = 200_000_000
"""A net under the exact range; the hardest of tens of thousands of random instances took a tenth of it."""
BOUNDED_STEPS = 200_000
MASK_STEPS = 200_000
MOST_STEPS = 1_000_000
TIE_STEPS = 100_000
"""For the choice among solutions of the same size; when they are used up the size is still the smallest."""
MAX_SIZE = 200
"""Searched for at most; every exact instance is within."""

Shares = dict[int, list[tuple[Line, Decimal]]]
"""Candidate -> (line, quantity) it gives."""


@dataclass(frozen=True, slots=True)
class Cover:
    """Candidates in sort order that cover every unit the candidates have, and how good that is proven to be."""

    chosen: tuple[int, ...]
    bound: Bound


def fewest_packages(problem: Problem) -> Cover:
    """The fewest candidates. Nobody has anything: none."""
    if not problem.needs:
        return Cover((), Bound(0, 0, True))
    if problem.start in problem.rows and not problem.is_packing:
        return Cover((problem.rows.index(problem.start),), Bound(1, 1, True))
    size = 1
    for search, steps in _searches(problem):
        size, solution = _deepen(search, problem, size)
        if solution is not None:
            steps.renew(TIE_STEPS)
            chosen = first_in_sort(search, problem.rows, problem.start, solution)
            return Cover(tuple(chosen), Bound(size, size, True))
    found = _greedy(problem)
    return Cover(tuple(sorted(found)), Bound(size, len(found), size == len(found)))


def most_units(problem: Problem, limit: int) -> tuple[int, ...]:
    """At most ``limit`` candidates that give the most units, as few as give so many, in sort order."""
    if not problem.needs:
        return ()
    steps = Steps(MOST_STEPS)
    search = MostSearch(problem.rows, problem.start, steps)
    try:
        total, chosen = search.most(limit)
    except OutOfSteps:
        return tuple(sorted(search.best[1]))
    steps.renew(TIE_STEPS)
    search.aim_at(total)
    try:
        while (fewer := search.complete(problem.start, len(chosen) - 1, ())) is not None:
            chosen = fewer
    except OutOfSteps:
        return tuple(sorted(chosen))
    return tuple(first_in_sort(search, problem.rows, problem.start, chosen))


def share_out(problem: Problem, chosen: Sequence[int]) -> Shares:
    """What each chosen candidate gives: whole lines first, then what may be cut; early candidates first."""
    shares: Shares = {candidate: [] for candidate in chosen}
    for need in problem.needs:
        room = {candidate: problem.shelves[need.sku][candidate] for candidate in chosen}
        for line, quantity in _give_whole(need, room, shares):
            if need.may_cut:
                _cut(line, quantity, room, shares)
    return {candidate: share for candidate, share in shares.items() if share}


def _is_exact(problem: Problem) -> bool:
    return len(problem.needs) <= EXACT_NEEDS and len(problem.rows) <= EXACT_CANDIDATES


def _searches(problem: Problem) -> Iterator[tuple[Search, Steps]]:
    """The cheap one where it applies, then the one with the strong bound."""
    exact = _is_exact(problem)
    if not problem.is_packing and problem.is_all_or_nothing:
        steps = Steps(EXACT_STEPS if exact else MASK_STEPS)
        yield MaskSearch(problem.rows, steps), steps
    steps = Steps(EXACT_STEPS if exact else BOUNDED_STEPS)
    yield AmountSearch(problem, steps), steps


def _deepen(search: Search, problem: Problem, size: int) -> tuple[int, list[int] | None]:
    """The smallest size from ``size`` on and a solution of it; or one below which there is none, and None."""
    while size <= MAX_SIZE:
        try:
            solution = search.complete(problem.start, size, ())
        except OutOfSteps:
            break
        if solution is not None:
            return size, solution
        size += 1
    return size, None


def _greedy(problem: Problem) -> list[int]:
    """The one that gives most of what is still missing, again and again; then without those not needed."""
    chosen: list[int] = []
    wanted = problem.start
    heap = [(-_share(row, problem.start, wanted), n) for n, row in enumerate(problem.rows)]
    heapify(heap)
    while heap and not _is_settled(problem, wanted, chosen):
        _, candidate = heap[0]
        fresh = (-_share(problem.rows[candidate], problem.start, wanted), candidate)
        if fresh > min(heap[1:3], default=fresh):
            heapreplace(heap, fresh)
            continue
        heappop(heap)
        chosen.append(candidate)
        wanted = after(wanted, problem.rows[candidate])
    for candidate in reversed(list(chosen)):
        rest = [n for n in chosen if n != candidate]
        left = problem.start
        for n in rest:
            left = after(left, problem.rows[n])
        if _is_settled(problem, left, rest):
            chosen = rest
    return chosen


def _share(row: Sequence[int], start: Sequence[int], wanted: Sequence[int]) -> float:
    return sum(
        min(given, missing) / amount
        for given, amount, missing in zip(row, start, wanted, strict=True)
        if given and missing
    )


def _is_settled(problem: Problem, wanted: Sequence[int], chosen: Sequence[int]) -> bool:
    return not any(wanted) and all(
        pack(need.sizes, [need.capacities[n] for n in chosen]) is not None
        for need in problem.needs
        if need.sizes
    )


def _give_whole(need: Need, room: dict[int, Decimal], shares: Shares) -> list[tuple[Line, Decimal]]:
    """Give the lines that fit somewhere whole; answers the others."""
    chosen = list(room)
    places = pack(need.sizes, [need.capacities[n] for n in chosen]) if need.sizes else None
    others = []
    for n, (line, quantity) in enumerate(need.wanted):
        if places is not None:
            holder: int | None = chosen[places[n]]
        else:
            holder = next((candidate for candidate in chosen if room[candidate] >= quantity), None)
        if holder is None:
            others.append((line, quantity))
        else:
            shares[holder].append((line, quantity))
            room[holder] -= quantity
    return others


def _cut(line: Line, quantity: Decimal, room: dict[int, Decimal], shares: Shares) -> None:
    for candidate, held in room.items():
        part = whole_units(line, min(quantity, held))
        if part > 0:
            shares[candidate].append((line, part))
            room[candidate] = held - part
            quantity -= part


def whole_units(line: Line, quantity: Decimal) -> Decimal:
    """What can be handed over of a quantity: whole units, except of what is weighed."""
    return quantity.to_integral_value(ROUND_FLOOR) if line.is_counted else quantity
