"""What copying an order asks for afterwards."""

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
