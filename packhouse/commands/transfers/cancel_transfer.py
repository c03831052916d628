"""CancelTransferCommand (page 20): the system alone runs it."""

from collections import defaultdict
from decimal import Decimal

from packhouse.commands.transfers.of_package import free_if_complete
from packhouse.commands.transfers.other_sources import leave_as_out_of_stock
from packhouse.commands.transfers.shipping import close_shipment
from packhouse.inventory.travelling import release_transfer
from packhouse.kernel.accounts import Actor
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.params import NoParams
from packhouse.orders.messages import ReschedulePackage
from packhouse.packages.states import PackageStatus
from packhouse.shipments import ports
from packhouse.shipments.messages import RegisterShipment
from packhouse.shipments.models import Shipment
from packhouse.shipments.states import Registration
from packhouse.transfers.models import TransferItem, TransferOrder
from packhouse.transfers.states import TransferStatus as State

SOURCES = (State.WAITING, State.READY_TO_SHIPMENT)


def delete_at_carrier(transfer_id: int, params: NoParams, actor: Actor) -> None:  # noqa: ARG001
    """Before the lock: a registered shipment is deleted at the carrier. Raises CarrierRefused."""
    shipment = Shipment.objects.filter(
        transfer_order_id=transfer_id,
        is_current=True,
        is_integrated=True,
        registration=Registration.REGISTERED,
    ).first()
    if shipment is not None:
        ports.carrier().delete(shipment.pk)


@command(
    name="CancelTransferCommand",
    on="transfer",
    title={"en": "Cancel transfer", "tr": "Transferi iptal et"},
    moves=[(source, State.CANCELLED) for source in SOURCES],
    prepare=delete_at_carrier,
    sends=[RegisterShipment, ReschedulePackage],
    events=["shipment.cancelled", "package.created", "package.updated"],
    system_only=True,
)
def cancel_transfer(transfer: TransferOrder, params: NoParams, run: Run) -> None:  # noqa: ARG001
    """Reservations at the source are deleted, a registered shipment is deleted at the carrier. What a package that
    still waits was to get leaves it as OUT_OF_STOCK, to be planned again."""
    release_transfer(transfer.pk)
    close_shipment(transfer, run)
    if transfer.package.state not in (
        PackageStatus.WAITING_FOR_TRANSFER,
        PackageStatus.CANCELLATION_WAITING,
    ):
        return
    lacking: dict[int, Decimal] = defaultdict(Decimal)
    for item_id, quantity in TransferItem.objects.filter(transfer_order_id=transfer.pk).values_list(
        "package_item_id", "quantity"
    ):
        lacking[item_id] += quantity
    leave_as_out_of_stock(transfer.package_id, lacking, run)
    free_if_complete(transfer.package_id, run, but=transfer.pk)
