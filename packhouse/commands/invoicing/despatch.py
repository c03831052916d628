"""Despatch notes (page 80, 3): nothing leaves without one where `DESPATCH_REQUIRED` says so."""

from typing import Final

from packhouse.invoicing import services
from packhouse.invoicing.messages import RequestInvoice
from packhouse.invoicing.models import InvoiceKind
from packhouse.kernel import settings_store
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import DespatchMissing
from packhouse.kernel.params import Params
from packhouse.packages.in_hand import PackageInHand
from packhouse.transfers.models import TransferOrder

_OF_PACKAGES: Final = ("packages", "both")
_OF_TRANSFERS: Final = ("transfers", "both")
_TEXT: Final = (
    "The despatch note is missing; it has been asked for and not come, or enter its number by hand."
)


def package_has_note(package: PackageInHand, params: Params) -> None:  # noqa: ARG001
    """The package's despatch note is there, where packages need one."""
    if settings_store.get("DESPATCH_REQUIRED") in _OF_PACKAGES and not services.has_despatch_note(
        package_id=package.id
    ):
        raise DespatchMissing({"transition": [_TEXT]})


def transfer_has_note(transfer: TransferOrder, params: Params) -> None:  # noqa: ARG001
    """The transfer's despatch note is there, where transfers need one."""
    if settings_store.get("DESPATCH_REQUIRED") in _OF_TRANSFERS and not services.has_despatch_note(
        transfer_order_id=transfer.pk
    ):
        raise DespatchMissing({"transition": [_TEXT]})


def ask_for_note(transfer: TransferOrder, run: Run) -> None:
    """The transfer's note as the transition is configured (`remote_despatch_call`); asked after the commit."""
    configuration = run.configuration.despatch_call
    if configuration is None:
        return
    invoice_id = services.ask(
        None,
        InvoiceKind.DESPATCH,
        configuration=configuration,
        command=run.definition.name,
        transfer_order_id=transfer.pk,
    )
    if invoice_id is not None:
        run.send(RequestInvoice(invoice_id=invoice_id))
