"""DetectedOutOfStockItemCommandAdvanced (page 20)."""

from packhouse.commands.packages.detected_out_of_stock_item import DETECTED_IN
from packhouse.commands.packages.missing_items import (
    MissingParams,
    found_missing,
    missing_items_fit,
    quantities,
    replan_whole,
    split_missing,
)
from packhouse.commands.packages.parts import is_everything
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.orders.messages import PlanOrder, ReschedulePackage
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State


@command(
    name="DetectedOutOfStockItemCommandAdvanced",
    aliases=["DetectedOutOfStockItemAdvancedCommand"],
    on="package",
    title={"en": "Item out of stock", "tr": "Kalem stokta yok"},
    moves=[(source, None) for source in DETECTED_IN],
    params=MissingParams,
    requires=[missing_items_fit],
    sends=[PlanOrder, ReschedulePackage],
    events=["package.created", "package.updated"],
)
def detected_out_of_stock_item_advanced(
    package: PackageInHand, params: MissingParams, run: Run
) -> State | None:
    """The same record and correction; only the missing items are split off, OUT_OF_STOCK, and planned elsewhere;
    the others stay in the package and keep their state. All of them missing: as the plain command."""
    missing = found_missing(package, params)
    if is_everything(package, quantities(missing)):
        return replan_whole(package, missing, run)
    split_missing(package, missing, run)
    return None
