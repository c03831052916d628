"""What shipments ask of carriers; each becomes a job in the transaction that asks."""

from dataclasses import dataclass
from typing import ClassVar

from packhouse.kernel.outbox import Message


@dataclass(frozen=True)
class RegisterShipment(Message):
    """Register the shipment with its carrier, keep numbers and label."""

    task: ClassVar[str] = "carriers.register_shipment"
    queue: ClassVar[str] = "carriers"
    shipment_id: int

    def lock(self) -> str:
        return f"shipment-{self.shipment_id}"


@dataclass(frozen=True)
class RenewLabels(Message):
    """The shipment's data has changed: make its labels anew."""

    task: ClassVar[str] = "carriers.renew_labels"
    queue: ClassVar[str] = "carriers"
    shipment_id: int

    def lock(self) -> str:
        return f"label-{self.shipment_id}"
