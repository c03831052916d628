"""ReadyForPickupCommand (page 20)."""

from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.params import NoParams
from packhouse.orders.messages import SyncOrderStatus
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State


@command(
    name="ReadyForPickupCommand",
    on="package",
    title={"en": "Ready for customer", "tr": "Müşteriye hazır"},
    moves=[(State.SHIPPED, State.READY_FOR_PICKUP), (State.PACKED, State.READY_FOR_PICKUP)],
    sends=[SyncOrderStatus],
)
def ready_for_pickup(package: PackageInHand, params: NoParams, run: Run) -> None:
    """Items follow; order items become ready for pickup (520); Omnitron learns it."""
