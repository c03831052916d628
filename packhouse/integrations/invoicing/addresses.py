"""Places in requests: addresses with the same keys always, and locations."""

from typing import Any, Final

from packhouse.catalog.models import CustomerAddress
from packhouse.locations.models import StockLocation, StockLocationAddress

Row = dict[str, Any]

_KEYS: Final = (
    "first_name",
    "last_name",
    "line",
    "postcode",
    "phone_number",
    "company_name",
    "tax_office",
    "tax_no",
    "identity_number",
    "e_bill_taxpayer",
)


def address_row(address: CustomerAddress | StockLocationAddress | None) -> Row:
    """An order without the address, and a location, have the keys without values. Country as its ISO code."""
    places = {
        level: place.name if address is not None and (place := getattr(address, level)) is not None else None
        for level in ("district", "township", "city")
    }
    country = address.country if address is not None else None
    named = country.code.upper() or country.name if country is not None else None
    return {**{key: getattr(address, key, None) for key in _KEYS}, **places, "country": named}


def location_row(location: StockLocation) -> Row:
    return {"id": location.pk, "erp_code": location.erp_code, "name": location.name}


def place_row(location: StockLocation) -> Row:
    """A location with its address and telephone, as an end of a journey."""
    address = {**address_row(location.address), "phone_number": location.daytime_phone or None}
    return {**location_row(location), "address": address}
