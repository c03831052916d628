"""The carriers that commands ask before the lock."""

from collections.abc import Sequence

import pytest

from packhouse.kernel.errors import CarrierRefused
from packhouse.shipments import ports
from packhouse.shipments.ports import GivenLabel


class FakeCarriers:
    """Deletes whatever it is asked to; gives one label, or refuses with `refusal`."""

    def __init__(self) -> None:
        self.refusal: str | None = None
        self.deleted: list[int] = []

    def delete(self, shipment_id: int) -> None:
        if self.refusal:
            raise CarrierRefused(self.refusal)
        self.deleted.append(shipment_id)

    def labels(self, shipment_id: int) -> Sequence[GivenLabel]:
        if self.refusal:
            raise CarrierRefused(self.refusal)
        return [GivenLabel("pdf", b"%PDF-1.4 label of " + str(shipment_id).encode())]


@pytest.fixture(autouse=True)
def carriers(monkeypatch: pytest.MonkeyPatch) -> FakeCarriers:
    # By the test's own monkeypatch: two of them would undo each other in the wrong order.
    fake = FakeCarriers()
    monkeypatch.setattr(ports, "carrier", lambda: fake)
    return fake
