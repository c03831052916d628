"""What the searches for covers share: amounts, counted steps, and how ties go by the sort."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

Amounts = tuple[int, ...]
"""One amount per need: what is open, or what a candidate gives."""

TOLERANCE = 1e-9
"""Relative. Bounds are sums of floats; a bound this close to its limit proves nothing."""


class OutOfSteps(Exception):
    """The fixed number of steps is used up; what was proven so far stays proven."""


class Steps:
    """Counts amounts looked at, not seconds, so that a bounded search ends at the same place everywhere."""

    def __init__(self, limit: int) -> None:
        self._left = limit

    def renew(self, limit: int) -> None:
        """Start again with another limit."""
        self._left = limit

    def spend(self, count: int) -> None:
        """Raises `OutOfSteps` beyond the limit."""
        self._left -= count
        if self._left < 0:
            raise OutOfSteps


class Search(Protocol):
    """Candidates are positions in the order of the sort."""

    def complete(self, wanted: Amounts, budget: int, chosen: Sequence[int]) -> list[int] | None:
        """At most ``budget`` more candidates than those ``chosen`` that settle what is still ``wanted``.

        None when there are none. Raises `OutOfSteps`.
        """


def after(wanted: Amounts, row: Amounts) -> Amounts:
    """What is still wanted when a candidate has given its row."""
    return tuple([amount - given if given < amount else 0 for amount, given in zip(wanted, row, strict=True)])


def first_in_sort(
    search: Search, rows: Sequence[Amounts], start: Amounts, solution: Sequence[int]
) -> list[int]:
    """Of all solutions of this size the one whose best-placed candidates come first in the sort.

    Takes at each place the earliest candidate from which a solution can still be completed. Returns what
    was reached when the steps are used up.
    """
    chosen: list[int] = []
    wanted, rest = start, sorted(solution)
    try:
        while rest:
            refused: set[Amounts] = set()
            for candidate in range(rest[0]):
                row = rows[candidate]
                left = after(wanted, row)
                if candidate in chosen or left == wanted or row in refused:
                    continue
                better = search.complete(left, len(rest) - 1, [*chosen, candidate])
                if better is not None:
                    rest = sorted([candidate, *better])
                    break
                refused.add(row)
            wanted = after(wanted, rows[rest[0]])
            chosen.append(rest.pop(0))
    except OutOfSteps:
        pass
    return sorted([*chosen, *rest])
