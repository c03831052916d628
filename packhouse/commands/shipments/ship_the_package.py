"""ShipThePackageCommand (page 20)."""

from packhouse.commands.invoicing.despatch import package_has_note
from packhouse.commands.packages.effects import notify_invoice_service, tell_what_was_shipped
from packhouse.invoicing.messages import RequestInvoice
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.params import NoParams
from packhouse.orders.messages import SyncOrderStatus
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State


@command(
    name="ShipThePackageCommand",
    on="package",
    title={"en": "Ship", "tr": "Kargoya ver"},
    moves=[(State.PACKED, State.SHIPPED)],
    requires=[package_has_note],
    sends=[RequestInvoice, SyncOrderStatus],
)
def ship_the_package(package: PackageInHand, params: NoParams, run: Run) -> None:  # noqa: ARG001
    """The carrier is not called. Items follow; order items become Shipped (500); the invoice service is notified
    if configured; Omnitron learns status, carrier and tracking number."""
    tell_what_was_shipped(package, run)
    notify_invoice_service(package, run)
