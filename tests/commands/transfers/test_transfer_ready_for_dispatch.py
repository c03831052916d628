"""TransferReadyForDispatchCommand (page 20)."""

import pytest

from packhouse.kernel.errors import (
    UnknownParameter,
    WrongState,
)
from packhouse.shipments.models import Shipment
from packhouse.transfers.states import TransferStatus as T
from tests.builders import (
    a_cargo_company,
    a_location,
    a_transfer,
)
from tests.commands.running import an_actor, events_of, refuse, run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
READY = "TransferReadyForDispatchCommand"


def test_a_shipment_to_the_destination_is_opened_and_registered() -> None:
    carrier = a_cargo_company(configuration={"adaptor": "sandbox"})
    source = a_location(conf={"cargo_company": carrier.erp_code})
    transfer = a_transfer(source=source)

    run(transfer, READY)

    shipment = Shipment.objects.get(transfer_order=transfer)
    assert (shipment.cargo_company, shipment.registration, shipment.is_integrated) == (
        carrier,
        "pending",
        True,
    )
    assert waiting_jobs("carriers.register_shipment") == [{"shipment_id": shipment.pk}]
    assert transfer.state == T.READY_TO_SHIPMENT
    assert events_of(transfer) == [
        "transfer.status.transitioned",
        "transfer.status.ready_to_shipment",
        "shipment.created",
    ]


def test_refusals_change_nothing() -> None:
    refuse(a_transfer(), READY, UnknownParameter, "input_parameters.colour", colour="red")
    for state in (T.READY_TO_SHIPMENT, T.IN_TRANSIT, T.TRANSFERRED, T.OUT_OF_STOCK, T.CANCELLED):
        refuse(a_transfer(state=state), READY, WrongState, "transition", actor=an_actor())
