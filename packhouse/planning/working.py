"""What is left to place and what is still free while one plan is being made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from packhouse.planning.snapshot import Line, Location, Snapshot

ZERO = Decimal(0)

Gift = tuple[Location, tuple[tuple[Line, Decimal], ...]]
"""What one location is given to pack or to send."""


class Working:
    """Starts from a snapshot and is used up by the rules, one after the other.

    `lines` and `left[order item id]`: what is still to be placed; `levels[sku]`: stock as answered, by
    location id; `packages[location id]`: packages of this plan there; `candidates`: locations with stock of
    a SKU of the order, or with a silent stock service, by priority, then id.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.lines = tuple([line for line in snapshot.lines if line.quantity > 0])
        self.left = {line.order_item_id: line.quantity for line in self.lines}
        self.levels = {sku: dict(snapshot.stock.of(sku)) for sku in {line.sku: None for line in self.lines}}
        self.packages: dict[int, int] = {}
        self._available: dict[str, dict[int, Decimal]] = {}
        self._taken: dict[tuple[str, int], Decimal] = {}
        holders = set(snapshot.unknown_stock)
        for levels in self.levels.values():
            holders.update([key for key, level in levels.items() if level.stock > ZERO])
        known, places = snapshot.locations.by_id, snapshot.locations.places
        keys = sorted([key for key in holders if key in known], key=places.__getitem__)
        self.candidates = tuple([known[key] for key in keys])

    def free(self, sku: str, location_id: int) -> Decimal:
        """What may still be promised: stock − reserved − safety − what this plan has taken; never negative."""
        available = self._of(sku).get(location_id, ZERO)
        return available - self._taken.get((sku, location_id), ZERO) if self._taken else available

    def shelf(self, sku: str, location_ids: Sequence[int]) -> list[Decimal]:
        """`free` at several locations."""
        if self._taken:
            return [self.free(sku, location_id) for location_id in location_ids]
        available = self._of(sku)
        return [available.get(location_id, ZERO) for location_id in location_ids]

    def _of(self, sku: str) -> dict[int, Decimal]:
        """What a plan may promise of a SKU, by location id, where it is more than nothing."""
        available = self._available.get(sku)
        if available is None:
            available = self._available[sku] = {
                location_id: free
                for location_id, level in self.levels[sku].items()
                if (free := level.stock - level.reserved - level.safety) > ZERO
            }
            for location_id, what in self.snapshot.exclusions:
                if what is None or what == sku:
                    available.pop(location_id, None)
        return available

    def open_lines(self) -> tuple[Line, ...]:
        """Lines of which something is left, in the order of the snapshot."""
        return tuple([line for line in self.lines if line.order_item_id in self.left])

    def are_left(self, lines: Sequence[Line]) -> bool:
        """True when something of these lines is still to be placed."""
        return any(line.order_item_id in self.left for line in lines)

    def open_packages(self, location: Location) -> int:
        """Open packages there, with those of this very plan."""
        load = self.snapshot.loads.get(location.id)
        known = location.open_packages if load is None else load.open_packages
        return known + self.packages.get(location.id, 0)

    def available_quota(self, location: Location) -> int | None:
        """`max_quota − quota`, the packages of this very plan counted; None where no limit is set."""
        if location.max_quota is None:
            return None
        load = self.snapshot.loads.get(location.id)
        quota = location.quota if load is None else load.quota
        return location.max_quota - quota - self.packages.get(location.id, 0)

    def take(self, gifts: Iterable[Gift]) -> None:
        """Promise what was given: off what is free and off what is left."""
        for location, shares in gifts:
            for line, quantity in shares:
                key = (line.sku, location.id)
                self._taken[key] = self._taken.get(key, ZERO) + quantity
                rest = self.left[line.order_item_id] - quantity
                if rest > 0:
                    self.left[line.order_item_id] = rest
                else:
                    del self.left[line.order_item_id]

    def fork(self) -> Working:
        """A copy to try something on; `adopt` makes it real."""
        copy = object.__new__(Working)
        copy.__dict__.update(self.__dict__)
        copy.left = dict(self.left)
        copy._taken = dict(self._taken)
        return copy

    def adopt(self, copy: Working) -> None:
        """Go on from where a fork has come to."""
        self.left, self._taken = copy.left, copy._taken
