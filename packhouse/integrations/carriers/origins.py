"""What a carrier calls the location that sends: `originId` (page 80, 2.2)."""

from packhouse.integrations.carriers.consignment import Consignment
from packhouse.integrations.carriers.contract import CarrierAdaptor
from packhouse.integrations.carriers.shipment_request import sender
from packhouse.locations.models import SenderAddress


def origin_of(parcel: Consignment, adaptor: CarrierAdaptor) -> str | None:
    """The id of the sending location at its carrier; made there when the carrier wants one and has none.

    Raises OutsideFailure, IncompleteAddress.
    """
    location, company = parcel.source, parcel.shipment.cargo_company
    known = SenderAddress.objects.filter(
        stock_location=location, cargo_company=company, is_active=True
    ).first()
    if known is not None and known.origin_id:
        return known.origin_id
    if company is None or not parcel.account.configuration.needs_origin:
        return None
    made = adaptor.generate_address(sender(location)).address_id
    SenderAddress.objects.update_or_create(
        stock_location=location, cargo_company=company, defaults={"origin_id": made, "is_active": True}
    )
    return made
