"""A reference builder of UBL-TR 1.2 invoices: what an integrator's plug-in may start from.

Switched off until `EINVOICE_EXPORT.profiles` names `ubl-tr`. It signs nothing and hands nothing over; a document is
a legal one only through an integrator.
"""

import re
import uuid
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final
from xml.etree import ElementTree as ET

from stdnum.tr import tckimlik, vkn

from packhouse.invoicing.einvoice import EInvoice
from packhouse.invoicing.ubl.en16931 import PIECE, UNITS
from packhouse.invoicing.ubl.nodes import SPACES, document, filled, money, node, text
from packhouse.invoicing.ubl.parties import name_of
from packhouse.invoicing.ubl.sums import Sums, sums_of
from packhouse.kernel.errors import NotConfigured

CUSTOMIZATION: Final = "TR1.2"
FINAL_CONSUMER: Final = "11111111111"
VAT, VAT_CODE = "KDV", "0015"
NUMBER: Final = re.compile(r"[A-Z0-9]{3}\d{13}")
_PRICE: Final = Decimal("0.000001")


def build(invoice: EInvoice) -> bytes:
    """A sale, in the scenario of the buyer; a consumer without a number of his own gets the final consumer's."""
    request, sums = invoice.request, sums_of(invoice.request)
    currency = request["order"]["currency"]
    buyer = {**request["billing_address"], **(request["customer"] or {"email": None})}
    buyer |= {key: value for key, value in request["billing_address"].items() if value}
    return document(
        "Invoice",
        node("cbc:UBLVersionID", "2.1"),
        node("cbc:CustomizationID", CUSTOMIZATION),
        node("cbc:ProfileID", invoice.scenario),
        node("cbc:ID", invoice.number),
        node("cbc:CopyIndicator", "false"),
        node("cbc:UUID", invoice.ettn),
        node("cbc:IssueDate", invoice.issued.date().isoformat()),
        node("cbc:IssueTime", invoice.issued.time().isoformat("seconds")),
        node("cbc:InvoiceTypeCode", "SATIS"),
        node("cbc:DocumentCurrencyCode", currency),
        node("cbc:LineCountNumeric", str(len(request["items"]))),
        node("cac:OrderReference", node("cbc:ID", request["order"]["number"]), _placed(request)),
        node("cac:AccountingSupplierParty", _seller(invoice.seller)),
        node("cac:AccountingCustomerParty", _buyer(invoice, buyer)),
        *(
            node(
                "cac:AllowanceCharge",
                node("cbc:ChargeIndicator", "true"),
                node("cbc:AllowanceChargeReason", charge.reason),
                money("cbc:Amount", charge.net, currency),
            )
            for charge in sums.charges
        ),
        _taxes(sums.by_rate, currency),
        _total(sums, currency),
        *_lines(request, currency),
    )


def validate(content: bytes) -> list[str]:
    """What the tax office would refuse at once: number, ETTN, check digits of both parties."""
    root = ET.fromstring(content)  # noqa: S314 - built here

    def found(path: str) -> list[str]:
        return [each.text or "" for each in root.findall(path, SPACES)]

    wrong = [
        f"ID {given} is not 3 letters and 13 digits"
        for given in found("cbc:ID")
        if not NUMBER.fullmatch(given)
    ]
    for given in found("cbc:UUID"):
        try:
            uuid.UUID(given)
        except ValueError:
            wrong.append(f"UUID {given} is none")
    for number in root.findall(".//cac:PartyIdentification/cbc:ID", SPACES):
        check = {"VKN": vkn, "TCKN": tckimlik}.get(number.get("schemeID", ""))
        given = number.text or ""
        if check is None or not (given == FINAL_CONSUMER or check.is_valid(given)):
            wrong.append(f"{number.get('schemeID')} {given} is not valid")
    return wrong


def submit(content: bytes) -> Mapping[str, Any]:  # noqa: ARG001 - the shape of a plug-in
    """There is no integrator here. Raises NotConfigured."""
    raise NotConfigured("No integrator takes these documents; install a plug-in of one.")


def _placed(request: Mapping[str, Any]) -> ET.Element:
    return node("cbc:IssueDate", request["order"]["date_placed"][:10])


def _seller(seller: Mapping[str, Any]) -> ET.Element:
    scheme = "VKN" if vkn.is_valid(seller["tax_no"]) else "TCKN"
    return _party({**seller, "company_name": seller["name"]}, seller["tax_no"], scheme)


def _buyer(invoice: EInvoice, address: Mapping[str, Any]) -> ET.Element:
    return _party(address, invoice.buyer_id or FINAL_CONSUMER, invoice.buyer_scheme or "TCKN")


def _party(address: Mapping[str, Any], number: str, scheme: str) -> ET.Element:
    is_person = scheme == "TCKN"
    office = address.get("tax_office")
    return node(
        "cac:Party",
        node("cac:PartyIdentification", node("cbc:ID", number, schemeID=scheme)),
        None if is_person else node("cac:PartyName", node("cbc:Name", name_of(address))),
        node(
            "cac:PostalAddress",
            text("cbc:StreetName", address.get("line")),
            node("cbc:CitySubdivisionName", str(address.get("township") or address.get("city") or "-")),
            node("cbc:CityName", str(address.get("city") or "-")),
            text("cbc:PostalZone", address.get("postcode")),
            text("cbc:District", address.get("district")),
            node("cac:Country", node("cbc:Name", str(address.get("country") or "TR"))),
        ),
        node("cac:PartyTaxScheme", node("cac:TaxScheme", node("cbc:Name", office))) if office else None,
        filled(
            "cac:Contact",
            text("cbc:Telephone", address.get("phone_number")),
            text("cbc:ElectronicMail", address.get("email")),
        ),
        _person(address) if is_person else None,
    )


def _person(address: Mapping[str, Any]) -> ET.Element:
    return node(
        "cac:Person",
        node("cbc:FirstName", str(address.get("first_name") or "-")),
        node("cbc:FamilyName", str(address.get("last_name") or "-")),
    )


def _taxes(by_rate: Mapping[Decimal, tuple[Decimal, Decimal]], currency: str) -> ET.Element:
    scheme = node("cac:TaxScheme", node("cbc:Name", VAT), node("cbc:TaxTypeCode", VAT_CODE))
    return node(
        "cac:TaxTotal",
        money("cbc:TaxAmount", sum((tax for _net, tax in by_rate.values()), Decimal(0)), currency),
        *(
            node(
                "cac:TaxSubtotal",
                money("cbc:TaxableAmount", net, currency),
                money("cbc:TaxAmount", tax, currency),
                node("cbc:Percent", f"{rate.normalize():f}"),
                node("cac:TaxCategory", scheme),
            )
            for rate, (net, tax) in by_rate.items()
        ),
    )


def _total(sums: Sums, currency: str) -> ET.Element:
    return node(
        "cac:LegalMonetaryTotal",
        money("cbc:LineExtensionAmount", sums.lines, currency),
        money("cbc:TaxExclusiveAmount", sums.net, currency),
        money("cbc:TaxInclusiveAmount", sums.total, currency),
        money("cbc:ChargeTotalAmount", sums.charged, currency) if sums.charges else None,
        money("cbc:PayableAmount", sums.total, currency),
    )


def _lines(request: Mapping[str, Any], currency: str) -> Iterator[ET.Element]:
    for number, item in enumerate(request["items"], start=1):
        net, tax = Decimal(item["net_amount"]), Decimal(item["tax_amount"])
        price = (net / Decimal(item["quantity"])).quantize(_PRICE)
        yield node(
            "cac:InvoiceLine",
            node("cbc:ID", str(number)),
            node("cbc:InvoicedQuantity", item["quantity"], unitCode=UNITS.get(item["unit_type"], PIECE)),
            money("cbc:LineExtensionAmount", net, currency),
            _taxes({Decimal(item["tax_rate"]): (net, tax)}, currency),
            node(
                "cac:Item",
                node("cbc:Name", item["name"] or item["sku"]),
                node("cac:SellersItemIdentification", node("cbc:ID", item["sku"])),
            ),
            node("cac:Price", node("cbc:PriceAmount", f"{price:f}", currencyID=currency)),
        )
