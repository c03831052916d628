"""What copying, importing and cancelling orders asks for afterwards."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from packhouse.kernel.outbox import Message


@dataclass(frozen=True)
class FollowUpOrder(Message):
    """Cancel what was withdrawn, and plan again what is not packed, where `changes` ask for it.

    `changes` is `OrderChanges.document()`: the reason why a package was rescheduled.
    """

    task: ClassVar[str] = "orders.follow_up"
    queue: ClassVar[str] = "orders"
    order_id: int
    changes: dict[str, Any] = field(default_factory=dict)

    def lock(self) -> str:
        return f"follow-up-order-{self.order_id}"


@dataclass(frozen=True)
class AnswerCancellationPlan(Message):
    """Tell the back office what was decided about a cancellation plan of its order `order_pk`."""

    task: ClassVar[str] = "omnitron.answer_plan"
    queue: ClassVar[str] = "omnitron"
    plan_id: int
    order_pk: int

    def lock(self) -> str:
        return f"omnitron-order-pk-{self.order_pk}"


@dataclass(frozen=True)
class RunOrderImport(Message):
    """Work off a large import of orders."""

    task: ClassVar[str] = "orders.import"
    queue: ClassVar[str] = "orders"
    import_id: int

    def lock(self) -> str:
        return f"order-import-{self.import_id}"
