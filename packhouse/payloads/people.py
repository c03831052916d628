"""Customers and their addresses."""

from collections.abc import Iterable

from packhouse.payloads.formats import Document, moments, stored_values
from packhouse.payloads.place import places
from packhouse.payloads.sql import Statement, one

_CUSTOMER = """
    u.id, u.created_date, u.modified_date, u.omnitron_id, u.email, u.first_name, u.last_name, u.phone_number,
    u.erp_code, u.channel_id AS channel, u.user_type
"""
_PLACES = places("a")
_ADDRESS = f"""
    a.id, a.created_date, a.modified_date, a.omnitron_id, a.address_type, a.title, a.first_name, a.last_name,
    a.email, a.phone_number, {_PLACES["country"]} AS country, {_PLACES["city"]} AS city,
    {_PLACES["township"]} AS township, {_PLACES["district"]} AS district, a.line, a.postcode, a.notes,
    a.longitude, a.latitude, a.company_name, a.tax_office, a.tax_no, a.e_bill_taxpayer, a.identity_number,
    a.customer_id AS customer, a.retail_store, a.remote_id, a.extra_field::text AS extra_field, a.is_active
"""
_CUSTOMERS = Statement(_CUSTOMER, "catalog_customer u", "u.id")
_ADDRESSES = Statement(_ADDRESS, "catalog_customeraddress a", "a.id")


def customer(id: str) -> str:
    """The customer with this id expression, as a column."""
    return one(_CUSTOMER, f"catalog_customer u WHERE u.id = {id}")


def address(id: str) -> str:
    """The customer address with this id expression, as a column."""
    return one(_ADDRESS, f"catalog_customeraddress a WHERE a.id = {id}")


def finish_customer(row: Document | None) -> None:
    if row is not None:
        moments(row, "created_date", "modified_date")


def finish_address(row: Document | None) -> None:
    if row is not None:
        moments(row, "created_date", "modified_date")
        stored_values(row, "extra_field")


def customer_documents(ids: Iterable[int]) -> dict[int, Document]:
    """Customers by id. One statement."""
    rows = _CUSTOMERS.rows(ids)
    for row in rows.values():
        finish_customer(row)
    return rows


def address_documents(ids: Iterable[int]) -> dict[int, Document]:
    """Customer addresses by id. One statement."""
    rows = _ADDRESSES.rows(ids)
    for row in rows.values():
        finish_address(row)
    return rows
