"""The payment rows an order brings with it, by the kind of its payment option."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.omnitron.rules.statuses import PAYMENT_WAITING
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store
from sandbox.omnitron.values import money

PAY_ON_DELIVERY, FUNDS_TRANSFER = "pay_on_delivery", "funds_transfer"


def payment_rows(
    order: Row, payment_type: str | None, loyalty: Decimal = Decimal(0)
) -> dict[str, dict[str, Any]]:
    """The row of each payment table that belongs to an order, without ids; `loyalty` is what points paid."""
    if payment_type is None:
        return {}
    status = "waiting" if order["status"] == PAYMENT_WAITING or payment_type == PAY_ON_DELIVERY else "success"
    common = {"order": order["id"], "currency": order["currency"], "status": status}
    rest = money(Decimal(order["amount"]) - loyalty)
    option = {"payment_option": order["payment_option"]}
    if payment_type == PAY_ON_DELIVERY:
        amounts = {"amount": order["amount"], "amount_without_loyalty_money": rest}
        rows = {"pay_on_delivery_transaction": {**common, **option, **amounts}}
    elif payment_type == FUNDS_TRANSFER:
        holder = {"iban": None, "holder_name": None}
        rows = {"funds_transfer_transaction": {**common, **holder, "amount": order["amount"]}}
    else:
        rows = {"transaction": {**common, **option, "amount": order["amount"]}}
    if loyalty:
        rows["loyalty_transaction"] = {**common, "status": "success", "amount": money(loyalty)}
    return rows


def record_payment(store: Store, order: Row) -> None:
    """Write an order's payment rows and the list of them."""
    option = store.get(TABLES["payment_option"], order["payment_option"])
    for name, values in payment_rows(order, option["payment_type"] if option else None).items():
        row = store.insert(TABLES[name], values)
        store.insert(TABLES["order_transaction"], order_transaction(name, row))


def order_transaction(name: str, row: Row) -> dict[str, Any]:
    """The row of the common list for one payment row."""
    common = {key: row[key] for key in ("order", "amount", "currency", "status")}
    return {**common, "transaction_type": name, "transaction": row["id"]}
