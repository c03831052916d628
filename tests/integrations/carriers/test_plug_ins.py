"""Adaptors that are installed beside ours."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from packhouse.integrations.carriers import adaptors
from packhouse.integrations.carriers.account import Account
from packhouse.integrations.carriers.contract import CarrierAdaptor, Registered, ShipmentRequest
from packhouse.integrations.http import Patience
from tests.integrations.carriers.world import a_carrier, a_waiting_shipment, registered

pytestmark = pytest.mark.django_db


class Pigeon(CarrierAdaptor):
    """The example of docs/carriers.md."""

    def __init__(self, account: Account, patience: Patience) -> None:
        self._loft = (account.configuration.model_extra or {})["loft"]

    def generate_shipment(self, request: ShipmentRequest) -> Registered:
        return Registered(
            shipment_id=request.shipment_id, tracking_number=f"{self._loft}-{request.shipment_id}"
        )


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    entry = EntryPoint("pigeon", f"{__name__}:Pigeon", adaptors.GROUP)
    monkeypatch.setattr(EntryPoint, "load", lambda self: Pigeon)

    def found(*, group: str, name: str | None = None) -> list[EntryPoint]:
        return [entry] if name in (None, entry.name) else []

    monkeypatch.setattr(adaptors, "entry_points", found)
    adaptors._class_named.cache_clear()
    yield
    adaptors._class_named.cache_clear()


def test_a_plug_in_registers_shipments() -> None:
    company = a_carrier("http://nowhere.example", adaptor="pigeon", loft="north")

    shipment = registered(a_waiting_shipment(company))

    assert (shipment.registration, shipment.tracking_number) == ("registered", f"north-{shipment.number}")


def test_a_fault_of_a_plug_in_ends_on_the_shipment() -> None:
    shipment = registered(a_waiting_shipment(a_carrier("http://nowhere.example", adaptor="pigeon")))

    assert (shipment.registration, shipment.error) == ("failed", "KeyError: 'loft'")
