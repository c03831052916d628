"""ShipThePackageBasicCommand (page 20), without shipment integration."""

from packhouse.commands.invoicing.despatch import package_has_note
from packhouse.commands.packages.effects import notify_invoice_service, tell_what_was_shipped
from packhouse.invoicing.messages import RequestInvoice
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import TransitionRefused
from packhouse.kernel.params import NoParams
from packhouse.orders.messages import SyncOrderStatus
from packhouse.orders.models import OrderItem
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State


def statuses_agree(package: PackageInHand, params: NoParams) -> None:  # noqa: ARG001
    """The back office has all items at one status."""
    ids = [item.order_item_id for item in package.items]
    rows = OrderItem.objects.filter(pk__in=ids).values_list("omnitron_status", "state")
    statuses = sorted({status or state for status, state in rows})
    if len(statuses) > 1:
        raise TransitionRefused(
            {"transition": [f"The items' statuses at the back office differ: {', '.join(statuses)}."]}
        )


@command(
    name="ShipThePackageBasicCommand",
    on="package",
    title={"en": "Ship without integration", "tr": "Entegrasyonsuz kargoya ver"},
    moves=[(State.PACKED, State.SHIPPED)],
    requires=[package_has_note, statuses_agree],
    sends=[RequestInvoice, SyncOrderStatus],
)
def ship_the_package_basic(package: PackageInHand, params: NoParams, run: Run) -> None:  # noqa: ARG001
    """As ship the package; refused ("transition error") if the items' Omnitron statuses differ from one another."""
    tell_what_was_shipped(package, run)
    notify_invoice_service(package, run)
