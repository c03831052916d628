"""How much is seeded, from which number, and up to which day."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import Literal, get_args

from sandbox.omnitron import clock
from sandbox.omnitron.dice import dice

Size = Literal["small", "medium", "large"]
SIZES: tuple[Size, ...] = get_args(Size)


@dataclass(frozen=True)
class Counts:
    """Rows of the collections whose number depends on the size."""

    stores: int
    products: int
    customers: int
    orders: int


COUNTS: dict[Size, Counts] = {
    "small": Counts(stores=12, products=300, customers=120, orders=200),
    "medium": Counts(stores=40, products=2_000, customers=2_000, orders=5_000),
    "large": Counts(stores=250, products=20_000, customers=40_000, orders=100_000),
}


@dataclass(frozen=True)
class SeedPlan:
    """The same plan gives the same bytes. `day` is the first day that has no orders yet, by default today;
    `orders` overrides the number that goes with the size."""

    seed: int = 7
    size: Size = "small"
    day: date | None = None
    orders: int | None = None

    @cached_property
    def anchor(self) -> datetime:
        """The moment up to which things have happened."""
        return datetime.combine(self.day or clock.now().date(), time(), UTC)

    @property
    def counts(self) -> Counts:
        """How many rows of what."""
        counts = COUNTS[self.size]
        if self.orders is None:
            return counts
        return Counts(counts.stores, counts.products, counts.customers, self.orders)

    def chance(self, part: str) -> random.Random:
        """The dice of one part of the seeding; parts do not disturb one another."""
        return dice(f"{self.seed}:{part}")
