"""UpdatePackageShipmentStatusCommand (page 20)."""

from datetime import timedelta

from packhouse.kernel import clock
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import InvalidParameter
from packhouse.kernel.params import Params, When
from packhouse.orders.messages import SyncOrderStatus
from packhouse.orders.models import OrderItem
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State
from packhouse.shipments.models import Shipment

ON_THE_WAY = (
    State.SHIPPED,
    State.ATTEMPTED_DELIVERY,
    State.DELIVERY_FAILED,
    State.READY_FOR_PICKUP,
    State.STALE_WAITING,
)
OUTCOMES = (State.DELIVERED, State.ATTEMPTED_DELIVERY, State.DELIVERY_FAILED, State.READY_FOR_PICKUP)
# Clocks of carriers are not ours.
_SKEW = timedelta(minutes=5)


class DeliveryParams(Params):
    """When the carrier delivered."""

    delivered_date: When | None = None
    """Left out: now. Not in the future."""


def delivered_in_the_past(package: PackageInHand, params: DeliveryParams) -> None:  # noqa: ARG001
    """A delivery cannot lie in the future."""
    if params.delivered_date is not None and params.delivered_date > clock.now() + _SKEW:
        raise InvalidParameter({"input_parameters.delivered_date": ["The date lies in the future."]})


@command(
    name="UpdatePackageShipmentStatusCommand",
    on="package",
    title={"en": "Update shipment status", "tr": "Gönderi durumunu güncelle"},
    moves=[(source, target) for target in OUTCOMES for source in ON_THE_WAY if source is not target],
    params=DeliveryParams,
    requires=[delivered_in_the_past],
    sends=[SyncOrderStatus],
)
def update_package_shipment_status(package: PackageInHand, params: DeliveryParams, run: Run) -> None:
    """Items follow; order items take the code of the new state; a delivery's date is kept on shipment and items,
    and its carrier is asked no more."""
    if run.target is not State.DELIVERED:
        return
    delivered = params.delivered_date or clock.now()
    items = [item.order_item_id for item in package.items]
    OrderItem.objects.filter(pk__in=items).update(delivered_date=delivered)
    Shipment.objects.filter(package_id=package.id, is_current=True).update(
        delivered_date=delivered, next_poll_date=None
    )
    run.report_fields["delivered_date"] = delivered.isoformat()
