"""ChannelBasedCompletePackagingCommand (page 20): the marketplace has shipped already, on paper."""

from pydantic import Field, field_validator

from packhouse.commands.packages.barcodes import (
    PATH,
    Barcode,
    PackingParams,
    barcodes_match,
    has_items,
    new_parcels,
    parcels_hold_own_items,
    selected,
)
from packhouse.commands.packages.complete_packaging_with_shipment import PACKED_FROM
from packhouse.commands.packages.effects import ask_invoice_and_bill, item_ids, take_units
from packhouse.commands.shipments.by_hand import CarrierData, open_by_hand
from packhouse.invoicing.messages import RequestInvoice
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import MissingParameter
from packhouse.orders.messages import SyncOrderStatus
from packhouse.orders.models import Order
from packhouse.packages import services
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State
from packhouse.shipments.services import NewParcel


class ChannelPackingParams(PackingParams):
    """As for every packing, but barcodes are required."""

    barcodes: list[Barcode] = Field(min_length=1)
    """What was scanned, for every item: one object or a list."""

    @field_validator("barcodes", mode="before")
    @classmethod
    def _one_or_many(cls, given: object) -> object:
        return [given] if isinstance(given, dict) else given


def every_item_is_scanned(package: PackageInHand, params: ChannelPackingParams) -> None:
    """There is a barcode for every item."""
    scanned = {barcode.order_item for barcode in params.barcodes}
    missing = [item.order_item_id for item in package.items if item.order_item_id not in scanned]
    if missing:
        raise MissingParameter({PATH: [f"No barcode was sent for the order items {missing}."]})


@command(
    name="ChannelBasedCompletePackagingCommand",
    aliases=["ChannelBasedCompletePackingCommand"],
    on="package",
    title={"en": "Complete packaging for the channel", "tr": "Kanala göre paketlemeyi tamamla"},
    moves=[(source, State.PACKED) for source in PACKED_FROM],
    params=ChannelPackingParams,
    requires=[has_items, barcodes_match, every_item_is_scanned, parcels_hold_own_items],
    sends=[RequestInvoice, SyncOrderStatus],
    events=["shipment.created"],
)
def channel_based_complete_packaging(package: PackageInHand, params: ChannelPackingParams, run: Run) -> None:
    """Barcodes are checked and kept; carrier, tracking number and code are copied from the order, nothing is
    registered with a carrier; reservations are deleted and the units leave the shelf count; order items become
    Preparing (450); bill, invoice and Omnitron as configured."""
    services.keep_barcodes(selected(package, params.barcodes))
    take_units(package)
    order = Order.objects.get(pk=package.order_id)
    parcels = new_parcels(package, params.parcels) or [
        NewParcel(barcode=f"{package.number}-1", package_items=item_ids(package))
    ]
    open_by_hand(
        package,
        run,
        CarrierData(
            cargo_company_id=order.cargo_company_id,
            tracking_number=order.tracking_number,
            tracking_url=order.defined_tracking_url,
            carrier_shipping_code=order.carrier_shipping_code,
        ),
        reason="named by the channel",
        parcels=parcels,
    )
    ask_invoice_and_bill(package, run)
