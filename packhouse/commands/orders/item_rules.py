"""Rules for one order line: its status, its quantity, its money (page 70, A5 and A6)."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from packhouse.commands.orders.document_types import CENT, THOUSANDTH, as_decimal
from packhouse.commands.orders.held_units import Held
from packhouse.commands.orders.order_document import ItemPart
from packhouse.orders.models import OrderItem
from packhouse.orders.states import OrderStatus

# Taken from the back office also after a package holds the item; 100 is taken by cancelling its packages.
TAKEN_LATE = (OrderStatus.CANCELLATION_WAITING, OrderStatus.REFUNDED)


def new_state(item: OrderItem | None, told: OrderStatus | None, held: Held) -> tuple[str, str | None]:
    """The item's state, and what the back office says where that is another (`omnitron_status`).

    Until a package holds the item, what is told is taken as it is. Afterwards only 50 and 600 are taken at once
    (100 by the cancel that follows), and an item that leaves 50 goes back to what its packages say.
    """
    if item is None:
        return (told or OrderStatus.APPROVED).value, None
    if told is None:
        return item.state, item.omnitron_status
    given_up = item.state == OrderStatus.CANCELED and (held.ever or item.cancelled_quantity >= item.quantity)
    if given_up:
        return item.state, _aside(told, item.state)
    if not held.ever or told in TAKEN_LATE:
        return told.value, None
    if item.state == OrderStatus.CANCELLATION_WAITING and told is not OrderStatus.CANCELED:
        return OrderStatus.APPROVED.value, _aside(told, OrderStatus.APPROVED.value)
    return item.state, _aside(told, item.state)


def _aside(told: OrderStatus, ours: str) -> str | None:
    return None if told.value == ours else told.value


def quantity_of(part: ItemPart, quantity_key: str) -> Decimal | None:
    """The units of a line: its quantity, else the attribute of merged lines; None where nothing says it."""
    if part.quantity is not None:
        return part.quantity
    if quantity_key not in (part.attributes or {}):
        return None
    try:
        units = as_decimal((part.attributes or {})[quantity_key])
    except ValueError:
        return None
    if units is None or not 0 < units < 10**9:
        return None
    return units.quantize(THOUSANDTH, ROUND_HALF_UP) or None


def money_of(part: ItemPart) -> dict[str, Any]:
    """Amounts as told; where tax and net are absent they follow from the price, tax included, half up."""
    price, discount = part.price or Decimal(0), part.discount_amount or Decimal(0)
    gross, rate = price - discount, max(part.tax_rate or Decimal(0), Decimal(0))
    tax = part.tax_amount
    if tax is None:
        tax = (gross * rate / (100 + rate)).quantize(CENT, ROUND_HALF_UP)
    return {
        "price": price,
        "discount_amount": discount,
        "tax_rate": rate,
        "tax_amount": tax,
        "net_amount": gross - tax if part.net_amount is None else part.net_amount,
        "without_net_amount": part.without_net_amount,
        "retail_price": part.retail_price,
        "installment_interest_amount": part.installment_interest_amount or Decimal(0),
    }
