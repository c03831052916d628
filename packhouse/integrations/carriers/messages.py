"""What the carriers' jobs ask of each other."""

from dataclasses import dataclass
from typing import ClassVar

from packhouse.kernel.outbox import Message


@dataclass(frozen=True)
class FetchLabel(Message):
    """Ask the carrier for the label of a registered shipment."""

    task: ClassVar[str] = "carriers.fetch_label"
    queue: ClassVar[str] = "carriers"
    shipment_id: int

    def lock(self) -> str:
        return f"label-{self.shipment_id}"


@dataclass(frozen=True)
class TrackShipment(Message):
    """Ask the carrier where a shipment is."""

    task: ClassVar[str] = "carriers.track_shipment"
    queue: ClassVar[str] = "carriers"
    shipment_id: int

    def lock(self) -> str:
        return f"track-{self.shipment_id}"
