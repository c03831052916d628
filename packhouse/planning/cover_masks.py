"""Fewest candidates where each gives a need whole or not at all: exact, by sets of needs as bits."""

from __future__ import annotations

from collections.abc import Sequence

from packhouse.planning.cover_steps import Amounts, Steps

WIDEST = 200
"""Candidates are compared with so many of the widest sets, to leave out those contained in one."""


class MaskSearch:
    """Dynamic programme over the sets of open needs: n needs have 2**n of them, each decided once per budget.

    Candidates whose set is contained in another's are left out; those for the rarest need are tried.
    """

    def __init__(self, rows: Sequence[Amounts], steps: Steps) -> None:
        self._steps = steps
        self._first: dict[int, int] = {}
        for row, candidate in {row: n for n, row in reversed(list(enumerate(rows)))}.items():
            self._first[_mask(row)] = candidate
        masks = sorted(self._first, key=lambda mask: (-mask.bit_count(), self._first[mask]))
        tried: list[int] = []
        for mask in masks:
            if not any(mask | other == other for other in tried[:WIDEST]):
                tried.append(mask)
        self._most = masks[0].bit_count()
        self._holders = [[mask for mask in tried if mask >> bit & 1] for bit in range(len(rows[0]))]
        self._rarest_first = sorted(range(len(rows[0])), key=lambda bit: len(self._holders[bit]))
        self._failed: dict[int, int] = {}

    def complete(self, wanted: Amounts, budget: int, _: Sequence[int]) -> list[int] | None:
        """See `Search`; one already chosen gives nothing more to what is wanted, so it never comes again."""
        found = self._cover(_mask(wanted), budget)
        return None if found is None else [self._first[mask] for mask in found]

    def _cover(self, wanted: int, budget: int) -> list[int] | None:
        if not wanted:
            return []
        if budget <= self._failed.get(wanted, 0) or budget * self._most < wanted.bit_count():
            return None
        holders = self._holders[next(bit for bit in self._rarest_first if wanted >> bit & 1)]
        self._steps.spend(len(holders))
        for mask in holders:
            rest = self._cover(wanted & ~mask, budget - 1)
            if rest is not None:
                return [mask, *rest]
        self._failed[wanted] = budget
        return None


def _mask(row: Amounts) -> int:
    mask = 0
    for need, amount in enumerate(row):
        if amount:
            mask |= 1 << need
    return mask
