"""Remembers how the sandbox was seeded, to do it again."""

from __future__ import annotations

from sandbox.omnitron.box import Box
from sandbox.omnitron.seeding.plan import SeedPlan
from sandbox.omnitron.seeding.seed import seed
from sandbox.omnitron.shop import Shop


class SeedKeeper:
    """The plan in force, and the shop that goes on from where it ended."""

    def __init__(self, box: Box, plan: SeedPlan) -> None:
        self._box = box
        self.plan = plan
        self.shop = Shop(box, plan)

    def again(self, plan: SeedPlan | None = None) -> None:
        """Empty the sandbox, keys and hooks included, and seed it, by `plan` or as before."""
        self.plan = plan or self.plan
        self._box.sender.forget()
        self._box.unknown_filters.clear()
        with self._box.store.transaction():
            self._box.store.clear()
            seed(self._box.store, self.plan)
        self.shop = Shop(self._box, self.plan)
