"""Outside services that shipments need before a lock is taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class GivenLabel:
    """A label to keep. `parcel`: its position, 1 for the first one; None: for all."""

    file_format: str
    content: bytes
    parcel: int | None = None


class CarrierGateway(Protocol):
    """Calls that must succeed before a command (page 20); everything else follows the commit."""

    def delete(self, shipment_id: int) -> None:
        """Delete a registered shipment at its carrier; done already counts as done.

        Raises CarrierRefused with the carrier's text when it refuses or is silent.
        """

    def labels(self, shipment_id: int) -> Sequence[GivenLabel]:
        """The shipment's labels, made anew at its carrier (or drawn here, where it prints none).

        Raises CarrierRefused when none comes.
        """


class _Wired:
    gateway: CarrierGateway | None = None


def wire(gateway: CarrierGateway) -> None:
    """config/wiring.py names who talks to carriers."""
    _Wired.gateway = gateway


def carrier() -> CarrierGateway:
    if _Wired.gateway is None:
        raise LookupError("no carrier gateway is wired; see config/wiring.py")
    return _Wired.gateway
