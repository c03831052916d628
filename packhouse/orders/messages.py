"""What orders ask of the outside."""

from dataclasses import dataclass
from typing import ClassVar

from packhouse.kernel.outbox import Message


@dataclass(frozen=True)
class SyncOrderStatus(Message):
    """Tell the back office the waiting status reports of this order."""

    task: ClassVar[str] = "omnitron.sync_order_status"
    queue: ClassVar[str] = "omnitron"
    order_id: int

    def lock(self) -> str:
        return f"omnitron-order-{self.order_id}"


@dataclass(frozen=True)
class ReschedulePackage(Message):
    """Run ReschedulePackageCommand on it at once: it was refused, or stock of a SKU rose that it lacks."""

    task: ClassVar[str] = "packages.reschedule"
    queue: ClassVar[str] = "planning"
    package_id: int

    def lock(self) -> str:
        return f"reschedule-{self.package_id}"


@dataclass(frozen=True)
class PlanOrder(Message):
    """Plan what of the order is approved and stands in no package.

    `previous_package_id`: the package whose items are planned again.
    """

    task: ClassVar[str] = "planning.plan_order"
    queue: ClassVar[str] = "planning"
    order_id: int
    previous_package_id: int | None = None

    def lock(self) -> str:
        return f"plan-order-{self.order_id}"
