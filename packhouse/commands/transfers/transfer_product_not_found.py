"""TransferProductNotFoundCommand (page 20)."""

from packhouse.commands.transfers.other_sources import ask_stock, find_other_sources
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.params import NoParams
from packhouse.orders.messages import ReschedulePackage
from packhouse.transfers.models import TransferItem, TransferOrder
from packhouse.transfers.states import TransferStatus as State


@command(
    name="TransferProductNotFoundCommand",
    on="transfer",
    title={"en": "Product not found", "tr": "Ürün bulunamadı"},
    moves=[(State.WAITING, State.OUT_OF_STOCK)],
    prepare=ask_stock,
    sends=[ReschedulePackage],
    events=["transfer.status.created", "package.created", "package.updated"],
)
def transfer_product_not_found(transfer: TransferOrder, params: NoParams, run: Run) -> None:  # noqa: ARG001
    """The source's stock is corrected as for a package; planned again by the transfer scenario in the same
    transaction, never from this source, another transfer order is made; what no source has leaves the package as
    OUT_OF_STOCK."""
    items = TransferItem.objects.filter(transfer_order_id=transfer.pk).select_related("product")
    find_other_sources(transfer, list(items.order_by("id")), run)
