"""Orders and what hangs on them: items, discounts, payments, cancellations."""

from __future__ import annotations

from sandbox.omnitron.schema.fields import (
    Field,
    Table,
    document,
    flag,
    integer,
    link,
    moment,
    money,
    number,
    text,
)

PAYMENT_OPTION = Table(
    "payment_option",
    (text("name"), text("slug"), text("payment_type"), flag("is_active", True), document("config", {})),
    first_id=61,
)

ORDER = Table(
    "order",
    (
        text("number"),
        link("channel"),
        text("status"),
        moment("date_placed"),
        link("customer"),
        link("shipping_address", "address"),
        link("billing_address", "address"),
        text("currency", "try"),
        money("amount"),
        money("shipping_amount"),
        number("shipping_tax_rate"),
        money("net_shipping_amount"),
        money("discount_amount"),
        money("refund_amount"),
        integer("installment_count"),
        money("installment_interest_amount"),
        money("shipping_interest_amount"),
        link("payment_option"),
        text("payment_option_slug"),
        link("cargo_company"),
        text("tracking_number"),
        text("carrier_shipping_code"),
        text("defined_tracking_url"),
        text("delivery_type"),
        document("delivery_range"),
        text("shipping_option_slug"),
        text("notes"),
        flag("has_gift_box"),
        text("gift_box_note"),
        text("language_code"),
        text("client_type", "default"),
        text("segment"),
        text("external_status"),
        text("remote_addr"),
        document("extra_field", {}),
        text("invoice_number"),
        moment("invoice_date"),
        text("e_archive_url"),
        flag("is_send"),
        document("cancellation_info"),
    ),
    model="order",
    unique=(("channel", "number"),),
    indexes=(
        ("number",),
        ("status",),
        ("modified_date",),
        ("date_placed",),
        ("customer",),
        ("is_send", "status"),
    ),
    aliases={"cancel_status": "items__cancel_status", "channel_type": "channel__channel_type"},
    reverse={"items": ("order_item", "order")},
    first_id=1001,
)

ORDER_ITEM = Table(
    "order_item",
    (
        link("order"),
        text("order_number"),
        link("channel", hidden=True),
        link("parent", "order_item"),
        link("product"),
        text("status"),
        text("cancel_status"),
        link("price_list"),
        link("stock_list"),
        money("price"),
        text("price_currency", "try"),
        number("retail_price"),
        number("tax_rate"),
        money("discount_amount"),
        money("installment_interest_amount"),
        number("net_amount"),
        number("tax_amount"),
        number("without_net_amount"),
        document("attributes", {}),
        document("attributes_kwargs", {}),
        document("extra_field", {}),
        text("image"),
        text("tracking_number"),
        text("carrier_shipping_code"),
        text("shipping_company"),
        text("invoice_number"),
        moment("invoice_date"),
        text("e_archive_url"),
        moment("delivered_date"),
        moment("estimated_delivery_date"),
        integer("reserved", 0, hidden=True),
    ),
    model="orderitem",
    indexes=(("order",), ("channel",), ("status",), ("cancel_status",), ("modified_date",), ("product",)),
    first_id=30001,
)

DISCOUNT_ITEM = Table(
    "discount_item",
    (
        text("name"),
        money("amount"),
        link("order"),
        text("offer_type"),
        text("code"),
        document("promotion"),
        document("benefitapplicant_set", []),
    ),
    indexes=(("order",),),
)


def _payment(name: str, *extra: Field) -> Table:
    fields = (link("order"), money("amount"), text("currency", "try"), text("status"), *extra)
    return Table(name, fields, indexes=(("order",),))


TRANSACTION = _payment("transaction", link("payment_option"))
ORDER_TRANSACTION = _payment("order_transaction", text("transaction_type"), integer("transaction"))
PAY_ON_DELIVERY_TRANSACTION = _payment(
    "pay_on_delivery_transaction", money("amount_without_loyalty_money"), link("payment_option")
)
LOYALTY_TRANSACTION = _payment("loyalty_transaction")
FUNDS_TRANSFER_TRANSACTION = _payment("funds_transfer_transaction", text("iban"), text("holder_name"))
BEX_TRANSACTION = _payment("bex_transaction")

CANCELLATION_REASON = Table(
    "cancellation_reason",
    (
        text("cancellation_type"),
        text("subject"),
        flag("is_active", True),
        flag("send_to_oms"),
        flag("send_to_remote"),
        integer("order", 100),
        document("translations", {}),
        text("uuid"),
        flag("extra_information_needed"),
    ),
)
CANCELLATION_PLAN = Table(
    "cancellation_plan",
    (
        link("order"),
        link("channel", hidden=True),
        text("plan_type"),
        text("status", "waiting"),
        document("cancellation_items", []),
        text("forced_refund_amount"),
        flag("is_cargo_refund"),
        text("refund_invoice_number"),
        document("ibans", {}),
        document("holder_names", {}),
    ),
    model="cancellationplan",
    indexes=(("order", "status"), ("channel",), ("modified_date",)),
    aliases={
        "cancellation_plan_status": "status",
        "order_number": "order__number",
        "channel_type": "channel__channel_type",
    },
    first_id=2801,
)
CANCELLATION_REQUEST = Table(
    "cancellation_request",
    (
        link("order_item"),
        link("channel", hidden=True),
        link("reason", "cancellation_reason"),
        text("remote_id"),
        text("description"),
        text("cancellation_type", "cancel"),
        text("status", "waiting_approval"),
        document("easy_return"),
    ),
    key="id",
    model="cancellationrequest",
    indexes=(("order_item",), ("channel",)),
)
