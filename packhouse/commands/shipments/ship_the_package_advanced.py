"""ShipThePackageAdvancedCommand (page 20): with the carrier and number that the caller names."""

from pydantic import Field

from packhouse.commands.invoicing.despatch import package_has_note
from packhouse.commands.packages.effects import notify_invoice_service, tell_what_was_shipped
from packhouse.commands.shipments.by_hand import (
    CarrierData,
    cargo_company_named,
    current_shipment,
    keep,
    open_by_hand,
)
from packhouse.invoicing.messages import RequestInvoice
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.params import IdOrCode, Params
from packhouse.orders.messages import SyncOrderStatus
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State

REASON = "named when it was shipped"


class ShipAdvancedParams(Params):
    """What the carrier gave to whoever handed the parcel over."""

    cargo_company: IdOrCode
    """Id or `erp_code` of an active carrier."""

    tracking_number: str = Field(min_length=1, max_length=256)
    """As the carrier gave it."""

    tracking_url: str | None = Field(default=None, min_length=1, max_length=2000)
    """Where the parcel can be followed."""


@command(
    name="ShipThePackageAdvancedCommand",
    on="package",
    title={"en": "Ship with tracking number", "tr": "Takip numarasıyla kargoya ver"},
    moves=[(State.PACKED, State.SHIPPED)],
    params=ShipAdvancedParams,
    requires=[package_has_note],
    sends=[RequestInvoice, SyncOrderStatus],
    events=["shipment.created"],
)
def ship_the_package_advanced(package: PackageInHand, params: ShipAdvancedParams, run: Run) -> None:
    """Carrier, tracking number and address are recorded, the carrier is not called; items follow; order items
    become Shipped (500); the invoice service is notified if configured; Omnitron learns all of it."""
    company = cargo_company_named(params.cargo_company, "input_parameters.cargo_company")
    data = CarrierData(company.pk, params.tracking_number, tracking_url=params.tracking_url)
    shipment = current_shipment(package_id=package.id)
    if shipment is None:
        open_by_hand(package, run, data, reason=REASON)
    else:
        keep(shipment, data, reason=REASON)
    tell_what_was_shipped(package, run)
    notify_invoice_service(package, run)
