"""Transfer orders: whole (with or without order and package inside), short, and their items."""

from collections.abc import Iterable

from packhouse.kernel import machine
from packhouse.kernel.machine import Machine
from packhouse.payloads import location, shipment, short
from packhouse.payloads.formats import Document, moments, quantities, stored_values
from packhouse.payloads.sql import NO_COMMANDS, Statement, many
from packhouse.payloads.state import put_state

_ITEM = """
    ti.id, ti.state, ti.unit_type, ti.package_item_id AS package_item, ti.product_id AS product, g.name,
    ti.quantity, g.sku AS stock_code, g.barcode, ti.transfer_order_id AS transfer_order, ti.created_date,
    ti.modified_date
"""
_ITEM_SOURCE = "transfers_transferitem ti JOIN catalog_product g ON g.id = ti.product_id"
_ITEMS = many(_ITEM, f"{_ITEM_SOURCE} WHERE ti.transfer_order_id = t.id ORDER BY ti.id")
_SOURCE = """
    transfers_transferorder t JOIN packages_package p ON p.id = t.package_id
    JOIN orders_order o ON o.id = p.order_id
"""


def _whole(owners: str) -> Statement:
    columns = f"""
        t.id, t.number, t.state, {NO_COMMANDS}, {owners}, {location.brief("t.source_id")} AS source,
        {location.brief("t.destination_id")} AS destination, {_ITEMS} AS transferitem_set,
        {shipment.of_transfer("t.id")} AS shipment, {short.cargo_company("t.cargo_company_id")} AS cargo_company,
        t.tracking_number, t.extra_information::text AS extra_information, t.sequence, t.created_date,
        t.modified_date
    """
    return Statement(columns, _SOURCE, "t.id")


_NESTED = _whole(f'{short.ORDER} AS "order", {short.package("t.package_id")} AS package')
_PAYLOADS = _whole('o.id AS "order", p.id AS package, o.number AS order_number, p.number AS package_number')


def documents(ids: Iterable[int], *, nested: bool) -> dict[int, Document]:
    """Whole transfer orders by id, `commands` empty.

    `nested` (the API's answer): `order` and `package` are objects; else (the payload of `transfer.*`) they are
    ids, beside `order_number` and `package_number`. One statement; a second one when a location is not known
    to this process yet.
    """
    rows = (_NESTED if nested else _PAYLOADS).rows(ids)
    present = machine.current()
    ends = [row[end] for row in rows.values() for end in ("source", "destination")]
    locations = iter(location.complete(ends, present.version))
    for row in rows.values():
        row["source"], row["destination"] = next(locations), next(locations)
        if nested:
            short.finish_order(row["order"], present)
        _finish(row, present)
    return rows


def _finish(row: Document, present: Machine) -> None:
    put_state(row, present, "transfer")
    for item in row["transferitem_set"]:
        _finish_item(item, present)
    if row["shipment"] is not None:
        shipment.finish(row["shipment"])
    moments(row, "created_date", "modified_date")
    stored_values(row, "extra_information")


def _finish_item(row: Document, present: Machine) -> None:
    put_state(row, present, "transfer_item")
    moments(row, "created_date", "modified_date")
    quantities(row, "quantity")


def shipment_payload(document: Document) -> Document:
    """The payload of `shipment.*` for a transfer that has a shipment. One statement: its label is read."""
    shipment_id = document["shipment"]["id"]
    return shipment.payloads([shipment_id])[shipment_id]


_SHORT = Statement(
    """
    t.id, t.number, t.state, o.number AS order_number, p.number AS package_number,
    source.erp_code AS source_erp_code, destination.erp_code AS destination_erp_code,
    (SELECT count(*) FROM transfers_transferitem ti WHERE ti.transfer_order_id = t.id) AS transferitem_count
    """,
    f"""{_SOURCE} JOIN locations_stocklocation source ON source.id = t.source_id
    JOIN locations_stocklocation destination ON destination.id = t.destination_id""",
    "t.id",
)
_ITEM_ROWS = Statement(_ITEM, _ITEM_SOURCE, "ti.id")


def short_documents(ids: Iterable[int]) -> dict[int, Document]:
    """Rows of `transfer_orders/short/` by id. One statement."""
    return _SHORT.rows(ids)


def item_documents(ids: Iterable[int]) -> dict[int, Document]:
    """Rows of `transfer-items/` by id. One statement."""
    rows = _ITEM_ROWS.rows(ids)
    present = machine.current()
    for row in rows.values():
        _finish_item(row, present)
    return rows
