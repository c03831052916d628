"""The columns of an order that follow from its document alone."""

import hashlib
import json
from decimal import Decimal
from typing import Any

from packhouse.catalog.models import Channel, PaymentOption
from packhouse.commands.orders.order_document import ItemPart, OrderPart
from packhouse.kernel import clock

TOLERANCE = Decimal("0.01")
_NOTHING = Decimal(0)


def order_columns(order: OrderPart, channel: Channel, payment: PaymentOption | None) -> dict[str, Any]:
    """What is told, under the names of our columns (A6). What is absent has its default."""
    payment_type = payment.payment_type if payment and payment.payment_type else None
    return {
        "payment_option_id": payment.pk if payment else None,
        "payment_type": payment_type or order.payment_type or order.payment_option_slug or "",
        "currency": (order.currency or channel.currency).lower(),
        "amount": order.gross if order.amount is None else order.amount,
        **_amounts(order),
        **_delivery(order),
        **_told_remotely(order),
        "notes": order.notes,
        "has_gift_box": bool(order.has_gift_box),
        "gift_box_note": order.gift_box_note,
        "client_type": order.client_type or "default",
        "language_code": order.language_code or "tr-tr",
        "segment": order.segment,
        "external_status": order.external_status,
        "remote_addr": order.remote_addr,
        "extra_field": order.extra_field or {},
        "remote_data": order.rest,
        "remote_modified_date": order.modified_date,
    }


def _amounts(order: OrderPart) -> dict[str, Any]:
    return {
        "discount_amount": order.discount_amount or _NOTHING,
        "shipping_amount": order.shipping_amount or _NOTHING,
        "net_shipping_amount": order.net_shipping_amount,
        "shipping_tax_rate": order.shipping_tax_rate,
        "shipping_interest_amount": order.shipping_interest_amount,
        "refund_amount": order.refund_amount or _NOTHING,
        "installment": order.installment,
        "installment_count": order.installment_count if 0 < (order.installment_count or 0) < 1000 else 1,
        "installment_interest_amount": order.installment_interest_amount or _NOTHING,
    }


def _delivery(order: OrderPart) -> dict[str, Any]:
    window = order.delivery_range
    return {
        "delivery_type": order.delivery_type or "standard",
        "delivery_range_start": window.start if window else None,
        "delivery_range_end": window.end if window else None,
        "shipping_option_slug": order.shipping_option_slug,
        "tracking_number": order.tracking_number,
        "carrier_shipping_code": order.carrier_shipping_code,
        "defined_tracking_url": order.defined_tracking_url,
    }


def _told_remotely(order: OrderPart) -> dict[str, Any]:
    """Kept as the back office has them, never planned on."""
    return {
        "invoice_number": order.invoice_number,
        "invoice_date": order.invoice_date,
        "e_archive_url": order.e_archive_url,
        "is_send": bool(order.is_send),
        "cancellation_info": order.cancellation_info,
    }


def warnings_of(order: OrderPart) -> list[dict[str, Any]]:
    """What looks wrong and is taken all the same."""
    if order.amount is None or abs(order.amount - order.gross) <= TOLERANCE:
        return []
    return [{"code": "amount_differs", "amount": str(order.amount), "items_and_shipping": str(order.gross)}]


def order_hash(order: OrderPart) -> str:
    """Of everything but the lines; equal content has equal hashes."""
    return _hash(order.model_dump(mode="json", exclude={"items"}))


def item_hash(item: ItemPart) -> str:
    return _hash(item.model_dump(mode="json"))


def _hash(document: dict[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def placed_at(order: OrderPart) -> Any:
    return order.date_placed or clock.now()
