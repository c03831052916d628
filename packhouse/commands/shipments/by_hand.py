"""Carrier data that somebody else made: kept on the shipment, no carrier is called."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from packhouse.catalog.models import CargoCompany
from packhouse.kernel import clock
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import InvalidParameter
from packhouse.packages.in_hand import PackageInHand
from packhouse.payloads.package import shipment_payload
from packhouse.shipments import services as shipments
from packhouse.shipments.models import Shipment
from packhouse.shipments.services import NewParcel
from packhouse.shipments.states import Registration


@dataclass(frozen=True, slots=True)
class CarrierData:
    """What is None stays as it is."""

    cargo_company_id: int | None = None
    tracking_number: str | None = None
    query_number: str | None = None
    tracking_url: str | None = None
    carrier_shipping_code: str | None = None


def cargo_company_named(given: int | str, path: str) -> CargoCompany:
    """The carrier of this id or erp_code. Raises InvalidParameter when there is none."""
    wanted = Q(erp_code=str(given))
    if str(given).isascii() and str(given).isdigit() and len(str(given)) < 19:
        wanted |= Q(pk=int(given))
    found = list(CargoCompany.objects.filter(wanted, is_active=True))
    if not found:
        raise InvalidParameter({path: [f"There is no active cargo company {given}."]})
    # A number is an id; where an erp_code looks like one and is sent as text, it goes first.
    by_code = [company for company in found if isinstance(given, str) and company.erp_code == given]
    by_id = [company for company in found if str(company.pk) == str(given)]
    return (by_code or by_id or found)[0]


def current_shipment(
    *, package_id: int | None = None, transfer_order_id: int | None = None
) -> Shipment | None:
    """The shipment that counts now, of a package or of a transfer."""
    owner = {"package_id": package_id} if package_id is not None else {"transfer_order_id": transfer_order_id}
    return Shipment.objects.filter(is_current=True, **owner).first()


def open_by_hand(
    package: PackageInHand,
    run: Run,
    data: CarrierData,
    *,
    reason: str,
    parcels: Sequence[NewParcel] = (),
) -> Shipment:
    """A shipment that needs no registration: its carrier knows of it from somebody else."""
    boxes = parcels or [
        NewParcel(barcode=f"{package.number}-1", package_items=[item.id for item in package.items])
    ]
    shipment_id = shipments.open_shipment(
        package_id=package.id,
        cargo_company_id=data.cargo_company_id,
        reason=reason,
        currency=package.currency,
        is_integrated=False,
        parcels=boxes,
    )
    shipment = Shipment.objects.get(pk=shipment_id)
    keep(shipment, data, reason=reason)
    run.event(
        "shipment.created", "package", package.id, derive=shipment_payload, about=("shipment", shipment_id)
    )
    return shipment


def keep(shipment: Shipment, data: CarrierData, *, reason: str) -> None:
    """Keep the data. A shipment not registered yet is not registered any more: its carrier has it otherwise.

    One that goes with another carrier from now on is not polled under its old account.
    """
    changes_carrier = data.cargo_company_id not in (None, shipment.cargo_company_id)
    if changes_carrier:
        shipment.cargo_company_id = data.cargo_company_id
        shipment.cargo_company_reason = reason
    for name in ("tracking_number", "query_number", "tracking_url", "carrier_shipping_code"):
        if (value := getattr(data, name)) is not None:
            setattr(shipment, name, value)
    if changes_carrier or shipment.registration != Registration.REGISTERED:
        shipment.registration = Registration.REGISTERED.value
        shipment.is_integrated = False
        shipment.next_poll_date = None
        shipment.error = None
    shipment.modified_date = clock.now()
    shipment.save()
