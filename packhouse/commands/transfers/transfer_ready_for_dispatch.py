"""TransferReadyForDispatchCommand (page 20)."""

from packhouse.commands.invoicing.despatch import ask_for_note
from packhouse.commands.transfers.shipping import open_shipment
from packhouse.invoicing.messages import RequestInvoice
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.params import NoParams
from packhouse.shipments.messages import RegisterShipment
from packhouse.transfers.models import TransferOrder
from packhouse.transfers.states import TransferStatus as State


@command(
    name="TransferReadyForDispatchCommand",
    on="transfer",
    title={"en": "Ready for dispatch", "tr": "Sevke hazır"},
    moves=[(State.WAITING, State.READY_TO_SHIPMENT)],
    sends=[RegisterShipment, RequestInvoice],
    events=["shipment.created"],
)
def transfer_ready_for_dispatch(transfer: TransferOrder, params: NoParams, run: Run) -> None:  # noqa: ARG001
    """The items are confirmed present at the source; a shipment to the destination is opened and registered as for
    a package; the despatch note is asked for as the transition is configured."""
    open_shipment(transfer, run)
    ask_for_note(transfer, run)
