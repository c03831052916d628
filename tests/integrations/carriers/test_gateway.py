"""Deleting at the carrier before a cancel: it refuses, or is silent, and nothing is cancelled."""

from typing import Any

import pytest
from django.db import connection

from packhouse.integrations.carriers import http
from packhouse.kernel import engine
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.errors import CarrierRefused
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.shipments.models import Shipment
from tests.fingerprint import fingerprint
from tests.integrations.carriers.conftest import Carrier
from tests.integrations.carriers.world import a_carrier, a_packed_package, a_waiting_shipment, registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipment(carrier: Carrier) -> Shipment:
    return registered(a_waiting_shipment(a_carrier(carrier.url), package=a_packed_package()))


def cancel(shipment: Shipment, **parameters: Any) -> str:
    call = Call(int(shipment.package_id or 0), slug="CancelPackageCommand", input_parameters=parameters)
    engine.execute("package", call, SYSTEM)
    return Package.objects.get(pk=shipment.package_id).state


def own_tables() -> dict[str, str]:
    """Everything but the log of calls."""
    return {table: rows for table, rows in fingerprint().items() if not table.startswith("integrations_")}


def test_a_cancelled_package_is_deleted_at_its_carrier(carrier: Carrier, shipment: Shipment) -> None:
    assert cancel(shipment) == PackageStatus.CANCELLED

    assert carrier.sandbox.book.shipments[shipment.number].deleted
    shipment.refresh_from_db()
    assert (shipment.registration, shipment.is_current) == ("deleted", False)


def test_what_the_carrier_does_not_know_counts_as_deleted(carrier: Carrier, shipment: Shipment) -> None:
    carrier.sandbox.book.shipments.clear()

    assert cancel(shipment) == PackageStatus.CANCELLED


def test_what_was_picked_up_is_not_cancelled(carrier: Carrier, shipment: Shipment) -> None:
    carrier.sandbox.book.put(carrier.sandbox.book.shipments[shipment.number], "SHIPPING", None, None)
    before = own_tables()

    with pytest.raises(CarrierRefused, match="SHIPPING; it cannot be changed any more"):
        cancel(shipment)

    assert own_tables() == before


def test_a_silent_carrier_holds_the_cancel_up_unless_forced(carrier: Carrier, shipment: Shipment) -> None:
    carrier.sandbox.control.set_faults({"drop_connection": 1.0})

    with pytest.raises(CarrierRefused, match="does not answer"):
        cancel(shipment)

    assert cancel(shipment, force=True, reason="they are closed") == PackageStatus.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_a_carrier_is_asked(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    send = http.send

    def watched(*arguments: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return send(*arguments)

    monkeypatch.setattr(http, "send", watched)
    shipment = registered(a_waiting_shipment(a_carrier(carrier.url), package=a_packed_package()))
    cancel(shipment)

    assert seen == [False, False]
