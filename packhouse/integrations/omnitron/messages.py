"""The connector's own requests to workers."""

from dataclasses import dataclass
from typing import ClassVar

from packhouse.kernel.outbox import Message

QUEUE = "omnitron"
SENT_LOCK = "omnitron-sent-"


def order_lock(order_pk: int) -> str:
    """Everything about one order of the back office runs one after the other."""
    return f"omnitron-order-pk-{order_pk}"


@dataclass(frozen=True)
class ReadOrder(Message):
    """Read one order of the back office and copy it. Cheap when another read has answered it."""

    task: ClassVar[str] = "omnitron.read_order"
    queue: ClassVar[str] = QUEUE
    order_pk: int

    def lock(self) -> str:
        return order_lock(self.order_pk)


@dataclass(frozen=True)
class FindOrder(Message):
    """Find out which order a webhook means that names it by number alone, and read it."""

    task: ClassVar[str] = "omnitron.find_order"
    queue: ClassVar[str] = QUEUE
    number: str


@dataclass(frozen=True)
class ReadStore(Message):
    """Read one retail store and bring its stock location up to date."""

    task: ClassVar[str] = "omnitron.read_store"
    queue: ClassVar[str] = QUEUE
    store_pk: int

    def lock(self) -> str:
        return f"omnitron-store-{self.store_pk}"


@dataclass(frozen=True)
class HandlePlan(Message):
    """Take up a cancellation plan. `plan_type` and `items` are what a webhook said, where the plan cannot be read."""

    task: ClassVar[str] = "omnitron.handle_plan"
    queue: ClassVar[str] = QUEUE
    order_pk: int
    plan_pk: int | None
    plan_type: str | None = None
    items: tuple[int, ...] = ()

    def lock(self) -> str:
        return order_lock(self.order_pk)


@dataclass(frozen=True)
class MarkSent(Message):
    """Set `is_send` of an order there."""

    task: ClassVar[str] = "omnitron.mark_sent"
    queue: ClassVar[str] = QUEUE
    order_pk: int

    def lock(self) -> str:
        return f"{SENT_LOCK}{self.order_pk}"


@dataclass(frozen=True)
class ReleaseStock(Message):
    """Let the back office drop its reservations of an order's items."""

    task: ClassVar[str] = "omnitron.release_stock"
    queue: ClassVar[str] = QUEUE
    order_id: int

    def lock(self) -> str:
        return f"omnitron-stock-{self.order_id}"


@dataclass(frozen=True)
class RunSetupStep(Message):
    """Run one step of the setup in the background."""

    task: ClassVar[str] = "omnitron.run_setup_step"
    queue: ClassVar[str] = "setup"
    step: str

    def lock(self) -> str:
        return "omnitron-setup"
