"""Addresses of orders: snapshots, so that later edits elsewhere change nothing that is on its way."""

from collections.abc import Mapping
from typing import Any

from packhouse.catalog.models import Customer, CustomerAddress
from packhouse.commands.orders.order_document import AddressPart
from packhouse.commands.orders.places import Places

# What decides where an order is packed and whether a carrier can bring it; a new phone number does not.
OF_DELIVERY = (
    "address_type",
    "country_id",
    "city_id",
    "township_id",
    "district_id",
    "line",
    "postcode",
    "longitude",
    "latitude",
    "retail_store",
)


def address_columns(
    part: AddressPart, places: Places, customer: Customer | None, retail_store: int | None
) -> dict[str, Any]:
    """The columns of a snapshot. `retail_store` is the back office's id of the store, where it is one."""
    address_type = part.address_type or ("retail_store" if part.retail_store else "customer")
    return {
        "omnitron_id": part.pk,
        "customer_id": customer.pk if customer else None,
        "address_type": address_type,
        "title": part.title or "",
        "first_name": part.first_name or (customer.first_name if customer else ""),
        "last_name": part.last_name or (customer.last_name if customer else ""),
        "email": part.email or (customer.email if customer else ""),
        "phone_number": part.phone_number or (customer.phone_number if customer else None) or "",
        **places.columns(),
        "line": part.line or "",
        "postcode": part.postcode,
        "notes": part.notes,
        "longitude": part.longitude,
        "latitude": part.latitude,
        "company_name": part.company_name,
        "tax_office": part.tax_office,
        "tax_no": part.tax_no,
        "e_bill_taxpayer": bool(part.e_bill_taxpayer),
        "identity_number": part.identity_number,
        "retail_store": retail_store,
        "remote_id": part.remote_id,
        "hash_data": part.hash_data or "",
        "extra_field": part.extra_field or {},
        "is_active": part.is_active is not False,
    }


def differs(row: CustomerAddress | None, columns: Mapping[str, Any]) -> bool:
    """The snapshot is another than these columns say."""
    return row is None or any(_changed(row, name, value) for name, value in columns.items())


def delivers_elsewhere(row: CustomerAddress | None, columns: Mapping[str, Any]) -> bool:
    """Goods for this order would go another way."""
    return row is None or any(_changed(row, name, columns[name]) for name in OF_DELIVERY)


def _changed(row: CustomerAddress, name: str, told: Any) -> bool:
    """Coordinates that are not told are no news: ours may have been looked up."""
    if told is None and name in ("longitude", "latitude"):
        return False
    return bool(getattr(row, name) != told)
