"""What a despatch note says beside the goods: both ends, who carries them, when they leave (page 80, 3)."""

from datetime import datetime, timedelta
from typing import Any

from packhouse.integrations.invoicing.addresses import Row, place_row
from packhouse.invoicing.models import Invoice, InvoiceKind
from packhouse.kernel import clock
from packhouse.kernel.times import local_zone
from packhouse.kernel.wire import timestamp
from packhouse.locations.models import StockLocation
from packhouse.packages.models import Package
from packhouse.shipments.models import Shipment


def journey(invoice: Invoice, package: Package, shipment: Shipment | None) -> Row:
    """Nothing for other kinds. A package's receiver is the customer at `shipping_address`, so it is null here."""
    if invoice.kind != InvoiceKind.DESPATCH:
        return {}
    transfer = invoice.transfer_order
    source = transfer.source if transfer else package.stock_location
    company = shipment.cargo_company if shipment is not None else None
    vehicle = _vehicle(transfer.extra_information if transfer else {}, source)
    return {
        "sender": place_row(source),
        "receiver": place_row(transfer.destination) if transfer else None,
        "carrier": company and {"title": company.name, "tax_no": company.configuration.get("tax_no")},
        "driver": None if company else vehicle.get("driver"),
        "plate": None if company else vehicle.get("plate"),
        "planned_departure": timestamp(_departure(shipment, source)),
    }


def _vehicle(told: dict[str, Any], source: StockLocation) -> dict[str, Any]:
    """Our own `driver` and `plate`: the transfer's `extra_information`, else `vehicle` of the location's `conf`."""
    usual = source.conf.get("vehicle")
    return {**(usual if isinstance(usual, dict) else {}), **told}


def _departure(shipment: Shipment | None, source: StockLocation) -> datetime:
    """When it left; else the location's next `exit_time`, else now."""
    if shipment is not None and shipment.shipping_date is not None:
        return shipment.shipping_date
    now = clock.now()
    if source.exit_time is None:
        return now
    local = now.astimezone(local_zone())
    leaving = datetime.combine(local.date(), source.exit_time, tzinfo=local_zone())
    return leaving if leaving > local else leaving + timedelta(days=1)
