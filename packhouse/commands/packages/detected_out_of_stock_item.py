"""DetectedOutOfStockItemCommand, DETECTED_OUT_OF_STOCK_ITEM (page 20)."""

from packhouse.commands.packages.missing_items import (
    MissingParams,
    found_missing,
    missing_items_fit,
    replan_whole,
)
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.orders.messages import PlanOrder
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State

DETECTED_IN = (State.WAITING, State.PREPARING, State.READY_FOR_PACKAGING)


@command(
    name="DetectedOutOfStockItemCommand",
    code="DETECTED_OUT_OF_STOCK_ITEM",
    on="package",
    title={"en": "Out of stock", "tr": "Stokta yok"},
    moves=[(source, State.OUT_OF_STOCK) for source in DETECTED_IN],
    params=MissingParams,
    requires=[missing_items_fit],
    sends=[PlanOrder],
)
def detected_out_of_stock_item(package: PackageInHand, params: MissingParams, run: Run) -> State:
    """Reservations are deleted; a discrepancy is recorded; the location's stock of each missing SKU is corrected
    (`not_found`: nothing free is left; else − quantity, unless taken already); the package is OUT_OF_STOCK, then
    cancelled, and all its items are planned again, the missing SKUs never from this location for this order."""
    return replan_whole(package, found_missing(package, params), run)
