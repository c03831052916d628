"""What a carrier calls the location that sends: `originId` (page 80, 2.2)."""

import hashlib

from packhouse.integrations.carriers.consignment import Consignment
from packhouse.integrations.carriers.contract import CarrierAdaptor
from packhouse.integrations.carriers.shipment_request import sender
from packhouse.locations.models import SenderAddress


def origin_of(parcel: Consignment, adaptor: CarrierAdaptor) -> str | None:
    """The id of the sending location at its carrier; made there when the carrier wants one and has none, or has one
    of an address that the location no longer has. What a person has entered stays.

    Raises OutsideFailure, IncompleteAddress.
    """
    location, company = parcel.source, parcel.shipment.cargo_company
    known = SenderAddress.objects.filter(
        stock_location=location, cargo_company=company, is_active=True
    ).first()
    origin_id = known.origin_id if known is not None else None
    if company is None or not parcel.account.configuration.needs_origin or (known and _is_entered(known)):
        return origin_id or None
    request = sender(location)
    digest = hashlib.sha256(request.model_dump_json().encode()).hexdigest()
    if known is not None and origin_id and known.made_for == digest:
        return origin_id
    made = adaptor.generate_address(request).address_id
    SenderAddress.objects.update_or_create(
        stock_location=location,
        cargo_company=company,
        defaults={"origin_id": made, "made_for": digest, "is_active": True},
    )
    return made


def _is_entered(known: SenderAddress) -> bool:
    return bool(known.origin_id) and not known.made_for
