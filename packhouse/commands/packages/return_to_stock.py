"""ReturnToStockCommand (page 20): a parcel that could not be handed over came back."""

from typing import Literal

from django.db.models import F
from pydantic import Field

from packhouse.commands.inventory.lacking import plan_what_lacked
from packhouse.commands.packages.effects import cancel_invoice
from packhouse.inventory.corrections import put_returned_back
from packhouse.invoicing.messages import RequestInvoice
from packhouse.kernel import settings_store
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import ForeignItem, InvalidParameter
from packhouse.kernel.params import Id, Params
from packhouse.orders.messages import SyncOrderStatus
from packhouse.orders.models import OrderItem
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State
from packhouse.shipments.models import Shipment

PATH = "input_parameters.package_items"


class ReturnedItem(Params):
    id: Id
    """Id of the package item."""

    condition: Literal["sellable", "damaged"]
    """Sellable units go back on the shelf."""


class ReturnParams(Params):
    """How the parcel came back."""

    package_items: list[ReturnedItem] = Field(default_factory=list)
    """Those that are not named are sellable."""


def items_are_own(package: PackageInHand, params: ReturnParams) -> None:
    """Each item is of this package, and named once."""
    seen: set[int] = set()
    for index, returned in enumerate(params.package_items):
        if package.item(returned.id) is None:
            raise ForeignItem({f"{PATH}.{index}.id": [f"Package item {returned.id} is not in this package."]})
        if returned.id in seen:
            raise InvalidParameter({f"{PATH}.{index}.id": [f"Package item {returned.id} is named twice."]})
        seen.add(returned.id)


@command(
    name="ReturnToStockCommand",
    on="package",
    title={"en": "Return to stock", "tr": "Stoğa iade al"},
    moves=[
        (source, State.CANCELLED)
        for source in (State.DELIVERY_FAILED, State.READY_FOR_PICKUP, State.ATTEMPTED_DELIVERY)
    ],
    params=ReturnParams,
    requires=[items_are_own],
    sends=[SyncOrderStatus, RequestInvoice],
)
def return_to_stock(package: PackageInHand, params: ReturnParams, run: Run) -> None:
    """The parcel came back: sellable units go back to the location's count, order items become cancelled (100),
    counted as `cancelled_quantity`; the invoice is cancelled as configured; Omnitron is told the reason of
    `OMNITRON_FAILED_CANCELLATION_REASON_ID`."""
    damaged = {returned.id for returned in params.package_items if returned.condition == "damaged"}
    sellable = [(item.id, item.sku) for item in package.items if item.id not in damaged]
    put_returned_back(package.stock_location_id, sellable)
    plan_what_lacked({sku for _, sku in sellable})
    for item in package.items:
        OrderItem.objects.filter(pk=item.order_item_id).update(
            cancelled_quantity=F("cancelled_quantity") + item.quantity
        )
    Shipment.objects.filter(package_id=package.id, is_current=True).update(next_poll_date=None)
    cancel_invoice(package, run)
    run.report_fields["cancellation_reason"] = settings_store.get("OMNITRON_FAILED_CANCELLATION_REASON_ID")
