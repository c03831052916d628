"""TransferOutOfStockCommand, TRANSFER_OUT_OF_STOCK (page 20)."""

from pydantic import Field

from packhouse.commands.transfers.other_sources import ask_stock, find_other_sources
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import ForeignItem
from packhouse.kernel.params import Id, Params
from packhouse.orders.messages import ReschedulePackage
from packhouse.transfers.models import TransferItem, TransferOrder
from packhouse.transfers.states import TransferStatus as State

PATH = "input_parameters.transfer_items"


class TransferOutOfStockParams(Params):
    """What the source does not have."""

    transfer_items: list[Id] = Field(default_factory=list)
    """Ids of those missing; left out: all."""


def items_are_own(transfer: TransferOrder, params: TransferOutOfStockParams) -> None:
    """Each item is of this transfer."""
    own = set(TransferItem.objects.filter(transfer_order_id=transfer.pk).values_list("id", flat=True))
    for index, item_id in enumerate(params.transfer_items):
        if item_id not in own:
            raise ForeignItem({f"{PATH}.{index}": [f"Transfer item {item_id} is not in this transfer."]})


@command(
    name="TransferOutOfStockCommand",
    code="TRANSFER_OUT_OF_STOCK",
    on="transfer",
    title={"en": "Out of stock", "tr": "Stokta yok"},
    moves=[(State.WAITING, State.OUT_OF_STOCK)],
    prepare=ask_stock,
    params=TransferOutOfStockParams,
    requires=[items_are_own],
    sends=[ReschedulePackage],
    events=["transfer.status.created", "package.created", "package.updated"],
)
def transfer_out_of_stock(transfer: TransferOrder, params: TransferOutOfStockParams, run: Run) -> None:
    """All items are planned again; the missing ones never from the same centre, the others may."""
    items = TransferItem.objects.filter(transfer_order_id=transfer.pk).select_related("product")
    missing = [
        item for item in items.order_by("id") if not params.transfer_items or item.pk in params.transfer_items
    ]
    find_other_sources(transfer, missing, run)
