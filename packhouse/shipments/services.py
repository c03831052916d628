"""Small writes on shipments, named as effects."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from packhouse.kernel import clock, sql
from packhouse.shipments.models import Shipment
from packhouse.shipments.states import Registration, ShipmentStatus


@dataclass(frozen=True, slots=True)
class NewParcel:
    """A box to ship: weight in kg, sizes in cm, the package items in it."""

    barcode: str
    package_items: Sequence[int]
    weight: Decimal | None = None
    width: Decimal | None = None
    height: Decimal | None = None
    length: Decimal | None = None


_OPEN = """
WITH number AS (
    SELECT nextval(pg_get_serial_sequence('shipments_shipment', 'id')) AS id
), opened AS (
    INSERT INTO shipments_shipment (id, remote_id, package_id, transfer_order_id, cargo_company_id,
        cargo_company_reason, currency, is_integrated, created_date, modified_date)
    SELECT id, 'S' || id, %(package)s, %(transfer)s, %(cargo_company)s, %(reason)s, %(currency)s, %(integrated)s,
        %(now)s, %(now)s
    FROM number RETURNING id
), given AS (
    SELECT * FROM jsonb_to_recordset(%(parcels)s) AS p(position int, barcode text, weight numeric, width numeric,
        height numeric, length numeric, package_items bigint[])
), boxes AS (
    INSERT INTO shipments_parcel (shipment_id, position, barcode, weight, width, height, length)
    SELECT opened.id, g.position, g.barcode, g.weight, g.width, g.height, g.length FROM opened, given g
    RETURNING id, position
), contents AS (
    INSERT INTO shipments_parcel_package_items (parcel_id, packageitem_id)
    SELECT boxes.id, unnest(g.package_items) FROM boxes JOIN given g USING (position)
)
SELECT id FROM opened
"""


def open_shipment(
    *,
    package_id: int | None = None,
    transfer_order_id: int | None = None,
    cargo_company_id: int | None,
    reason: str,
    currency: str,
    is_integrated: bool,
    parcels: Sequence[NewParcel],
) -> int:
    """Open a shipment of a package or of a transfer with its parcels; its id. The carrier is not called here."""
    rows = [
        {
            "position": position,
            "barcode": parcel.barcode,
            "weight": _number(parcel.weight),
            "width": _number(parcel.width),
            "height": _number(parcel.height),
            "length": _number(parcel.length),
            "package_items": list(parcel.package_items),
        }
        for position, parcel in enumerate(parcels, start=1)
    ]
    values = {
        "package": package_id,
        "transfer": transfer_order_id,
        "cargo_company": cargo_company_id,
        "reason": reason,
        "currency": currency,
        "integrated": is_integrated,
        "now": clock.now(),
        "parcels": json.dumps(rows),
    }
    return int(sql.row(_OPEN, values)[0])


def _number(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def close_shipment(shipment: Shipment) -> None:
    """The shipment is no more: deleted at the carrier, or never registered there."""
    now = clock.now()
    shipment.status = ShipmentStatus.DELETED.value
    shipment.registration = Registration.DELETED.value
    shipment.status_date = now
    shipment.is_current = False
    shipment.next_poll_date = None
    shipment.save(
        update_fields=["status", "registration", "status_date", "is_current", "next_poll_date"],
    )
