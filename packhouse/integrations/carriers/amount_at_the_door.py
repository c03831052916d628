"""What the back office says is collected at the door (page 80, 1.5)."""

from decimal import Decimal, InvalidOperation

from packhouse.integrations.failures import BadAnswer, Unavailable
from packhouse.integrations.http import ONCE
from packhouse.integrations.omnitron import conf
from packhouse.integrations.omnitron.client import Omnitron
from packhouse.orders.models import Order

ENDPOINT = "pay_on_delivery_transaction_amount"


def amount_of(order_id: int) -> Decimal:
    """`amount_without_loyalty_money` of the order, asked for now and kept on it.

    Raises OutsideFailure; also where the back office is not set up, or does not know the order.
    """
    remote_id = Order.objects.values_list("omnitron_id", flat=True).get(pk=order_id)
    client = Omnitron(ONCE)
    if remote_id is None or not conf.is_configured() or not client.offers(ENDPOINT):
        raise Unavailable("The back office cannot be asked what is collected at the door.")
    amount = _read(client.row(ENDPOINT, pk=remote_id))
    Order.objects.filter(pk=order_id).exclude(pay_on_delivery_amount=amount).update(
        pay_on_delivery_amount=amount
    )
    return amount


def _read(row: object) -> Decimal:
    given = row.get("amount_without_loyalty_money", row.get("amount")) if isinstance(row, dict) else None
    try:
        amount = Decimal(str(given))
    except InvalidOperation:
        raise BadAnswer("The back office names no amount to be collected at the door.") from None
    if not amount.is_finite() or amount < 0:
        raise BadAnswer(f"The back office names {given} to be collected at the door.")
    return amount.quantize(Decimal("0.01"))
