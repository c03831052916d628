"""Who sells, buys, sends and receives."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from packhouse.invoicing.ubl.nodes import filled, node, text

Address = Mapping[str, Any]


def name_of(address: Address) -> str:
    """The company, else the person."""
    person = " ".join(filter(None, (address.get("first_name"), address.get("last_name"))))
    return str(address.get("company_name") or person or "-")


def postal_address(name: str, address: Address, country: str) -> ET.Element:
    """`country` stands in where the address has none, as every address must name one."""
    places = " / ".join(filter(None, (address.get("district"), address.get("township"))))
    code = str(address.get("country") or "")
    return node(
        name,
        text("cbc:StreetName", address.get("line")),
        text("cbc:AdditionalStreetName", places),
        text("cbc:CityName", address.get("city")),
        text("cbc:PostalZone", address.get("postcode")),
        node("cac:Country", node("cbc:IdentificationCode", code if _is_code(code) else country)),
    )


def _is_code(country: str) -> bool:
    return len(country) == 2 and country.isalpha() and country.isupper()


def vat_number(tax_no: str, country: str) -> str:
    """With the country before it."""
    return tax_no if tax_no.startswith(country) else f"{country}{tax_no}"


def party(address: Address, country: str, *, tax_no: str | None, company_id: str | None = None) -> ET.Element:
    """Name, address and tax number."""
    scheme = node("cac:TaxScheme", node("cbc:ID", "VAT"))
    named = tax_no and node("cac:PartyTaxScheme", node("cbc:CompanyID", vat_number(tax_no, country)), scheme)
    contact = filled(
        "cac:Contact",
        text("cbc:Telephone", address.get("phone_number")),
        text("cbc:ElectronicMail", address.get("email")),
    )
    return node(
        "cac:Party",
        node("cac:PartyName", node("cbc:Name", name_of(address))),
        postal_address("cac:PostalAddress", address, country),
        named or None,
        node(
            "cac:PartyLegalEntity",
            node("cbc:RegistrationName", name_of(address)),
            text("cbc:CompanyID", company_id),
        ),
        contact,
    )
