"""TransferOrderAdvancedCommand (page 20)."""

import pytest

from packhouse.kernel.errors import (
    InvalidParameter,
    MissingParameter,
    WrongState,
)
from packhouse.shipments.models import Shipment
from packhouse.transfers.states import TransferStatus as T
from tests.builders import (
    a_cargo_company,
    a_transfer,
)
from tests.commands.running import an_actor, refuse, run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
ADVANCED = "TransferOrderAdvancedCommand"


def test_carrier_and_number_are_recorded_and_no_carrier_is_called() -> None:
    transfer, carrier = a_transfer(), a_cargo_company()

    run(transfer, ADVANCED, cargo_company=carrier.erp_code, tracking_number="T8")

    assert (transfer.cargo_company, transfer.tracking_number, transfer.state) == (
        carrier,
        "T8",
        T.READY_TO_SHIPMENT,
    )
    shipment = Shipment.objects.get(transfer_order=transfer)
    assert (shipment.tracking_number, shipment.registration) == ("T8", "registered")
    assert waiting_jobs("carriers.register_shipment") == []


def test_refusals_change_nothing() -> None:
    transfer, carrier, old = a_transfer(), a_cargo_company(), a_cargo_company(is_active=False)
    company, number = "input_parameters.cargo_company", "input_parameters.tracking_number"

    refuse(transfer, ADVANCED, MissingParameter, company, tracking_number="T")
    refuse(transfer, ADVANCED, MissingParameter, number, cargo_company=carrier.pk)
    refuse(transfer, ADVANCED, InvalidParameter, number, cargo_company=carrier.pk, tracking_number="")
    for unknown in ("nobody", 987654, old.pk):
        refuse(transfer, ADVANCED, InvalidParameter, company, cargo_company=unknown, tracking_number="T")
    refuse(
        a_transfer(state=T.IN_TRANSIT),
        ADVANCED,
        WrongState,
        "transition",
        actor=an_actor(),
        cargo_company=carrier.pk,
        tracking_number="T",
    )
