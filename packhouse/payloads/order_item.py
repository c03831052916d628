"""Order items, with their product."""

from collections.abc import Iterable

from packhouse.kernel import machine
from packhouse.kernel.machine import Machine
from packhouse.payloads import product
from packhouse.payloads.formats import Document, moments, quantities, stored_values
from packhouse.payloads.sql import NO_COMMANDS, Statement, listed, many, one
from packhouse.payloads.state import put_state

_PACKAGES = listed(
    "DISTINCT pi.package_id", "packages_packageitem pi WHERE pi.order_item_id = i.id ORDER BY pi.package_id"
)
_COLUMNS = f"""
    i.id, i.state, {NO_COMMANDS}, {product.product("i.product_id")} AS product, i.created_date, i.modified_date,
    i.omnitron_id, i.net_amount, i.price, i.price_currency, i.retail_price, i.tax_rate, i.tax_amount,
    i.discount_amount, i.without_net_amount, i.installment_interest_amount, i.attributes::text AS attributes,
    i.attributes_kwargs::text AS attributes_kwargs, i.image, i.price_list, i.stock_list,
    i.extra_field::text AS extra_field, i.parent_omnitron_id, i.order_id AS "order", i.quantity,
    i.cancelled_quantity, NULL AS unit_type, i.cancel_status, i.tracking_number, i.estimated_delivery_date,
    i.delivered_date, {_PACKAGES} AS packages
"""
_ITEMS = Statement(_COLUMNS, "orders_orderitem i", "i.id")


def order_item(id: str) -> str:
    """The order item with this id expression, as a column."""
    return one(_COLUMNS, f"orders_orderitem i WHERE i.id = {id}")


def items_of_order(id: str) -> str:
    return many(_COLUMNS, f"orders_orderitem i WHERE i.order_id = {id} ORDER BY i.id")


def finish(row: Document, present: Machine) -> None:
    put_state(row, present, "order_item")
    product.finish(row["product"])
    row["unit_type"] = row["product"]["unit_type"]
    moments(row, "created_date", "modified_date", "estimated_delivery_date", "delivered_date")
    stored_values(row, "attributes", "attributes_kwargs", "extra_field")
    quantities(row, "quantity", "cancelled_quantity")


def documents(ids: Iterable[int]) -> dict[int, Document]:
    """Rows of `order_items/` by id. One statement."""
    rows = _ITEMS.rows(ids)
    present = machine.current()
    for row in rows.values():
        finish(row, present)
    return rows
