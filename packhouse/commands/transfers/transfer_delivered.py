"""TransferDeliveredCommand (page 20)."""

from packhouse.commands.transfers.of_package import free_if_complete
from packhouse.inventory.travelling import arrive
from packhouse.kernel import clock
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.params import NoParams
from packhouse.packages.states import PackageStatus
from packhouse.shipments.models import Shipment
from packhouse.transfers.models import TransferOrder
from packhouse.transfers.states import TransferStatus as State

_STILL_WANTED = (PackageStatus.WAITING_FOR_TRANSFER, PackageStatus.CANCELLATION_WAITING)


@command(
    name="TransferDeliveredCommand",
    on="transfer",
    title={"en": "Delivered", "tr": "Teslim alındı"},
    moves=[(State.IN_TRANSIT, State.TRANSFERRED)],
)
def transfer_delivered(transfer: TransferOrder, params: NoParams, run: Run) -> None:  # noqa: ARG001
    """Stock arrives at the destination and stays reserved for the package; the last one frees the package to
    WAITING. The goods of a package that was cancelled meanwhile become free stock there."""
    arrive(transfer.pk, promise=transfer.package.state in _STILL_WANTED)
    Shipment.objects.filter(transfer_order_id=transfer.pk, is_current=True).update(
        delivered_date=clock.now(), next_poll_date=None
    )
    free_if_complete(transfer.package_id, run, but=transfer.pk)
