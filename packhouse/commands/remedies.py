"""What mends exceptions of planning, orders, invoices and shipments."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from packhouse.commands.invoicing.invoice_records import INVOICE_FAILED, INVOICE_LATE, INVOICE_OF_CANCELLED
from packhouse.commands.invoicing.retry_invoice import ask_again
from packhouse.commands.orders.cancellation_plans import HELD_IN_VAIN
from packhouse.commands.orders.messages import FollowUpOrder, RunOrderImport
from packhouse.commands.shipments.ask_carrier import ask_for_status
from packhouse.commands.shipments.retry_registration import retry_registration
from packhouse.commands.shipments.shipment_records import CARRIER_FAILED
from packhouse.commands.shipments.tracking_records import DELETED_BY_CARRIER, NOT_FOLLOWED, SCANNED, follow
from packhouse.kernel import engine, outbox
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.models import ExceptionEntry
from packhouse.kernel.remedies import Remedy, id_in, named_in
from packhouse.orders.messages import PlanOrder, ReschedulePackage
from packhouse.shipments.messages import RegisterShipment
from packhouse.shipments.models import Shipment
from packhouse.shipments.states import Registration


def _plan(entry: ExceptionEntry) -> None:
    if entry.subject.startswith("package/"):
        outbox.enqueue([ReschedulePackage(package_id=id_in(entry))])
    else:
        outbox.enqueue([PlanOrder(order_id=id_in(entry))])


def _follow_up(entry: ExceptionEntry) -> None:
    """What had changed is not known any more: what is not packed is planned again in any case."""
    outbox.enqueue([FollowUpOrder(order_id=id_in(entry), changes={"quantity": True})])


def _import(entry: ExceptionEntry) -> None:
    outbox.enqueue([RunOrderImport(import_id=id_in(entry))])


def _mark_stale(entry: ExceptionEntry) -> None:
    engine.execute("package", Call(id_in(entry), slug="MarkStaleWaitingCommand"), SYSTEM)


def _hold_or_release(entry: ExceptionEntry) -> None:
    engine.execute("package", Call(id_in(entry), slug=str(entry.detail.get("command"))), SYSTEM)


def _ask_for_invoice(entry: ExceptionEntry) -> None:
    ask_again(named_in(entry, "invoice"), hurry=True)


def _talk_to_the_carrier(entry: ExceptionEntry) -> None:
    """Register it, ask for it, or have it deleted there: whatever went wrong."""
    shipment = Shipment.objects.get(pk=named_in(entry, "shipment"))
    if not shipment.is_current:
        outbox.enqueue([RegisterShipment(shipment_id=shipment.pk)])
    elif shipment.registration == Registration.REGISTERED:
        ask_for_status(shipment.pk)
    else:
        retry_registration(shipment.pk)


REMEDIES: Final[Mapping[str, Remedy]] = {
    "planning_failed": Remedy(try_again=_plan),
    "order_not_planned": Remedy(
        _("Mend what the reason names (scenario, default location, stock), then plan it again."),
        try_again=_plan,
    ),
    "order_follow_up": Remedy(try_again=_follow_up),
    "order_import": Remedy(try_again=_import),
    "negative_stock": Remedy(
        _("Count the shelf and enter what lies there, or have a package planned elsewhere.")
    ),
    "stock_service_failing": Remedy(
        _("Mend the service, or its settings in STOCK_INTEGRATION; it is asked again by itself.")
    ),
    "geocoding_failing": Remedy(
        _(
            "Mend GEOCODE_PROVIDER_SETTINGS; until then distances are measured from the centre of the district."
        )
    ),
    "order_changed_after_packing": Remedy(
        _("What is packed keeps what it was packed for: tell the location, or cancel the package.")
    ),
    HELD_IN_VAIN: Remedy(try_again=_hold_or_release, settles=True),
    "cancellation_refused": Remedy(_("The item is on its way: stop the parcel, or agree on a return.")),
    "stale_marking_failed": Remedy(try_again=_mark_stale, settles=True),
    "reconcile": Remedy(_("Run packhouse reconcile --fix on the server.")),
    INVOICE_FAILED: Remedy(try_again=_ask_for_invoice),
    INVOICE_LATE: Remedy(
        _("Ask the invoice service, and enter the invoice with UpdateInvoiceOfThePackageCommand.")
    ),
    INVOICE_OF_CANCELLED: Remedy(_("Have the invoice cancelled by the invoice service.")),
    "bill_service_missing": Remedy(_("Give the channel a bill_service in its configuration.")),
    CARRIER_FAILED: Remedy(try_again=_talk_to_the_carrier, settles=True),
    DELETED_BY_CARRIER: Remedy(
        try_again=lambda entry: retry_registration(named_in(entry, "shipment")), settles=True
    ),
    NOT_FOLLOWED: Remedy(try_again=lambda entry: follow(named_in(entry, "shipment"), ships_on_scan=False)),
    SCANNED: Remedy(_("The carrier has the parcel: ship the package with its command.")),
}
