"""What each command needs to run on a package or transfer built for a test: parameters, and what must be there."""

from collections.abc import Callable
from typing import Any

from packhouse.kernel.machine import content_type_id, current
from packhouse.kernel.models import StateTransitionLog
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_cargo_company, a_denial_reason, a_location, a_product, a_shipment, some_stock

Parameters = dict[str, Any]


def came_from(package: Package, state: P) -> None:
    """The log says that the package entered its present state from this one."""
    present = current()
    StateTransitionLog.objects.create(
        content_type_id=content_type_id("package"),
        object_id=package.pk,
        old_state_id=present.state("package", state.value).id,
        new_state_id=present.state("package", str(package.state)).id,
    )


def _first(package: Package) -> Any:
    return package.items.order_by("id").first()


def _missing(package: Package) -> Parameters:
    item = _first(package)
    return {
        "package_items": [{"id": item.pk, "quantity": str(item.quantity), "discrepancy_reason": "not_found"}]
    }


def _barcodes(package: Package) -> Parameters:
    items = package.items.select_related("order_item__product")
    return {
        "barcodes": [
            {"order_item": item.order_item_id, "barcode": item.order_item.product.barcode} for item in items
        ]
    }


def _replacement(package: Package) -> Parameters:
    product = a_product()
    some_stock(stock_location=package.stock_location, sku=product.sku)
    return {"replacement_products": [{"package_item": _first(package).pk, "sku": product.sku}]}


def _groups(package: Package) -> Parameters:
    location = a_location(is_fulfillment_center=True)
    for item in package.items.select_related("order_item__product"):
        some_stock(stock_location=location, sku=item.order_item.product.sku)
    ids = [item.pk for item in package.items.order_by("id")]
    return {"assignment_groups": [{"package_items": ids, "stock_location": location.erp_code}]}


def _from_waiting(package: Package) -> Parameters:
    came_from(package, P.WAITING)
    return {}


def _with_shipment(package: Package) -> Parameters:
    a_shipment(package=package, registration="registered")
    return {"package_items": []}


PARAMETERS: dict[str, Callable[[Package], Parameters]] = {
    "ChannelBasedCompletePackagingCommand": _barcodes,
    "PreparePackageCommand": lambda _: {"select_items_by_omnitron_id": False},
    "PackageRefuseCommand": lambda _: {"denial_reason": a_denial_reason().pk},
    "DetectedOutOfStockItemCommand": _missing,
    "DetectedOutOfStockItemCommandAdvanced": _missing,
    "ReplaceProductCommand": _replacement,
    "UnblockThePackageCommand": _from_waiting,
    "ManualPlanningCommand": _groups,
    "ReleaseFromCancellationCommand": _from_waiting,
    "UpdateInvoiceOfThePackageCommand": lambda _: {"invoice_number": "INV1"},
    "UpdateShipmentInfoOfThePackageCommand": lambda _: {"tracking_number": "T1"},
    "UpdateShipmentLabelOfThePackageCommand": _with_shipment,
    "ShipThePackageAdvancedCommand": lambda _: {
        "cargo_company": a_cargo_company().pk,
        "tracking_number": "T1",
    },
}
# Where a command ends otherwise than its row says: on the way through its target, or back where it came from.
ENDS: dict[str, P] = {
    "DetectedOutOfStockItemCommand": P.CANCELLED,
    "UnblockThePackageCommand": P.WAITING,
    "ReleaseFromCancellationCommand": P.WAITING,
}


def parameters(command: str, package: Package) -> Parameters:
    """The parameters with which the command runs on this package; what it needs is made."""
    return PARAMETERS.get(command, lambda _: {})(package)


def end(command: str, source: P, target: str | None) -> str:
    """The state in which the package stands after the command."""
    if command == "ReschedulePackageCommand" and source is P.OUT_OF_STOCK:
        return source.value  # nowhere is any stock: it stays
    return str(ENDS.get(command) or target or source)
