"""What becomes of a package's transfers when the package itself is given up."""

from packhouse.kernel import clock
from packhouse.kernel.engine import Run
from packhouse.packages.in_hand import PackageInHand
from packhouse.transfers.models import TransferItem, TransferOrder
from packhouse.transfers.states import TransferStatus

NOT_YET_ON_THE_ROAD = (TransferStatus.WAITING, TransferStatus.READY_TO_SHIPMENT)


def has_open_transfers(package_id: int) -> bool:
    """Something is still to arrive."""
    states = (*NOT_YET_ON_THE_ROAD, TransferStatus.IN_TRANSIT)
    return TransferOrder.objects.filter(
        package_id=package_id, state__in=[str(state) for state in states]
    ).exists()


def cancel_transfers(package: PackageInHand, run: Run) -> None:
    """Those not yet on the road are cancelled (their reservations go with the package items'); one in transit
    travels on, and its goods become free stock at the destination."""
    waiting = (
        TransferOrder.objects.filter(
            package_id=package.id, state__in=[str(state) for state in NOT_YET_ON_THE_ROAD]
        )
        .select_for_update(of=("self",))
        .order_by("id")
    )
    for transfer in waiting:
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
