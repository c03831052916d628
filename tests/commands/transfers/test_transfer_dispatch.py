"""TransferDispatchCommand (page 20)."""

import pytest

from packhouse.inventory.models import Movement, Reservation
from packhouse.kernel.errors import (
    UnknownParameter,
    WrongState,
)
from packhouse.shipments.models import Shipment
from packhouse.transfers.states import TransferStatus as T
from tests.builders import (
    a_shipment,
    a_transfer,
)
from tests.commands.running import an_actor, refuse, run
from tests.commands.transfers.travelling import a_waiting_package, sku_of, stock

pytestmark = pytest.mark.django_db
DISPATCH = "TransferDispatchCommand"


@pytest.mark.parametrize("state", [T.WAITING, T.READY_TO_SHIPMENT])
def test_at_dispatch_the_units_leave_the_source(state: T) -> None:
    transfer = a_transfer(package=a_waiting_package(quantity=2), state=state)

    run(transfer, DISPATCH)

    assert transfer.state == T.IN_TRANSIT
    assert stock(transfer.source, sku_of(transfer)) == (98, 0)
    assert not Reservation.objects.exists()
    assert list(Movement.objects.values_list("kind", "delta")) == [("dispatched", -2)]


@pytest.mark.parametrize(("integrated", "polled"), [(True, True), (False, False)])
def test_tracking_starts_at_dispatch_unless_by_courier(integrated: bool, polled: bool) -> None:
    transfer = a_transfer()
    a_shipment(transfer_order=transfer, is_integrated=integrated, registration="registered")

    run(transfer, DISPATCH)

    shipment = Shipment.objects.get()
    assert (shipment.next_poll_date is not None) is polled
    assert shipment.shipping_date is not None


def test_refusals_change_nothing() -> None:
    refuse(a_transfer(), DISPATCH, UnknownParameter, "input_parameters.colour", colour="red")
    for state in (T.IN_TRANSIT, T.TRANSFERRED, T.OUT_OF_STOCK, T.CANCELLED):
        refuse(a_transfer(state=state), DISPATCH, WrongState, "transition", actor=an_actor())
