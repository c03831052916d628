"""Covers by trying everything: what `fewest_packages` and `most_units` are judged by.

Written from the words of page 30 alone; it shares nothing with the search.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product

Lines = Sequence[tuple[str, int]]
"""(SKU, quantity)"""
Shelves = Mapping[str, Sequence[int]]
"""SKU -> what each candidate holds"""


def fewest(lines: Lines, shelves: Shelves) -> tuple[int, ...]:
    """The smallest set of candidates that covers every unit the candidates have; ties by the sort."""
    everybody = range(len(next(iter(shelves.values()))))
    for size in range(len(everybody) + 1):
        for chosen in combinations(everybody, size):  # in the order of the sort
            if all(covers(wanted, shelves[sku], chosen) for sku, wanted in by_sku(lines).items()):
                return chosen
    raise AssertionError


def most(lines: Lines, shelves: Shelves, limit: int) -> int:
    """The most units that so many candidates can give, when lines may be cut anywhere."""
    everybody = range(len(next(iter(shelves.values()))))
    return max(
        sum(min(sum(wanted), sum(shelves[sku][n] for n in chosen)) for sku, wanted in by_sku(lines).items())
        for chosen in combinations(everybody, min(limit, len(everybody)))
    )


def by_sku(lines: Lines) -> dict[str, list[int]]:
    grouped: dict[str, list[int]] = {}
    for sku, quantity in lines:
        grouped.setdefault(sku, []).append(quantity)
    return grouped


def covers(wanted: Sequence[int], shelf: Sequence[int], chosen: Sequence[int]) -> bool:
    """Every unit of the SKU that can be had is given; no line is cut that can stay whole.

    A line that no candidate holds may be cut. Several lines stay whole if the candidates together can give
    them all so; else their units count one by one.
    """
    held = [shelf[n] for n in chosen]
    if len(wanted) == 1:
        (quantity,) = wanted
        if max(shelf) >= quantity:
            return any(one >= quantity for one in held)
        return sum(held) >= min(quantity, sum(shelf))
    if fits_whole(wanted, shelf):
        return fits_whole(wanted, held)
    return sum(held) >= min(sum(wanted), sum(shelf))


def fits_whole(wanted: Sequence[int], held: Sequence[int]) -> bool:
    """Each line goes whole to one of the candidates."""
    return any(True for _ in ways(wanted, held))


def ways(wanted: Sequence[int], held: Sequence[int]) -> Iterator[tuple[int, ...]]:
    useful = [n for n, one in enumerate(held) if one >= min(wanted)]
    for way in product(useful, repeat=len(wanted)):
        room = list(held)
        for quantity, place in zip(wanted, way, strict=True):
            room[place] -= quantity
        if min(room) >= 0:
            yield way
