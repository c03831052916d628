"""TransferDispatchCommand (page 20)."""

from packhouse.commands.invoicing.despatch import transfer_has_note
from packhouse.commands.shipments.by_hand import current_shipment
from packhouse.inventory.travelling import dispatch
from packhouse.kernel import clock
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.params import NoParams
from packhouse.shipments.states import Registration
from packhouse.transfers.models import TransferOrder
from packhouse.transfers.states import TransferStatus as State


@command(
    name="TransferDispatchCommand",
    on="transfer",
    title={"en": "Dispatch", "tr": "Sevk et"},
    moves=[(State.WAITING, State.IN_TRANSIT), (State.READY_TO_SHIPMENT, State.IN_TRANSIT)],
    requires=[transfer_has_note],
)
def transfer_dispatch(transfer: TransferOrder, params: NoParams, run: Run) -> None:  # noqa: ARG001
    """Stock leaves the source; tracking starts unless a courier of our own brings it. Where `DESPATCH_REQUIRED` wants
    a despatch note and there is none: 400 `despatch_missing`."""
    dispatch(transfer.pk)
    shipment = current_shipment(transfer_order_id=transfer.pk)
    if shipment is None:
        return
    shipment.shipping_date = shipment.shipping_date or clock.now()
    if shipment.is_integrated and shipment.registration == Registration.REGISTERED:
        shipment.next_poll_date = shipment.next_poll_date or clock.now()
    shipment.save(update_fields=["shipping_date", "next_poll_date"])
