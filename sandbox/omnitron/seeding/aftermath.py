"""What has become of an order since it was placed: discounted, cancelled, shipped, delivered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sandbox.omnitron import clock
from sandbox.omnitron.rules.statuses import CANCELED, CANCELLATION_WAITING, DELIVERED, order_status
from sandbox.omnitron.seeding.recipes import Recipe
from sandbox.omnitron.values import money

Row = dict[str, Any]
_SHIPPING_COMPANIES = {691: "example", 692: "sample", 693: "specimen"}
_CHANGED_MY_MIND = 1


def discount_row(order: Row, items: Sequence[Row], pk: int) -> Row:
    """The discount of an order, and which item has how much of it."""
    return {
        "id": pk,
        "name": "Ten percent off",
        "amount": order["discount_amount"],
        "order": order["id"],
        "offer_type": "site",
        "promotion": {"pk": 1, "name": "Ten percent off", "slug": "ten-percent-off"},
        "benefitapplicant_set": [
            {"order_item": each["id"], "amount": each["discount_amount"]} for each in items
        ],
        "created_date": order["created_date"],
        "modified_date": order["created_date"],
    }


def cancel(recipe: Recipe, order: Row, chosen: Sequence[Row], items: Sequence[Row], pk: int) -> Row:
    """Cancel the chosen items, or leave them waiting for it, as the recipe has it; returns the plan."""
    waiting = recipe.cancellation == "waiting"
    stamp = clock.to_text(recipe.placed + timedelta(hours=1))
    for each in chosen:
        each["status"] = CANCELLATION_WAITING if waiting else CANCELED
        each["cancel_status"] = "waiting" if waiting else "approved"
        each["modified_date"] = stamp
    order.update(
        status=order_status(each["status"] for each in items),
        cancellation_info={"plan": pk, "plan_type": "cancel", "items": [each["id"] for each in chosen]},
        modified_date=stamp,
    )
    if not waiting:
        back = sum((Decimal(each["price"]) - Decimal(each["discount_amount"]) for each in chosen), Decimal(0))
        order["refund_amount"] = money(back)
    return {
        "id": pk,
        "order": order["id"],
        "channel": order["channel"],
        "plan_type": "cancel",
        "status": recipe.cancellation,
        "cancellation_items": [{"order_item": each["id"], "reason": _CHANGED_MY_MIND} for each in chosen],
        "created_date": stamp,
        "modified_date": stamp,
    }


def ship(recipe: Recipe, order: Row, items: Sequence[Row]) -> None:
    """Invoice and tracking number; the day of arrival where it has arrived."""
    shipped = recipe.placed + timedelta(hours=20)
    arrived = recipe.placed + timedelta(hours=44)
    delivered = order["status"] == DELIVERED
    stamp = clock.to_text(arrived if delivered else shipped)
    number = f"EXM{recipe.placed.year}{order['id']:09d}"
    traces: Row = {
        "invoice_number": number,
        "invoice_date": clock.to_text(recipe.placed + timedelta(hours=18)),
        "e_archive_url": f"https://invoices.example.com/{number}",
    }
    order.update(traces, is_send=True, modified_date=stamp)
    for each in items:
        each.update(
            traces,
            tracking_number=order.get("tracking_number") or f"T{order['id']:010d}",
            shipping_company=_SHIPPING_COMPANIES.get(order["cargo_company"] or 0),
            delivered_date=stamp if delivered else None,
            modified_date=stamp,
        )
