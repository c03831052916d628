"""A despatch note as UBL 2.1 DespatchAdvice (page 80, 3)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

from packhouse.invoicing.ubl.en16931 import PIECE, UNITS
from packhouse.invoicing.ubl.nodes import document, filled, node, text
from packhouse.invoicing.ubl.parties import name_of, postal_address

HERE = "TR"


def build(request: Mapping[str, Any], *, number: str, issued: datetime) -> bytes:
    """The document of a request of kind `despatch`. A package goes to its customer, a transfer to a location."""
    sender, receiver = request["sender"], request["receiver"]
    to = (
        {**receiver["address"], "company_name": receiver["name"]} if receiver else request["shipping_address"]
    )
    return document(
        "DespatchAdvice",
        node("cbc:ID", number),
        node("cbc:IssueDate", issued.date().isoformat()),
        node("cbc:IssueTime", issued.time().isoformat("seconds")),
        node("cbc:DespatchAdviceTypeCode", "delivery"),
        node("cbc:LineCountNumeric", str(len(request["items"]))),
        node("cac:OrderReference", node("cbc:ID", request["order"]["number"])),
        node(
            "cac:DespatchSupplierParty",
            _party({**sender["address"], "company_name": sender["name"]}, sender["erp_code"]),
        ),
        node("cac:DeliveryCustomerParty", _party(to, receiver["erp_code"] if receiver else None)),
        _shipment(request, to),
        *_lines(request),
    )


def _party(address: Mapping[str, Any], code: str | None) -> ET.Element:
    return node(
        "cac:Party",
        filled("cac:PartyIdentification", text("cbc:ID", code)),
        node("cac:PartyName", node("cbc:Name", name_of(address))),
        postal_address("cac:PostalAddress", address, HERE),
    )


def _shipment(request: Mapping[str, Any], to: Mapping[str, Any]) -> ET.Element:
    """Who carries it: a carrier by its title, or a vehicle of our own."""
    shipment, carrier = request["shipment"] or {}, request["carrier"]
    departure = datetime.fromisoformat(request["planned_departure"])
    return node(
        "cac:Shipment",
        node("cbc:ID", shipment.get("tracking_number") or request["package"]["number"]),
        filled("cac:ShipmentStage", _vehicle(request.get("plate")), _driver(request.get("driver"))),
        node(
            "cac:Delivery",
            text("cbc:TrackingID", shipment.get("tracking_number")),
            postal_address("cac:DeliveryAddress", to, HERE),
            _carrier(carrier) if carrier else None,
            node(
                "cac:Despatch",
                node("cbc:EstimatedDespatchDate", departure.date().isoformat()),
                node("cbc:EstimatedDespatchTime", departure.time().isoformat("seconds")),
            ),
        ),
    )


def _carrier(carrier: Mapping[str, Any]) -> ET.Element:
    number = text("cbc:ID", carrier.get("tax_no"), schemeID="VKN")
    return node(
        "cac:CarrierParty",
        filled("cac:PartyIdentification", number),
        node("cac:PartyName", node("cbc:Name", carrier["title"])),
    )


def _vehicle(plate: str | None) -> ET.Element | None:
    number = text("cbc:LicensePlateID", plate, schemeID="PLAKA")
    return node("cac:TransportMeans", node("cac:RoadTransport", number)) if number is not None else None


def _driver(driver: str | None) -> ET.Element | None:
    """A driver is known by name: the last word is the family's."""
    first, _, family = str(driver or "").strip().rpartition(" ")
    return filled("cac:DriverPerson", text("cbc:FirstName", first), text("cbc:FamilyName", family))


def _lines(request: Mapping[str, Any]) -> Iterator[ET.Element]:
    for number, item in enumerate(request["items"], start=1):
        yield node(
            "cac:DespatchLine",
            node("cbc:ID", str(number)),
            node("cbc:DeliveredQuantity", item["quantity"], unitCode=UNITS.get(item["unit_type"], PIECE)),
            node("cac:OrderLineReference", node("cbc:LineID", str(item["order_item"]))),
            node(
                "cac:Item",
                node("cbc:Name", item["name"] or item["sku"]),
                node("cac:SellersItemIdentification", node("cbc:ID", item["sku"])),
            ),
        )
