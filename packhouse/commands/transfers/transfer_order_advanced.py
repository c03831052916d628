"""TransferOrderAdvancedCommand (page 20)."""

from pydantic import Field

from packhouse.commands.invoicing.despatch import ask_for_note
from packhouse.commands.shipments.by_hand import CarrierData, cargo_company_named
from packhouse.commands.transfers.shipping import record_shipment
from packhouse.invoicing.messages import RequestInvoice
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.params import IdOrCode, Params
from packhouse.transfers.models import TransferOrder
from packhouse.transfers.states import TransferStatus as State


class TransferAdvancedParams(Params):
    """What the carrier gave to whoever handed the parcel over."""

    cargo_company: IdOrCode
    """Id or `erp_code` of an active carrier."""

    tracking_number: str = Field(min_length=1, max_length=256)
    """As the carrier gave it."""


@command(
    name="TransferOrderAdvancedCommand",
    on="transfer",
    title={"en": "Ready with tracking number", "tr": "Takip numarasıyla hazır"},
    moves=[(State.WAITING, State.READY_TO_SHIPMENT)],
    params=TransferAdvancedParams,
    sends=[RequestInvoice],
    events=["shipment.created"],
)
def transfer_order_advanced(transfer: TransferOrder, params: TransferAdvancedParams, run: Run) -> None:
    """Carrier and tracking number are recorded, the carrier is not called; the despatch note is asked for as the
    transition is configured."""
    company = cargo_company_named(params.cargo_company, "input_parameters.cargo_company")
    TransferOrder.objects.filter(pk=transfer.pk).update(
        cargo_company=company, tracking_number=params.tracking_number
    )
    data = CarrierData(company.pk, params.tracking_number)
    record_shipment(transfer, run, data, "named when the transfer was made ready")
    ask_for_note(transfer, run)
