"""Orders."""

from collections.abc import Iterable

from packhouse.kernel import machine
from packhouse.kernel.machine import Machine
from packhouse.payloads import order_item, people, short
from packhouse.payloads.formats import Document, moments, stored_values
from packhouse.payloads.sql import NO_COMMANDS, Statement, one
from packhouse.payloads.state import put_state

_CHANNEL = one("c.id, c.name, c.omnitron_id, c.channel_type", "catalog_channel c WHERE c.id = o.channel_id")
_PAYMENT = one(
    "y.id AS pk, y.name, y.slug, y.payment_type", "catalog_paymentoption y WHERE y.id = o.payment_option_id"
)
# Planning stands above this floor; its table alone is read, for the one id that the document shows.
_PLAN = "(SELECT max(e.id) FROM planning_executionplan e WHERE e.order_id = o.id)"
_COLUMNS = f"""
    o.id, o.state, {NO_COMMANDS}, {order_item.items_of_order("o.id")} AS orderitem_set, o.omnitron_id, o.number,
    {_CHANNEL} AS channel, {people.customer("o.customer_id")} AS customer,
    {people.address("o.shipping_address_id")} AS shipping_address,
    {people.address("o.billing_address_id")} AS billing_address, o.date_placed, o.currency, o.amount,
    o.discount_amount, o.shipping_amount, o.shipping_tax_rate, o.refund_amount, o.installment,
    o.installment_count, {_PAYMENT} AS payment_option, o.payment_type,
    {short.cargo_company("o.cargo_company_id")} AS cargo_company, o.delivery_type,
    {short.DELIVERY_RANGE} AS delivery_range, o.shipping_option_slug, o.tracking_number, o.carrier_shipping_code,
    o.invoice_number, o.invoice_date, o.e_archive_url, o.notes, o.has_gift_box, o.gift_box_note, o.client_type,
    o.language_code, o.segment, o.external_status, o.remote_addr, o.is_send, o.extra_field::text AS extra_field,
    o.retail_store_id AS retail_store, {short.packages_of_order("o.id")} AS package_set,
    {_PLAN} AS execution_plan, o.sequence, o.created_date, o.modified_date, o.remote_modified_date
"""
_ORDERS = Statement(_COLUMNS, "orders_order o", "o.id")
_SUMMARIES = Statement(f"o.id, {short.ORDER} AS summary", "orders_order o", "o.id")


def documents(ids: Iterable[int]) -> dict[int, Document]:
    """Whole orders by id: the API's answer and the payload of `order.*`. One statement."""
    rows = _ORDERS.rows(ids)
    present = machine.current()
    for row in rows.values():
        _finish(row, present)
    return rows


def _finish(row: Document, present: Machine) -> None:
    put_state(row, present, "order")
    for item in row["orderitem_set"]:
        order_item.finish(item, present)
    people.finish_customer(row["customer"])
    people.finish_address(row["shipping_address"])
    people.finish_address(row["billing_address"])
    short.finish_delivery_range(row)
    moments(row, "date_placed", "invoice_date", "created_date", "modified_date", "remote_modified_date")
    stored_values(row, "extra_field")


def summaries(ids: Iterable[int]) -> dict[int, Document]:
    """How an order stands inside packages, transfers and execution plans, by id. One statement."""
    rows = _SUMMARIES.rows(ids)
    present = machine.current()
    for row in rows.values():
        short.finish_order(row["summary"], present)
    return {key: row["summary"] for key, row in rows.items()}


def item_documents(ids: Iterable[int]) -> dict[int, Document]:
    """Rows of `order_items/` by id. One statement."""
    return order_item.documents(ids)
