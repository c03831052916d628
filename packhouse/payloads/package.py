"""Packages: whole, short, and their items. The whole form is on the path of every command."""

from collections.abc import Iterable

from packhouse.catalog.models import CustomerAddress
from packhouse.kernel import machine
from packhouse.kernel.machine import Machine
from packhouse.payloads import links, location, order_item, people, shipment, short
from packhouse.payloads.formats import Document, local_date, moments, quantities, stored_values
from packhouse.payloads.sql import NO_COMMANDS, Statement, many, one
from packhouse.payloads.state import put_state

_DENIAL = one(
    "d.id, d.title, d.remote_id, d.priority, d.is_active",
    "catalog_packagedenialreason d WHERE d.id = pi.denial_reason_id",
)
_TRANSFER_ITEM = "(SELECT max(ti.id) FROM transfers_transferitem ti WHERE ti.package_item_id = pi.id)"


def _item(package: str) -> str:
    return f"""
        pi.id, pi.state, {package} AS package, {order_item.order_item("pi.order_item_id")} AS order_item,
        pi.quantity, NULL AS unit_type, pi.unit_weight, pi.selected_barcode, pi.serial_no, pi.discrepancy_reason,
        {_DENIAL} AS denial_reason, pi.created_date, pi.modified_date, {_TRANSFER_ITEM} AS transfer_item
    """


_ITEMS = many(_item("pi.package_id"), "packages_packageitem pi WHERE pi.package_id = p.id ORDER BY pi.id")
_INVOICE = one(
    "v.number, v.date, v.document_type, NULL AS document_url, v.e_archive_url",
    "invoicing_invoice v WHERE v.package_id = p.id AND v.kind = 'invoice' AND v.state = 'received'",
)
_PACKAGES = Statement(
    f"""
    p.id, p.number, p.state, {NO_COMMANDS}, p.order_id, o.number AS order_number, {short.ORDER} AS "order",
    p.remote_id, o.date_placed, o.notes AS order_notes, o.channel_id AS channel, c.name AS channel_name,
    o.payment_type, NULL AS city, {short.DELIVERY_RANGE} AS delivery_range, p.shipment_date,
    NULL AS invoice_number, {_INVOICE} AS invoice, NULL AS shipping_label,
    {shipment.of_package("p.id")} AS shipment, {location.brief("p.stock_location_id")} AS stock_location,
    {_ITEMS} AS packageitem_set, NULL AS packageitem_count,
    {short.transfers_of_package("p.id")} AS transferorder_set, {people.customer("o.customer_id")} AS customer,
    {people.address("o.shipping_address_id")} AS shipping_address,
    {people.address("o.billing_address_id")} AS billing_address, NULL AS is_click_and_collect,
    o.retail_store_id AS retail_store, o.has_gift_box, o.gift_box_note, p.cancellation_failed,
    p.previous_package_id AS previous_package, p.scenario::text AS scenario, p.sequence, p.created_date,
    p.modified_date
    """,
    "packages_package p JOIN orders_order o ON o.id = p.order_id JOIN catalog_channel c ON c.id = o.channel_id",
    "p.id",
)


def documents(ids: Iterable[int]) -> dict[int, Document]:
    """Whole packages by id: the API's answer and the payload of `package.*`, `commands` empty.

    One statement; a second one when a location is not known to this process yet.
    """
    rows = _PACKAGES.rows(ids)
    present = machine.current()
    locations = location.complete([row["stock_location"] for row in rows.values()], present.version)
    for row, its_location in zip(rows.values(), locations, strict=True):
        row["stock_location"] = its_location
        _finish(row, present)
    return rows


def _finish(row: Document, present: Machine) -> None:
    put_state(row, present, "package")
    short.finish_order(row["order"], present)
    short.finish_delivery_range(row)
    for item in row["packageitem_set"]:
        _finish_item(item, present)
    row["packageitem_count"] = len(row["packageitem_set"])
    _finish_people(row)
    _finish_invoice(row)
    _finish_shipment(row)
    moments(row, "date_placed", "shipment_date", "created_date", "modified_date")
    stored_values(row, "scenario")


def _finish_item(row: Document, present: Machine) -> None:
    put_state(row, present, "package_item")
    order_item.finish(row["order_item"], present)
    row["unit_type"] = row["order_item"]["unit_type"]
    moments(row, "created_date", "modified_date")
    quantities(row, "quantity", "unit_weight")


def _finish_people(row: Document) -> None:
    people.finish_customer(row["customer"])
    people.finish_address(row["shipping_address"])
    people.finish_address(row["billing_address"])
    address = row["shipping_address"] or {}
    row["city"] = (address.get("city") or {}).get("name")
    to_a_store = address.get("address_type") == CustomerAddress.Type.RETAIL_STORE.value
    row["is_click_and_collect"] = to_a_store or row["order"]["delivery_type"] == "in_store"


def _finish_invoice(row: Document) -> None:
    invoice = row["invoice"]
    if invoice is not None:
        invoice["date"] = local_date(invoice["date"])
        invoice["document_url"] = links.package_document(row["id"])
        row["invoice_number"] = invoice["number"]


def _finish_shipment(row: Document) -> None:
    its_shipment = row["shipment"]
    if its_shipment is not None:
        shipment.finish(its_shipment)
        row["shipping_label"] = its_shipment.pop("shipping_label")
        shipment.finish_label(row["shipping_label"], links.package_label(row["id"]))


def shipment_payload(document: Document) -> Document:
    """The payload of `shipment.*` for a package that has a shipment, from its whole document. No statement."""
    return shipment.payload(
        document["shipment"],
        package_number=document["number"],
        order_number=document["order_number"],
        transfer_number=None,
        stock_location_erp_code=document["stock_location"]["erp_code"],
        shipping_label=document["shipping_label"],
    )


_SHORT = Statement(
    """
    p.id, p.number, p.state, l.erp_code AS stock_location_erp_code,
    (SELECT count(*) FROM packages_packageitem pi WHERE pi.package_id = p.id) AS packageitem_count,
    p.order_id AS "order", o.number AS order_number, p.stock_location_id AS stock_location, s.id AS shipment,
    o.channel_id AS channel, s.tracking_number, p.created_date, p.modified_date
    """,
    """
    packages_package p JOIN orders_order o ON o.id = p.order_id
    JOIN locations_stocklocation l ON l.id = p.stock_location_id
    LEFT JOIN LATERAL (SELECT s.id, s.tracking_number FROM shipments_shipment s WHERE s.package_id = p.id
        ORDER BY s.is_current DESC, s.id DESC LIMIT 1) s ON true
    """,
    "p.id",
)


def short_documents(ids: Iterable[int]) -> dict[int, Document]:
    """Rows of `packages/short/` by id. One statement."""
    rows = _SHORT.rows(ids)
    for row in rows.values():
        moments(row, "created_date", "modified_date")
    return rows


_DISCREPANCIES = many(
    """y.id, y.package_id AS package, y.package_item_id AS package_item, y.sku, l.erp_code, y.quantity, y.reason,
    y.user_id AS "user", y.created_date, y.resolved_date""",
    """packages_discrepancy y JOIN locations_stocklocation l ON l.id = y.stock_location_id
    WHERE y.package_item_id = pi.id ORDER BY y.id""",
)
_ITEM_ROWS = Statement(
    f"""{_item("pi.package_id")}, {_DISCREPANCIES} AS discrepancies,
    {short.transfers_of_item("pi.id")} AS transfer_orders""",
    "packages_packageitem pi",
    "pi.id",
)


def item_documents(ids: Iterable[int]) -> dict[int, Document]:
    """Rows of `packages/package-items/` by id, each with its short package. Two statements."""
    rows = _ITEM_ROWS.rows(ids)
    packages = short_documents(row["package"] for row in rows.values())
    present = machine.current()
    for row in rows.values():
        row["package"] = packages[row["package"]]
        _finish_item(row, present)
        for discrepancy in row["discrepancies"]:
            quantities(discrepancy, "quantity")
            moments(discrepancy, "created_date", "resolved_date")
    return rows
