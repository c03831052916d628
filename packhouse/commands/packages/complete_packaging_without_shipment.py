"""CompletePackagingWithoutShipmentCommand (page 20)."""

from packhouse.commands.packages.barcodes import (
    PackingParams,
    barcodes_match,
    has_items,
    parcels_hold_own_items,
    selected,
)
from packhouse.commands.packages.complete_packaging_with_shipment import PACKED_FROM
from packhouse.commands.packages.effects import ask_invoice_and_bill, take_units
from packhouse.invoicing.messages import RequestInvoice
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.orders.messages import SyncOrderStatus
from packhouse.packages import services
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State


@command(
    name="CompletePackagingWithoutShipmentCommand",
    aliases=["CompletePackingWithoutShipmentCommand"],
    on="package",
    title={"en": "Complete packaging without shipment", "tr": "Gönderisiz paketlemeyi tamamla"},
    moves=[(source, State.PACKED) for source in PACKED_FROM],
    params=PackingParams,
    requires=[has_items, barcodes_match, parcels_hold_own_items],
    sends=[RequestInvoice, SyncOrderStatus],
)
def complete_packaging_without_shipment(package: PackageInHand, params: PackingParams, run: Run) -> None:
    """As complete packaging, without any shipment record: barcodes are kept, reservations deleted, units leave
    the shelf count, order items become Preparing (450), invoice, bill and Omnitron as configured."""
    services.keep_barcodes(selected(package, params.barcodes))
    take_units(package)
    ask_invoice_and_bill(package, run)
