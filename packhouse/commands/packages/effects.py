"""What several package commands do, each named as its effect in the tables of page 20."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from packhouse.catalog.models import Channel
from packhouse.commands.shipments.choose_carrier import choose_carrier
from packhouse.inventory import services as inventory
from packhouse.invoicing import services as invoicing
from packhouse.invoicing.messages import RequestInvoice
from packhouse.invoicing.models import Invoice, InvoiceKind, InvoiceState
from packhouse.kernel import clock, exceptions, settings_store
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import NotConfigured
from packhouse.packages.in_hand import PackageInHand
from packhouse.payloads.package import shipment_payload
from packhouse.shipments import services as shipments
from packhouse.shipments.messages import RegisterShipment
from packhouse.shipments.models import Shipment
from packhouse.shipments.services import NewParcel

# A worker takes over a little after the request that asked has stopped waiting.
_TAKE_OVER = timedelta(seconds=2)


def item_ids(package: PackageInHand) -> list[int]:
    return [item.id for item in package.items]


def take_units(package: PackageInHand) -> None:
    """Reservations deleted, units off the shelf count, in one statement."""
    inventory.take(package.id)


def open_shipment(package: PackageInHand, run: Run, parcels: Sequence[NewParcel] = ()) -> int:
    """A shipment is opened with the carrier that page 80 chooses; its registration follows the commit."""
    choice = choose_carrier(package)
    boxes = list(parcels) or [NewParcel(barcode=f"{package.number}-1", package_items=item_ids(package))]
    shipment_id = shipments.open_shipment(
        package_id=package.id,
        cargo_company_id=choice.cargo_company_id,
        reason=choice.reason,
        currency=package.currency,
        is_integrated=choice.is_integrated,
        parcels=boxes,
    )
    run.event(
        "shipment.created", "package", package.id, derive=shipment_payload, about=("shipment", shipment_id)
    )
    run.send(RegisterShipment(shipment_id=shipment_id))
    return shipment_id


def ask_invoice_and_bill(package: PackageInHand, run: Run) -> None:
    """Invoice, bill and despatch note as the transition is configured; asked after the commit.

    The back office hears of the status together with the invoice, if it comes within the inline window.
    """
    configuration = run.configuration
    if configuration.invoice_call is not None:
        seconds = settings_store.get("INVOICE_INLINE_SECONDS")
        window = clock.now() + timedelta(seconds=seconds)
        if (
            _ask(package, run, InvoiceKind.INVOICE, configuration.invoice_call, window + _TAKE_OVER)
            and seconds
        ):
            run.report_not_before = window + _TAKE_OVER
    if configuration.bill:
        _ask_bill(package, run)
    if configuration.despatch_call is not None:
        _ask(package, run, InvoiceKind.DESPATCH, configuration.despatch_call, None)


def ask_for_invoice(package: PackageInHand, run: Run) -> None:
    """The invoice as the transition is configured; asked after the commit, told when it is there."""
    if run.configuration.invoice_call is not None:
        _ask(package, run, InvoiceKind.INVOICE, run.configuration.invoice_call, None)


def _ask_bill(package: PackageInHand, run: Run) -> None:
    service = (
        Channel.objects.values_list("configuration", flat=True).get(pk=package.channel_id).get("bill_service")
    )
    if service is not None:
        _ask(package, run, InvoiceKind.BILL, service, None)
    elif run.configuration.bill_insisted:
        raise NotConfigured(
            {"input_parameters.remote_bill_fulfillment_call": ["The order's channel has no bill service."]}
        )
    else:
        exceptions.report(
            "bill_service_missing",
            f"package/{package.id}",
            f"Package {package.number} was to be billed, and its channel has no bill service.",
        )


def _ask(
    package: PackageInHand, run: Run, kind: InvoiceKind, configuration: Mapping[str, Any], not_before: Any
) -> bool:
    invoice_id = invoicing.ask(package.id, kind, configuration=configuration, command=run.definition.name)
    if invoice_id is None:
        return False
    run.send(RequestInvoice(invoice_id=invoice_id), not_before=not_before)
    return True


def tell_what_was_shipped(package: PackageInHand, run: Run) -> None:
    """The back office learns carrier and tracking number together with the status."""
    shipment = (
        Shipment.objects.filter(package_id=package.id, is_current=True)
        .select_related("cargo_company")
        .first()
    )
    if shipment is None:
        return
    if shipment.shipping_date is None:
        Shipment.objects.filter(pk=shipment.pk).update(shipping_date=clock.now())
    company = shipment.cargo_company
    run.report_fields["tracking_number"] = shipment.tracking_number
    run.report_fields["shipping_company"] = company.shipping_company if company else None


def notify_invoice_service(package: PackageInHand, run: Run) -> None:
    """Where the transition configures the call: the invoice when none was received, else a notification."""
    configuration = run.configuration.invoice_call
    if configuration is None:
        return
    received = Invoice.objects.filter(
        package_id=package.id,
        kind=InvoiceKind.INVOICE,
        state__in=(InvoiceState.RECEIVED, InvoiceState.AWAITED),
    ).exists()
    _ask(package, run, InvoiceKind.NOTIFICATION if received else InvoiceKind.INVOICE, configuration, None)


def give_up_units(package: PackageInHand) -> None:
    """Reservations deleted, units already taken put back on the shelf count."""
    inventory.release(package.id)
    inventory.put_back(package.id)


def close_shipment(package: PackageInHand, run: Run) -> bool:
    """The package's shipment is no more; subscribers learn it. Whether there was one."""
    shipment = Shipment.objects.filter(package_id=package.id, is_current=True).first()
    if shipment is None:
        return False
    shipments.close_shipment(shipment)
    run.event(
        "shipment.cancelled", "package", package.id, derive=shipment_payload, about=("shipment", shipment.pk)
    )
    return True


def cancel_invoice(package: PackageInHand, run: Run) -> None:
    """An invoice already received is cancelled at the service where `INVOICE_CANCELLATION_CALL` says so."""
    invoice = Invoice.objects.filter(
        package_id=package.id, kind=InvoiceKind.INVOICE, state=InvoiceState.RECEIVED
    ).first()
    if invoice is not None and settings_store.get("INVOICE_CANCELLATION_CALL"):
        _ask(package, run, InvoiceKind.CANCELLATION, invoice.configuration, None)
