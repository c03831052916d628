"""CompletePackagingCommand (page 20)."""

from packhouse.commands.packages.barcodes import (
    PackingParams,
    barcodes_match,
    has_items,
    new_parcels,
    parcels_hold_own_items,
    selected,
)
from packhouse.commands.packages.effects import ask_invoice_and_bill, open_shipment, take_units
from packhouse.invoicing.messages import RequestInvoice
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.orders.messages import SyncOrderStatus
from packhouse.packages import services
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State
from packhouse.shipments.messages import RegisterShipment

PACKED_FROM = (State.WAITING, State.PREPARING, State.READY_FOR_PACKAGING)


@command(
    name="CompletePackagingCommand",
    aliases=["CompletePackingCommand"],
    on="package",
    title={"en": "Complete packaging", "tr": "Paketlemeyi tamamla"},
    moves=[
        *((source, State.PACKED) for source in PACKED_FROM),
        *((source, State.WAITING_CARGO_LABEL) for source in PACKED_FROM),
    ],
    params=PackingParams,
    requires=[has_items, barcodes_match, parcels_hold_own_items],
    sends=[RegisterShipment, RequestInvoice, SyncOrderStatus],
    events=["shipment.created"],
)
def complete_packaging_with_shipment(package: PackageInHand, params: PackingParams, run: Run) -> None:
    """Barcodes are kept as `selected_barcode`; reservations are deleted and the units leave the shelf count; a
    shipment is opened and registered with the carrier after the commit; order items become Preparing (450);
    invoice, bill and Omnitron are informed as the transition is configured. Into WAITING_CARGO_LABEL order
    items, invoice, bill and Omnitron wait for the move to PACKED."""
    services.keep_barcodes(selected(package, params.barcodes))
    take_units(package)
    open_shipment(package, run, new_parcels(package, params.parcels))
    if run.target is State.PACKED:
        ask_invoice_and_bill(package, run)
