"""A body for every command that callers run: shown in the schema and the documentation, sent by a test.

Package 501 has the items 41 and 42: one unit of SKU-1 (order item 12) and two of SKU-2 (order item 13).
Transfer 91 brings its items 210 and 211.
"""

from collections.abc import Mapping
from typing import Any, Final

_SCANNED: Final = [
    {"order_item": 12, "barcode": "8680000000012"},
    {"order_item": 13, "barcode": "8680000000029"},
]
_ONE_DAMAGED: Final = [{"id": 42, "quantity": 1, "discrepancy_reason": "damaged"}]


def _body(slug: str, **parameters: Any) -> dict[str, Any]:
    return {"slug": slug, "input_parameters": parameters} if parameters else {"slug": slug}


EXAMPLES: Final[Mapping[str, dict[str, Any]]] = {
    "CompletePackagingCommand": _body(
        "complete-packaging",
        barcodes=_SCANNED,
        parcels=[{"weight": "1.200", "width": 30, "height": 10, "length": 20, "package_items": [41, 42]}],
    ),
    "CompletePackagingWithoutShipmentCommand": _body(
        "complete-packaging-without-shipment", barcodes=_SCANNED[:1]
    ),
    "ChannelBasedCompletePackagingCommand": _body("channel-based-complete-packaging", barcodes=_SCANNED),
    "DeAllocatePackageReservationsCommand": _body("deallocate-reservations"),
    "PackageStateTransitionCommand": _body(
        "start-preparing",
        package_items=[{"id": 41, "barcode": "8680000000012", "serial_no": "SN-77", "unit_weight": "0.400"}],
    ),
    "PreparePackageCommand": _body(
        "prepare-package",
        select_items_by_omnitron_id=False,
        out_of_stock_products=[{"item": 42, "quantity": 1, "discrepancy_reason": "not_found"}],
        replacement_products=[{"item": 41, "sku": "SKU-3"}],
        remaining_products=[{"item": 42, "barcode": "8680000000029"}],
    ),
    "PackageRefuseCommand": _body("refuse", denial_reason=3, package_items=[41]),
    "DetectedOutOfStockItemCommand": _body("out-of-stock", package_items=_ONE_DAMAGED),
    "DetectedOutOfStockItemCommandAdvanced": _body("out-of-stock-item", package_items=_ONE_DAMAGED),
    "ReplaceProductCommand": _body(
        "replace-product", replacement_products=[{"package_item": 41, "sku": "SKU-3"}]
    ),
    "PackagePackedForRefundCommand": _body("packed-for-refund"),
    "BlockThePackageCommand": _body("block", user="erp-7", reason="fraud check"),
    "UnblockThePackageCommand": _body("unblock"),
    "UpdateInvoiceOfThePackageCommand": _body(
        "update-invoice",
        invoice_number="INV2026000000501",
        invoice_date="2026-03-02",
        document_type="pdf",
        document="JVBERi0xLjQKJSBpbnZvaWNlCg==",
    ),
    "ManualPlanningCommand": _body(
        "plan-by-hand",
        assignment_groups=[
            {"package_items": [41], "stock_location": "369"},
            {"package_items": [42], "stock_location": "WH-1"},
        ],
    ),
    "CancelPackageCommand": _body("cancel", package_items=[{"id": 42, "quantity": 1}]),
    "ReturnToStockCommand": _body("return-to-stock", package_items=[{"id": 41, "condition": "damaged"}]),
    "ReschedulePackageCommand": _body("reschedule"),
    "ReadyForPickupCommand": _body("ready-for-pickup"),
    "SelfServicePackageDeliveryCommand": _body("hand-over", reason="shows an identity card"),
    "ShipThePackageCommand": _body("ship-the-package"),
    "ShipThePackageBasicCommand": _body("ship-without-integration"),
    "ShipThePackageAdvancedCommand": _body(
        "ship-with-tracking-number",
        cargo_company="example-kargo",
        tracking_number="7300001234567",
        tracking_url="https://carrier.example.com/t/7300001234567",
    ),
    "UpdatePackageShipmentStatusCommand": _body("delivered", delivered_date="2026-03-04T15:20:00+03:00"),
    "UpdateShipmentInfoOfThePackageCommand": _body("update-shipment-info", tracking_number="7300001234568"),
    "UpdateShipmentLabelOfThePackageCommand": _body("update-shipment-label-from-packed", package_items=[]),
    "TransferReadyForDispatchCommand": _body("transfer-ready"),
    "TransferOrderAdvancedCommand": _body(
        "transfer-ready-with-tracking-number", cargo_company=695, tracking_number="7300001234569"
    ),
    "TransferDispatchCommand": _body("transfer-dispatch"),
    "TransferDeliveredCommand": _body("transfer-delivered"),
    "TransferProductNotFoundCommand": _body("transfer-product-not-found"),
    "TransferOutOfStockCommand": _body("transfer-out-of-stock", transfer_items=[210]),
}
