"""Despatch notes (page 80, 3): asked for before the goods move, and nothing leaves without one where it must not."""

import json
from datetime import time
from typing import Any

import pytest

from packhouse.commands.shipments.tracking_records import follow
from packhouse.integrations.invoicing.course import request_invoice
from packhouse.invoicing.models import Invoice, InvoiceKind
from packhouse.kernel import machine
from packhouse.kernel.errors import DespatchMissing
from packhouse.kernel.models import ExceptionEntry, Transition
from packhouse.kernel.version import raise_version
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.shipments.models import Shipment
from packhouse.shipments.states import ShipmentStatus
from packhouse.transfers.models import TransferOrder
from packhouse.transfers.states import TransferStatus
from tests.builders import a_package, a_shipment, a_transfer
from tests.commands.running import refuse, run
from tests.integrations.invoicing.conftest import Service
from tests.integrations.invoicing.world import invoice_of, setting

pytestmark = pytest.mark.django_db

PACK = "CompletePackagingWithoutShipmentCommand"


def configure(service: Service, command: str) -> None:
    """Put `remote_despatch_call` on the transitions of a command."""
    call = {"remote_url": f"{service.url}/despatches"}
    Transition.objects.filter(command=command).update(configuration={"remote_despatch_call": call})
    raise_version()
    machine.reload()


def note_of(transfer: TransferOrder) -> Invoice:
    return Invoice.objects.get(transfer_order=transfer, kind=InvoiceKind.DESPATCH)


def asked(service: Service, invoice: Invoice) -> dict[str, Any]:
    """A worker's turn; the body that the service got."""
    request_invoice(invoice.pk)
    invoice.refresh_from_db()
    body: dict[str, Any] = json.loads(service.requests[-1]["body"])
    return body


@pytest.mark.parametrize(
    "slug", ["ShipThePackageCommand", "ShipThePackageBasicCommand", "ShipThePackageAdvancedCommand"]
)
@pytest.mark.parametrize("required", ["packages", "both"])
def test_no_package_leaves_without_its_note(slug: str, required: str) -> None:
    package = a_package(state=PackageStatus.PACKED)
    company = a_shipment(package=package).cargo_company
    setting("DESPATCH_REQUIRED", required)
    parameters: dict[str, Any] = (
        {"cargo_company": company and company.pk, "tracking_number": "T1"} if "Advanced" in slug else {}
    )

    refusal = refuse(package, slug, DespatchMissing, "transition", **parameters)
    assert refusal.code == "despatch_missing"

    Invoice.objects.create(package=package, kind=InvoiceKind.DESPATCH, state="received", number="IRS1")
    run(package, slug, **parameters)
    assert package.state == PackageStatus.SHIPPED


@pytest.mark.parametrize("required", ["none", "transfers"])
def test_where_packages_need_none_they_leave(required: str) -> None:
    setting("DESPATCH_REQUIRED", required)
    package = a_package(state=PackageStatus.PACKED)

    run(package, "ShipThePackageCommand")

    assert package.state == PackageStatus.SHIPPED


@pytest.mark.parametrize("state", ["pending", "failed", "awaited"])
def test_a_note_that_has_not_come_opens_nothing(state: str) -> None:
    setting("DESPATCH_REQUIRED", "both")
    transfer = a_transfer(state=TransferStatus.READY_TO_SHIPMENT)
    Invoice.objects.create(transfer_order=transfer, kind=InvoiceKind.DESPATCH, state=state, number="IRS1")

    refuse(transfer, "TransferDispatchCommand", DespatchMissing, "transition")

    Invoice.objects.update(state="received")
    run(transfer, "TransferDispatchCommand")
    assert transfer.state == TransferStatus.IN_TRANSIT


def test_a_packed_package_has_its_note_asked_for(service: Service) -> None:
    configure(service, PACK)
    package = a_package()
    package.stock_location.conf = {"vehicle": {"driver": "Ada Yılmaz", "plate": "06 ABC 123"}}
    package.stock_location.exit_time = time(17, 30)
    package.stock_location.save(update_fields=["conf", "exit_time"])
    run(package, PACK)

    note = invoice_of(package, InvoiceKind.DESPATCH)
    body = asked(service, note)

    assert (note.state, note.number) == (
        "received",
        service.sandbox.book.by_request[note.request_id or ""].number,
    )
    assert body["kind"] == "despatch"
    assert body["sender"]["erp_code"] == package.stock_location.erp_code
    assert body["sender"]["address"]["country"] == "TR"
    assert body["receiver"] is None
    assert body["shipping_address"]["line"] == "5 Sample St"
    assert (body["driver"], body["plate"], body["carrier"]) == ("Ada Yılmaz", "06 ABC 123", None)
    assert body["planned_departure"][11:16] == "14:30"  # half past five in Istanbul
    setting("DESPATCH_REQUIRED", "packages")
    run(package, "ShipThePackageCommand")


def test_a_transfer_has_its_note_asked_for_with_its_carrier(service: Service) -> None:
    configure(service, "TransferOrderAdvancedCommand")
    transfer = a_transfer()
    company = a_shipment().cargo_company
    assert company
    company.configuration = {"tax_no": "1234567890"}
    company.save()

    run(transfer, "TransferOrderAdvancedCommand", cargo_company=company.pk, tracking_number="T1")
    note = note_of(transfer)
    body = asked(service, note)

    assert note.request_id == f"inv-t{transfer.pk}-1"
    assert (body["sender"]["id"], body["receiver"]["id"]) == (transfer.source_id, transfer.destination_id)
    assert body["carrier"] == {"title": company.name, "tax_no": "1234567890"}
    assert {item["sku"] for item in body["items"]} == {
        item.product.sku for item in transfer.items.select_related("product")
    }
    setting("DESPATCH_REQUIRED", "transfers")
    run(transfer, "TransferDispatchCommand")


def test_a_transfer_given_up_before_it_was_asked_for_is_not_asked_for(service: Service) -> None:
    configure(service, "TransferReadyForDispatchCommand")
    transfer = a_transfer()
    run(transfer, "TransferReadyForDispatchCommand")
    run(transfer, "CancelTransferCommand")

    request_invoice(note_of(transfer).pk)

    assert note_of(transfer).state == "none"
    assert service.requests == []


def test_a_refused_note_is_shown_on_the_transfer(service: Service) -> None:
    service.sandbox.mode["answer"] = "reject"
    configure(service, "TransferReadyForDispatchCommand")
    transfer = a_transfer()
    run(transfer, "TransferReadyForDispatchCommand")

    request_invoice(note_of(transfer).pk)

    entry = ExceptionEntry.objects.get(kind="invoice_failed")
    assert entry.subject == f"transfer_order/{transfer.pk}"
    assert note_of(transfer).state == "failed"


def test_a_parcel_that_the_carrier_scanned_stays_where_it_is_without_a_note() -> None:
    setting("DESPATCH_REQUIRED", "packages")
    package: Package = a_package(state=PackageStatus.PACKED)
    shipment = a_shipment(package=package)
    Shipment.objects.filter(pk=shipment.pk).update(status=ShipmentStatus.SHIPPING)

    follow(shipment.pk, ships_on_scan=True)

    package.refresh_from_db()
    assert package.state == PackageStatus.PACKED
    assert (
        "despatch note is missing" in ExceptionEntry.objects.get(kind="carrier_status_not_followed").message
    )
