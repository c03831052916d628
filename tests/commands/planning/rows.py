"""What planning wrote, with natural keys instead of ids and without times, so that two runs can be compared."""

import json
from typing import Any

from packhouse.inventory.models import Reservation, Stock
from packhouse.kernel.models import Event, ExceptionEntry, StateTransitionLog
from packhouse.locations.models import StockLocation
from packhouse.orders.models import Order
from packhouse.packages.models import Package, PackageItem
from packhouse.planning.models import ExecutionPlan, ExecutionPlanItem, PackagePlan
from packhouse.transfers.models import TransferItem, TransferOrder

Table = list[Any]
# A payload shows its location's quota as the transaction leaves it, with all orders of the batch.
_PASSING = frozenset(
    [
        "quota",
        "available_quota",
        "id",
        "pk",
        "package",
        "package_item",
        "transfer_item",
        "transfer_order",
        "previous_package",
        "execution_plan",
        "plan",
        "taken_at",
        "date",
        "packages",
    ]
)


def written() -> dict[str, Table]:
    """By table, its rows as sorted texts."""
    tables: dict[str, Table] = {
        "order": list(Order.objects.values_list("number", "state", "sequence")),
        "package": list(
            Package.objects.values_list(
                "number",
                "order__number",
                "stock_location__erp_code",
                "state",
                "holds_quota",
                "previous_package__number",
                "scenario",
                "sequence",
            )
        ),
        "package item": list(
            PackageItem.objects.values_list(
                "package__number", "order_item_id", "state", "quantity", "taken", "order_code"
            )
        ),
        "transfer": list(
            TransferOrder.objects.values_list(
                "number", "package__number", "source__erp_code", "destination__erp_code", "state", "sequence"
            )
        ),
        "transfer item": list(
            TransferItem.objects.values_list(
                "transfer_order__number", "product__sku", "quantity", "state", "unit_type"
            )
        ),
        "reservation": list(
            Reservation.objects.values_list(
                "stock_location__erp_code",
                "sku",
                "quantity",
                "package_item__package__number",
                "transfer_item__transfer_order__number",
            )
        ),
        "stock": list(Stock.objects.values_list("stock_location__erp_code", "sku", "on_hand", "reserved")),
        "quota": list(StockLocation.objects.values_list("erp_code", "quota")),
        "plan": [
            (number, state, reason, attempt, tries, version, lasting(kept))
            for number, state, reason, attempt, tries, version, kept in ExecutionPlan.objects.values_list(
                *("order__number", "state", "reason", "attempt", "tries", "scenario_version", "explanation")
            )
        ],
        "plan item": list(
            ExecutionPlanItem.objects.values_list(
                *("plan__order__number", "order_item_id", "quantity", "state", "reason"),
                *("package_item__package__number", "stock_location__erp_code"),
            )
        ),
        "package plan": list(PackagePlan.objects.values_list("package__number", "plan__order__number")),
        "exception": list(ExceptionEntry.objects.values_list("kind", "subject", "message", "count")),
        **_told(),
    }
    return {name: sorted(map(repr, rows)) for name, rows in tables.items()}


def _told() -> dict[str, Table]:
    names = {f"package/{pk}": number for pk, number in Package.objects.values_list("id", "number")}
    names |= {
        f"transfer_order/{pk}": number for pk, number in TransferOrder.objects.values_list("id", "number")
    }
    names |= {f"order/{pk}": number for pk, number in Order.objects.values_list("id", "number")}
    events = Event.objects.select_related("payload").order_by("cursor")
    by_id = {
        **{("package", pk): name for pk, name in Package.objects.values_list("id", "number")},
        **{("transferorder", pk): name for pk, name in TransferOrder.objects.values_list("id", "number")},
    }
    return {
        "event": [
            (
                *(event.type, names[event.subject], event.sequence, event.channel_id, event.erp_codes),
                lasting(json.loads(event.payload.body)),
            )
            for event in events
        ],
        "log": [
            (by_id[row.content_type.model, row.object_id], row.old_state_id, row.new_state_id, row.attributes)
            for row in StateTransitionLog.objects.select_related("content_type")
        ],
    }


def lasting(document: Any) -> Any:
    """A document without what differs from run to run: ids that are drawn, and times."""
    if isinstance(document, dict):
        return {
            key: lasting(value)
            for key, value in document.items()
            if key not in _PASSING and not key.endswith("_date")
        }
    if isinstance(document, list):
        return [lasting(each) for each in document]
    return document
