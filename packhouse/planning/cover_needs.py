"""What has to be covered: per SKU an amount, and what each candidate gives towards it.

A line is cut by quantity only where no candidate holds all of it. So a line that somebody holds whole
counts as given or not given; only a line that nobody holds may be added up from several places. Amounts
are integers (thousandths of the unit), candidates are positions in the order of the rule's sort.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import gcd

from packhouse.planning.snapshot import Line

Wanted = tuple[Line, Decimal]
"""A line and what is still to be placed of it."""

Shelves = Mapping[str, Sequence[Decimal]]
"""What each candidate can give of a SKU, candidates in sort order; never negative."""

SCALE = 1000
PACKING_STEPS = 5000
PACKING_LINES = 50
MAX_SUMS = 100_000


@dataclass(frozen=True, slots=True)
class Need:
    """One SKU: `amount` > 0 to cover and what each candidate `gives` towards it, at most that amount.

    `sizes`: several lines of different quantities that must be packed whole, into `capacities`.
    """

    sku: str
    wanted: tuple[Wanted, ...]
    amount: int
    gives: Sequence[int]
    may_cut: bool
    sizes: tuple[int, ...] = ()
    capacities: Sequence[int] = ()


class Problem:
    """The needs of some lines by SKU, in the order of the lines, and what each candidate gives to all of them.

    `start`: the amounts wanted; `rows[candidate]`: what it gives. A SKU that nobody has is no need. With
    ``cut_anywhere`` lines may be cut also where some candidate holds them whole.
    """

    def __init__(self, wanted: Sequence[Wanted], shelves: Shelves, *, cut_anywhere: bool = False) -> None:
        by_sku: dict[str, list[Wanted]] = {}
        for want in wanted:
            by_sku.setdefault(want[0].sku, []).append(want)
        self.shelves = shelves
        self.needs = [
            _need(sku, tuple(wants), shelves[sku], cut_anywhere)
            for sku, wants in by_sku.items()
            if any(shelves[sku])
        ]
        self.needs = [need for need in self.needs if need.amount]
        self.start = tuple([need.amount for need in self.needs])
        self.rows = list(zip(*(need.gives for need in self.needs), strict=True))

    @property
    def is_packing(self) -> bool:
        """True when lines of different quantities must be packed whole."""
        return any(need.sizes for need in self.needs)

    @property
    def is_all_or_nothing(self) -> bool:
        """True when every candidate gives each need whole or not at all."""
        return all(set(need.gives) <= {0, need.amount} for need in self.needs)


def scaled(quantity: Decimal) -> int:
    """A quantity as an integer number of thousandths."""
    return int(quantity * SCALE)


def pack(sizes: Sequence[int], capacities: Sequence[int]) -> list[int] | None:
    """Put every size whole into a capacity: the position for each size, early ones preferred.

    None when there is no way, or none was found within `PACKING_STEPS` for at most `PACKING_LINES` sizes.
    """
    order = sorted(range(len(sizes)), key=lambda n: -sizes[n])
    room, places, steps = list(capacities), [0] * len(sizes), 0

    def place(n: int) -> bool:
        nonlocal steps
        if n == len(order):
            return True
        size, tried = sizes[order[n]], set()
        for position, free in enumerate(room):
            steps += 1
            if free < size or free in tried or steps > PACKING_STEPS:
                continue
            tried.add(free)
            room[position], places[order[n]] = free - size, position
            if place(n + 1):
                return True
            room[position] = free
        return False

    return places if len(sizes) <= PACKING_LINES and place(0) else None


def _need(sku: str, wants: tuple[Wanted, ...], shelf: Sequence[Decimal], cut_anywhere: bool) -> Need:
    if len(wants) == 1 and not cut_anywhere:
        quantity = wants[0][1]
        if max(shelf) >= quantity:
            amount = scaled(quantity)
            return Need(sku, wants, amount, [amount if held >= quantity else 0 for held in shelf], False)
    unit = SCALE if wants[0][0].is_counted else 1
    capacities = [scaled(held) // unit * unit for held in shelf]
    sizes = tuple([scaled(quantity) for _, quantity in wants])
    if len(sizes) > 1 and not cut_anywhere:
        whole = _whole_lines(sku, wants, sizes, capacities)
        if whole is not None:
            return whole
    amount = min(sum(sizes), sum(capacities))
    return Need(sku, wants, amount, [min(held, amount) for held in capacities], True)


def _whole_lines(
    sku: str, wants: tuple[Wanted, ...], sizes: tuple[int, ...], capacities: list[int]
) -> Need | None:
    """Several lines of one SKU that the candidates together can give without cutting any; else None."""
    total, size = sum(sizes), sizes[0]
    if len(set(sizes)) == 1:
        usable = [min(held // size * size, total) for held in capacities]
        return Need(sku, wants, total, usable, False) if sum(usable) >= total else None
    if pack(sizes, sorted(capacities, reverse=True)[: len(sizes)]) is None:
        return None
    sums = _Sums(sizes)
    usable = [min(sums.best(held), total) for held in capacities]
    return Need(sku, wants, total, usable, False, sizes, capacities)


class _Sums:
    """Which totals some of the sizes can make, as the bits of one integer."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.unit = gcd(*sizes)
        self.bits = 1
        if sum(sizes) // self.unit <= MAX_SUMS:
            for size in sizes:
                self.bits |= self.bits << size // self.unit
        else:
            self.bits = 0

    def best(self, capacity: int) -> int:
        """The largest total that fits."""
        if not self.bits:
            return capacity
        below = self.bits & ((1 << capacity // self.unit + 1) - 1)
        return (below.bit_length() - 1) * self.unit
