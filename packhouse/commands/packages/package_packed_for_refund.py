"""PackagePackedForRefundCommand (page 20; page 80, 5)."""

from django.db.models import Q

from packhouse.commands.packages.effects import give_up_units
from packhouse.invoicing.models import Invoice, InvoiceKind, InvoiceState
from packhouse.kernel import exceptions
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.params import NoParams
from packhouse.orders.messages import SyncOrderStatus
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.models import Discrepancy, PackageItem
from packhouse.packages.states import PackageStatus as State


@command(
    name="PackagePackedForRefundCommand",
    on="package",
    title={"en": "Packed for refund", "tr": "İade için kapat"},
    moves=[(State.WAITING, State.PACKED_FOR_REFUND), (State.OUT_OF_STOCK, State.PACKED_FOR_REFUND)],
    sends=[SyncOrderStatus],
)
def package_packed_for_refund(package: PackageInHand, params: NoParams, run: Run) -> None:  # noqa: ARG001
    """From WAITING: reservations and discrepancies are deleted. Items follow; Omnitron is told the code that
    `ORDER_STATUS_MAPPING` names (default 100); an invoice received already is shown in the exceptions list."""
    if package.state is State.WAITING:
        give_up_units(package)
        ids = [item.id for item in package.items]
        Discrepancy.objects.filter(Q(package_id=package.id) | Q(package_item_id__in=ids)).delete()
        PackageItem.objects.filter(pk__in=ids).update(discrepancy_reason=None)
    _report_invoice(package)


def _report_invoice(package: PackageInHand) -> None:
    invoice = Invoice.objects.filter(
        package_id=package.id, kind=InvoiceKind.INVOICE, state=InvoiceState.RECEIVED
    ).first()
    if invoice is not None:
        exceptions.report(
            "invoice_of_cancelled",
            f"package/{package.id}",
            f"Package {package.number} was closed for refund, and invoice {invoice.number} was made for it.",
            detail={"invoice": invoice.pk},
        )
