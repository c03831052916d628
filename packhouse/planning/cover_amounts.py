"""Fewest candidates where a need may be added up from several: branch and bound, exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import le, mul

from packhouse.planning.cover_needs import Problem, pack
from packhouse.planning.cover_steps import TOLERANCE, Amounts, Steps, after

Gives = Mapping[int, Amounts]
"""Candidate -> what it gives to each unmet need, at most what is missing."""

ROOT_ROUNDS = 40
NODE_ROUNDS = 4


class AmountSearch:
    """Depth first over "one of those who give to the hardest need must be chosen".

    Cut off by a Lagrangian bound: needs are weighted, and the best ``budget`` candidates by weighted gift
    must reach the weighted amount. The weights move towards the needs that those candidates leave unmet,
    which makes the bound as good as the linear relaxation; it also drops candidates that cannot be part of
    a solution. One that led nowhere is not tried deeper, nor is any that gives no more of anything.
    """

    def __init__(self, problem: Problem, steps: Steps) -> None:
        self._rows = problem.rows
        self._steps = steps
        self._packed = [need for need in problem.needs if need.sizes]

    def complete(self, wanted: Amounts, budget: int, chosen: Sequence[int]) -> list[int] | None:
        """See `Search`."""
        copies: dict[Amounts, int] = {}
        allowed = []
        for candidate, row in enumerate(self._rows):
            seen = copies.get(row, 0)
            if candidate not in chosen and (seen < budget or self._packed):
                copies[row] = seen + 1
                allowed.append(candidate)
        return self._cover(wanted, budget, allowed, list(chosen), None)

    def _cover(
        self,
        wanted: Amounts,
        budget: int,
        allowed: Sequence[int],
        chosen: list[int],
        weights: list[float] | None,
    ) -> list[int] | None:
        unmet = [need for need, amount in enumerate(wanted) if amount]
        if not unmet:
            return self._add_for_packing(budget, allowed, chosen)
        if not budget:
            return None
        target = tuple([wanted[need] for need in unmet])
        self._steps.spend(len(allowed) * len(unmet))
        gives = self._gives(allowed, unmet, target)
        if not _each_can_be_covered(target, gives, budget):
            return None
        if budget == 1 and not self._packed:
            return next(([n] for n, gift in gives.items() if gift == target), None)
        mine = [1 / amount for amount in target] if weights is None else [weights[need] for need in unmet]
        solved = self._bound(target, gives, budget, mine, ROOT_ROUNDS if weights is None else NODE_ROUNDS)
        if solved is None or (solved and self._packs([*chosen, *solved])):
            return solved
        return self._branch(wanted, budget, gives, chosen, mine)

    def _gives(self, allowed: Sequence[int], unmet: Sequence[int], target: Amounts) -> dict[int, Amounts]:
        gives = {}
        for candidate in allowed:
            row = self._rows[candidate]
            gift = tuple(map(min, [row[need] for need in unmet], target))
            if any(gift) or any(need.gives[candidate] for need in self._packed):
                gives[candidate] = gift
        return gives

    def _bound(
        self, target: Amounts, gives: dict[int, Amounts], budget: int, weights: list[float], rounds: int
    ) -> list[int] | None:
        """None: no solution. Else a solution, or [] when undecided; ``gives`` loses who cannot be in one."""
        pace = 1.0
        for _ in range(rounds):
            self._steps.spend(len(gives) * len(target))
            scores = sorted(((sum(map(mul, weights, gift)), -n) for n, gift in gives.items()), reverse=True)
            best = scores[:budget]
            asked = sum(map(mul, weights, target))
            slack = sum(score for score, _ in best) - asked
            if slack < -TOLERANCE * asked:
                return None
            least = best[-1][0] - slack - TOLERANCE * asked
            while scores[-1][0] < least:
                del gives[-scores.pop()[1]]
            covered = [sum(column) for column in zip(*(gives[-n] for _, n in best), strict=True)]
            if all(map(le, target, covered)):
                return [-n for _, n in best]
            for need, (amount, cover) in enumerate(zip(target, covered, strict=True)):
                weights[need] *= 1 + pace * max(-0.5, (amount - cover) / amount)
            pace *= 0.9
        return []

    def _branch(
        self,
        wanted: Amounts,
        budget: int,
        gives: dict[int, Amounts],
        chosen: list[int],
        weights: list[float],
    ) -> list[int] | None:
        unmet = [need for need, amount in enumerate(wanted) if amount]
        hardest = _hardest([wanted[need] for need in unmet], gives, budget)
        handed_down = [0.0] * len(wanted)
        for need, weight in zip(unmet, weights, strict=True):
            handed_down[need] = weight
        givers = sorted(
            (n for n, gift in gives.items() if gift[hardest]),
            key=lambda n: (-gives[n][hardest], -sum(map(mul, weights, gives[n])), n),
        )
        amount = wanted[unmet[hardest]]
        while givers and sum(gives[n][hardest] for n in givers[:budget]) >= amount:
            best = givers[0]
            left = after(wanted, self._rows[best])
            others = [n for n in gives if n != best]
            rest = self._cover(left, budget - 1, others, [*chosen, best], handed_down)
            if rest is not None:
                return [best, *rest]
            for lesser in self._no_better(best, gives):
                del gives[lesser]
            givers = [n for n in givers if n in gives]
        return None

    def _no_better(self, candidate: int, gives: Gives) -> list[int]:
        if self._packed:
            return [candidate]
        gift = gives[candidate]
        return [n for n, other in gives.items() if all(map(le, other, gift))]

    def _packs(self, chosen: Sequence[int]) -> bool:
        return all(
            pack(need.sizes, [need.capacities[n] for n in chosen]) is not None for need in self._packed
        )

    def _add_for_packing(self, budget: int, allowed: Sequence[int], chosen: list[int]) -> list[int] | None:
        """Amounts are reached; lines that must stay whole may still need more places to fit into."""
        if self._packs(chosen):
            return []
        if not budget:
            return None
        for n, candidate in enumerate(allowed):
            self._steps.spend(1)
            if any(need.gives[candidate] for need in self._packed):
                rest = self._add_for_packing(budget - 1, allowed[n + 1 :], [*chosen, candidate])
                if rest is not None:
                    return [candidate, *rest]
        return None


def _each_can_be_covered(target: Amounts, gives: Gives, budget: int) -> bool:
    columns = list(zip(*gives.values(), strict=True))
    return bool(columns) and all(
        sum(sorted(column, reverse=True)[:budget]) >= amount
        for amount, column in zip(target, columns, strict=True)
    )


def _hardest(target: Sequence[int], gives: Gives, budget: int) -> int:
    """The need with the least to spare if those who give most to it were chosen."""
    columns = zip(*gives.values(), strict=True)
    spare = [
        sum(sorted(column, reverse=True)[:budget]) / amount
        for amount, column in zip(target, columns, strict=True)
    ]
    return spare.index(min(spare))
