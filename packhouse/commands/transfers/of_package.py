"""What becomes of a package's transfers when the package itself is given up."""

from packhouse.commands.transfers.shipping import close_shipment
from packhouse.kernel import clock
from packhouse.kernel.engine import Run
from packhouse.packages import in_hand
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.transfers.models import TransferItem, TransferOrder
from packhouse.transfers.states import TransferStatus

NOT_YET_ON_THE_ROAD = (TransferStatus.WAITING, TransferStatus.READY_TO_SHIPMENT)


def has_open_transfers(package_id: int) -> bool:
    """Something is still to arrive."""
    states = (*NOT_YET_ON_THE_ROAD, TransferStatus.IN_TRANSIT)
    return TransferOrder.objects.filter(
        package_id=package_id, state__in=[str(state) for state in states]
    ).exists()


def free_if_complete(package_id: int, run: Run, *, but: int) -> None:
    """The package goes WAITING_FOR_TRANSFER → WAITING when nothing is still to arrive.

    `but`: the transfer of this very run, whose own move is written after its body.
    """
    if (
        Package.objects.values_list("state", flat=True).get(pk=package_id)
        != PackageStatus.WAITING_FOR_TRANSFER
    ):
        return
    open_states = [str(state) for state in (*NOT_YET_ON_THE_ROAD, TransferStatus.IN_TRANSIT)]
    others = TransferOrder.objects.filter(package_id=package_id, state__in=open_states).exclude(pk=but)
    if not others.exists():
        run.move("package", in_hand.load(package_id), PackageStatus.WAITING)


def cancel_transfers(package: PackageInHand, run: Run) -> None:
    """Those not yet on the road are cancelled (their reservations go with the package items'); one in transit
    travels on, and its goods become free stock at the destination."""
    waiting = (
        TransferOrder.objects.filter(
            package_id=package.id, state__in=[str(state) for state in NOT_YET_ON_THE_ROAD]
        )
        .select_related("package__order", "source")
        .select_for_update(of=("self",))
        .order_by("id")
    )
    for transfer in waiting:
        close_shipment(transfer, run)
        run.move("transfer", transfer, TransferStatus.CANCELLED, because="its package was cancelled")


def move_transfer(transfer: TransferOrder, target: TransferStatus, events: int) -> int:
    """State of the transfer and of its items; the raised `sequence`."""
    now = clock.now()
    transfer.state = target.value
    transfer.state_date = now
    transfer.sequence += events
    transfer.save(update_fields=["state", "state_date", "sequence"])
    TransferItem.objects.filter(transfer_order_id=transfer.pk).update(state=target.value, modified_date=now)
    return int(transfer.sequence)
