"""What stands on a label, whatever it is printed with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.carrier.shipments import Shipment

CARRIER_NAME = "SANDBOX CARGO"


@dataclass(frozen=True)
class LabelText:
    """The words and barcodes of the label of one parcel; `sscc` may be missing, `payment` too."""

    order_number: str
    shipment_id: str
    sender: str
    receiver: str
    address: str
    place: str
    tel: str
    parcel: str
    tracking_number: str
    sscc: str | None
    payment: str | None


def label_texts(shipment: Shipment) -> list[LabelText]:
    """The labels of a shipment in the order of its parcels."""
    destination, payment = shipment.request["destination"], shipment.request.get("payment")
    rows = shipment.parcel_rows()
    return [
        LabelText(
            order_number=shipment.request["orderNumber"],
            shipment_id=shipment.id,
            sender=f"Origin {shipment.request.get('originId') or '-'}",
            receiver=shipment.receiver,
            address=destination["addressLine"],
            place=_place(destination),
            tel=destination["tel"],
            parcel=f"{number} / {len(rows)}",
            tracking_number=row["trackingNumber"],
            sscc=row["sscc"],
            payment=f"{payment['amount']} {payment['currency'].upper()}" if payment else None,
        )
        for number, row in enumerate(rows, start=1)
    ]


def _place(destination: dict[str, Any]) -> str:
    names = [_name(destination.get(key)) for key in ("district", "township", "city")]
    return " ".join(
        filter(None, (*names, destination.get("zipcode"), destination["country"]["code"].upper()))
    )


def _name(place: Any) -> str | None:
    return place.get("name") if isinstance(place, dict) else place
