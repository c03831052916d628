"""What one piece of work changed, gathered so that each subject is told of once."""

from __future__ import annotations

from dataclasses import dataclass, field

ORDER_CREATED, ORDER_UPDATED = "order.created", "order.updated"
PLAN_CREATED, PLAN_UPDATED = "cancellation_plan.created", "cancellation_plan.updated"
STORE_CREATED, STORE_UPDATED = "retail_store.created", "retail_store.updated"
EVENT_TYPES = (ORDER_CREATED, ORDER_UPDATED, PLAN_CREATED, PLAN_UPDATED, STORE_CREATED, STORE_UPDATED)
"""Every event a hook can ask for."""


@dataclass
class Changes:
    """Subjects by kind, in the order they were first touched; true means the subject is new."""

    _touched: dict[tuple[str, int], bool] = field(default_factory=dict)

    def order(self, order_id: int, *, created: bool = False) -> None:
        """An order, or an item of it, was written."""
        self._note("order", order_id, created)

    def plan(self, plan_id: int, *, created: bool = False) -> None:
        """A cancellation plan was written."""
        self._note("cancellation_plan", plan_id, created)

    def store(self, store_id: int, *, created: bool = False) -> None:
        """A retail store was written."""
        self._note("retail_store", store_id, created)

    def events(self) -> list[tuple[str, str, int]]:
        """`(event type, table, row id)` of everything touched."""
        return [
            (f"{table}.{'created' if created else 'updated'}", table, row_id)
            for (table, row_id), created in self._touched.items()
        ]

    def _note(self, table: str, row_id: int, created: bool) -> None:
        self._touched[(table, row_id)] = created or self._touched.get((table, row_id), False)
