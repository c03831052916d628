"""The shipment of a transfer, as that of a package."""

from typing import Any

from packhouse.commands.shipments.by_hand import CarrierData, current_shipment, keep
from packhouse.commands.shipments.choose_carrier import CarrierChoice, choose_carrier_of_location
from packhouse.kernel.engine import Run
from packhouse.payloads import shipment as payloads
from packhouse.shipments import services as shipments
from packhouse.shipments.messages import RegisterShipment
from packhouse.shipments.models import Shipment
from packhouse.shipments.services import NewParcel
from packhouse.transfers.models import TransferOrder


def open_shipment(transfer: TransferOrder, run: Run) -> int:
    """A shipment to the destination with the source's carrier; its registration follows the commit."""
    shipment_id = _open(transfer, run, choose_carrier_of_location(transfer.source.conf))
    run.send(RegisterShipment(shipment_id=shipment_id))
    return shipment_id


def record_shipment(transfer: TransferOrder, run: Run, data: CarrierData, reason: str) -> None:
    """A shipment of which its carrier knows from somebody else."""
    shipment = current_shipment(transfer_order_id=transfer.pk)
    if shipment is None:
        shipment_id = _open(transfer, run, CarrierChoice(data.cargo_company_id, "manual", reason))
        shipment = Shipment.objects.get(pk=shipment_id)
    keep(shipment, data, reason=reason)


def _open(transfer: TransferOrder, run: Run, choice: CarrierChoice) -> int:
    shipment_id = shipments.open_shipment(
        transfer_order_id=transfer.pk,
        cargo_company_id=choice.cargo_company_id,
        reason=choice.reason,
        currency=transfer.package.order.currency,
        is_integrated=choice.is_integrated,
        parcels=[NewParcel(barcode=f"{transfer.number}-1", package_items=[])],
    )
    tell(transfer, run, shipment_id, "shipment.created")
    return shipment_id


def close_shipment(transfer: TransferOrder, run: Run) -> None:
    """The transfer's shipment is no more. What the carrier may still know of it is deleted after the commit."""
    shipment = current_shipment(transfer_order_id=transfer.pk)
    if shipment is None:
        return
    was_asked_for = shipment.is_integrated and shipment.tries > 0
    shipments.close_shipment(shipment)
    tell(transfer, run, shipment.pk, "shipment.cancelled")
    if was_asked_for:
        run.send(RegisterShipment(shipment_id=shipment.pk))


def tell(transfer: TransferOrder, run: Run, shipment_id: int, type_: str) -> None:
    """A `shipment.*` event."""

    def payload(_document: dict[str, Any]) -> dict[str, Any]:
        return payloads.payloads([shipment_id])[shipment_id]

    run.event(type_, "transfer", transfer.pk, derive=payload, about=("shipment", shipment_id))
