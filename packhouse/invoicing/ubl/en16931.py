"""An invoice by the European norm EN 16931, in UBL 2.1."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final
from xml.etree import ElementTree as ET

from packhouse.invoicing.einvoice import EInvoice
from packhouse.invoicing.ubl.nodes import document, money, node, text
from packhouse.invoicing.ubl.parties import name_of, party, postal_address
from packhouse.invoicing.ubl.sums import Charge, Sums, sums_of

CUSTOMIZATION: Final = "urn:cen.eu:en16931:2017"
COMMERCIAL_INVOICE: Final = "380"
UNITS: Final = {"kg": "KGM"}
PIECE: Final = "C62"
_PRICE: Final = Decimal("0.000001")


def build(invoice: EInvoice) -> bytes:
    """The document; amounts are those of the request to the invoice service."""
    request, country = invoice.request, invoice.seller["country"]
    currency, sums = request["order"]["currency"], sums_of(request)
    return document(
        "Invoice",
        node("cbc:CustomizationID", CUSTOMIZATION),
        node("cbc:ID", invoice.number),
        node("cbc:IssueDate", invoice.issued.date().isoformat()),
        node("cbc:InvoiceTypeCode", COMMERCIAL_INVOICE),
        node("cbc:DocumentCurrencyCode", currency),
        node("cac:OrderReference", node("cbc:ID", request["order"]["number"])),
        node("cac:AccountingSupplierParty", _seller(invoice.seller)),
        node("cac:AccountingCustomerParty", _buyer(request["billing_address"], country)),
        _delivery(request["shipping_address"], country),
        node("cac:PaymentTerms", node("cbc:Note", _terms(sums))),
        *(_charge(charge, currency) for charge in sums.charges),
        _taxes(sums, currency),
        _total(sums, currency),
        *_lines(request, currency),
    )


def _seller(seller: Mapping[str, Any]) -> ET.Element:
    named = {**seller, "company_name": seller["name"]}
    return party(named, seller["country"], tax_no=seller["tax_no"], company_id=seller["tax_no"])


def _buyer(address: Mapping[str, Any], country: str) -> ET.Element:
    own = address.get("country") or country
    return party(address, own if len(own) == 2 else country, tax_no=address.get("tax_no"))


def _delivery(address: Mapping[str, Any], country: str) -> ET.Element:
    return node(
        "cac:Delivery",
        node("cac:DeliveryLocation", postal_address("cac:Address", address, country)),
        node("cac:DeliveryParty", node("cac:PartyName", node("cbc:Name", name_of(address)))),
    )


def _terms(sums: Sums) -> str:
    return "Paid on delivery" if sums.payable else "Paid in advance"


def _charge(charge: Charge, currency: str) -> ET.Element:
    return node(
        "cac:AllowanceCharge",
        node("cbc:ChargeIndicator", "true"),
        node("cbc:AllowanceChargeReason", charge.reason),
        money("cbc:Amount", charge.net, currency),
        _category("cac:TaxCategory", charge.rate),
    )


def _category(name: str, rate: Decimal) -> ET.Element:
    """Standard rated, or zero rated."""
    return node(
        name,
        node("cbc:ID", "S" if rate else "Z"),
        node("cbc:Percent", f"{rate.normalize():f}"),
        node("cac:TaxScheme", node("cbc:ID", "VAT")),
    )


def _taxes(sums: Sums, currency: str) -> ET.Element:
    return node(
        "cac:TaxTotal",
        money("cbc:TaxAmount", sums.tax, currency),
        *(
            node(
                "cac:TaxSubtotal",
                money("cbc:TaxableAmount", taxed, currency),
                money("cbc:TaxAmount", tax, currency),
                _category("cac:TaxCategory", rate),
            )
            for rate, (taxed, tax) in sums.by_rate.items()
        ),
    )


def _total(sums: Sums, currency: str) -> ET.Element:
    return node(
        "cac:LegalMonetaryTotal",
        money("cbc:LineExtensionAmount", sums.lines, currency),
        money("cbc:TaxExclusiveAmount", sums.net, currency),
        money("cbc:TaxInclusiveAmount", sums.total, currency),
        money("cbc:ChargeTotalAmount", sums.charged, currency) if sums.charges else None,
        money("cbc:PrepaidAmount", sums.prepaid, currency),
        money("cbc:PayableAmount", sums.payable, currency),
    )


def _lines(request: Mapping[str, Any], currency: str) -> Iterator[ET.Element]:
    for number, item in enumerate(request["items"], start=1):
        net, quantity = Decimal(item["net_amount"]), Decimal(item["quantity"])
        price = (net / quantity).quantize(_PRICE)
        yield node(
            "cac:InvoiceLine",
            node("cbc:ID", str(number)),
            node("cbc:InvoicedQuantity", item["quantity"], unitCode=UNITS.get(item["unit_type"], PIECE)),
            money("cbc:LineExtensionAmount", net, currency),
            _goods(item),
            node("cac:Price", node("cbc:PriceAmount", f"{price:f}", currencyID=currency)),
        )


def _goods(item: Mapping[str, Any]) -> ET.Element:
    return node(
        "cac:Item",
        node("cbc:Name", item["name"] or item["sku"]),
        node("cac:SellersItemIdentification", text("cbc:ID", item["sku"])),
        _category("cac:ClassifiedTaxCategory", Decimal(item["tax_rate"])),
    )
