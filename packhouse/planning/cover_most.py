"""So many candidates that together give the most: branch and bound, exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import le, mul

from packhouse.planning.cover_steps import TOLERANCE, Amounts, Steps, after

Gives = Mapping[int, Amounts]

ROUNDS = 12


class MostSearch:
    """What several candidates give is the sum over needs of what is wanted or what they have, the smaller.

    Bound: with a share t of each need's price paid for the need itself and 1 − t for each gift, no
    ``budget`` candidates are worth more than all needs plus the best gifts at those prices. Shares move
    towards needs that are covered more than once.
    """

    def __init__(self, rows: Sequence[Amounts], start: Amounts, steps: Steps) -> None:
        self._rows = rows
        self._steps = steps
        self._start = start
        self._goal = 0
        self._best: tuple[int, list[int]] = (0, [])

    def most(self, budget: int) -> tuple[int, list[int]]:
        """The largest total that ``budget`` candidates give, and candidates that give it.

        When the steps are used up: the best that was found.
        """
        self._best = (0, [])
        self._greedy(budget)
        self._search(self._start, budget, range(len(self._rows)), [], [0.5] * len(self._start))
        return self._best

    @property
    def best(self) -> tuple[int, list[int]]:
        """The best found so far."""
        return self._best

    def aim_at(self, total: int) -> None:
        """Set the total that `complete` has to reach."""
        self._goal = total

    def complete(self, wanted: Amounts, budget: int, chosen: Sequence[int]) -> list[int] | None:
        """See `Search`: candidates with which the total reaches the goal."""
        already = sum(self._start) - sum(wanted)
        if already >= self._goal or not budget:
            return [] if already >= self._goal else None
        self._best = (self._goal - 1, [])
        allowed = [n for n in range(len(self._rows)) if n not in chosen]
        self._search(wanted, budget, allowed, [], [0.5] * len(wanted))
        total, found = self._best
        return found if total >= self._goal else None

    def _search(
        self, wanted: Amounts, budget: int, allowed: Sequence[int], chosen: list[int], shares: list[float]
    ) -> None:
        gives = self._gives(wanted, allowed)
        if not gives or not budget:
            return
        value = sum(self._start) - sum(wanted)
        if budget == 1:
            best = max(gives, key=lambda n: (sum(gives[n]), -n))
            self._keep(value + sum(gives[best]), [*chosen, best])
            return
        mine = list(shares)
        if not self._may_beat(wanted, value, budget, gives, chosen, mine):
            return
        while gives:
            best = max(gives, key=lambda n: (_worth(mine, gives[n]), -n))
            gift = gives.pop(best)
            left = after(wanted, self._rows[best])
            self._keep(value + sum(gift), [*chosen, best])
            self._search(left, budget - 1, list(gives), [*chosen, best], mine)
            for lesser in [n for n, other in gives.items() if all(map(le, other, gift))]:
                del gives[lesser]
            if not gives or not self._may_beat(wanted, value, budget, gives, chosen, list(mine), rounds=1):
                return

    def _may_beat(
        self,
        wanted: Amounts,
        value: int,
        budget: int,
        gives: dict[int, Amounts],
        chosen: list[int],
        shares: list[float],
        rounds: int = ROUNDS,
    ) -> bool:
        """False when nothing better is possible; ``gives`` loses who cannot be part of anything better."""
        pace = 0.5
        for _ in range(rounds):
            self._steps.spend(len(gives) * len(wanted))
            scores = sorted(((_worth(shares, gift), -n) for n, gift in gives.items()), reverse=True)
            top = scores[:budget]
            bound = value + sum(map(mul, shares, wanted)) + sum(score for score, _ in top)
            to_beat = (self._best[0] + 1) * (1 - TOLERANCE)
            if bound < to_beat:
                return False
            least = top[-1][0] - (bound - to_beat)
            while scores[-1][0] < least:
                del gives[-scores.pop()[1]]
            sums = [sum(column) for column in zip(*(gives[-n] for _, n in top), strict=True)]
            self._keep(value + sum(map(min, sums, wanted)), [*chosen, *(-n for _, n in top)])
            for need, (amount, total) in enumerate(zip(wanted, sums, strict=True)):
                if amount:
                    step = pace * max(-1.0, min(1.0, (total - amount) / amount))
                    shares[need] = max(0.0, min(1.0, shares[need] + step))
            pace *= 0.8
        return True

    def _greedy(self, budget: int) -> None:
        wanted, chosen = self._start, []
        for _ in range(budget):
            gives = self._gives(wanted, [n for n in range(len(self._rows)) if n not in chosen])
            if not gives:
                break
            best = max(gives, key=lambda n: (sum(gives[n]), -n))
            chosen.append(best)
            wanted = after(wanted, self._rows[best])
        self._keep(sum(self._start) - sum(wanted), chosen)

    def _gives(self, wanted: Amounts, allowed: Sequence[int]) -> dict[int, Amounts]:
        gives = {}
        for n in allowed:
            gift = tuple(map(min, self._rows[n], wanted))
            if any(gift):
                gives[n] = gift
        return gives

    def _keep(self, total: int, chosen: list[int]) -> None:
        if total > self._best[0]:
            self._best = (total, chosen)


def _worth(shares: Sequence[float], gift: Amounts) -> float:
    return sum(gift) - sum(map(mul, shares, gift))
