"""Shipments: inside a package or transfer, standalone, and as the payload of their own events."""

from collections.abc import Iterable

from packhouse.payloads import links, short
from packhouse.payloads.formats import Document, moments
from packhouse.payloads.sql import Statement, listed, many, one

_LABEL = one(
    "b.id, NULL AS url, b.file_format, b.created_date, b.modified_date",
    "shipments_shippinglabel b WHERE b.shipment_id = s.id AND b.is_current AND s.is_current ORDER BY b.id LIMIT 1",
)
_IN_PARCEL = listed(
    "cp.packageitem_id",
    "shipments_parcel_package_items cp WHERE cp.parcel_id = c.id ORDER BY cp.packageitem_id",
)
_PARCELS = many(
    f"c.id, c.sscc, c.barcode, c.weight, c.width, c.height, c.length, {_IN_PARCEL} AS package_items",
    "shipments_parcel c WHERE c.shipment_id = s.id ORDER BY c.position, c.id",
)
_COLUMNS = f"""
    s.id, 'S' || s.id AS number, s.created_date, s.modified_date, s.package_id AS package,
    s.transfer_order_id AS transfer_order, {short.cargo_company("s.cargo_company_id")} AS cargo_company, s.status,
    s.status_date, s.awb_number, s.tracking_number, s.query_number, s.carrier_shipping_code, s.tracking_url,
    s.shipping_date, s.estimated_delivery_date, s.delivered_date, s.pay_on_delivery_amount, s.currency,
    s.is_integrated, s.registration, s.origin_id, {_PARCELS} AS parcels, s.last_checked_date, s.error
"""
_SHIPMENTS = Statement(_COLUMNS, "shipments_shipment s", "s.id")
# One row per shipment, whether a package or a transfer owns it; a transfer is told with its package.
_OWNER = """
    shipments_shipment s
    LEFT JOIN transfers_transferorder t ON t.id = s.transfer_order_id
    JOIN packages_package p ON p.id = COALESCE(s.package_id, t.package_id)
    JOIN orders_order o ON o.id = p.order_id
    JOIN locations_stocklocation l ON l.id = COALESCE(t.source_id, p.stock_location_id)
"""
_PAYLOADS = Statement(
    f"""{_COLUMNS}, p.number AS package_number, o.number AS order_number, t.number AS transfer_number,
    l.erp_code AS stock_location_erp_code, {_LABEL} AS shipping_label""",
    _OWNER,
    "s.id",
)


def _latest(owner: str, columns: str) -> str:
    source = f"shipments_shipment s WHERE s.{owner} ORDER BY s.is_current DESC, s.id DESC LIMIT 1"
    return one(columns, source)


def of_package(id: str) -> str:
    """The present shipment of a package, else the last one it had, as a column; with its label."""
    return _latest(f"package_id = {id}", f"{_COLUMNS}, {_LABEL} AS shipping_label")


def of_transfer(id: str) -> str:
    """The same for a transfer order, without the label."""
    return _latest(f"transfer_order_id = {id}", _COLUMNS)


def finish(row: Document) -> None:
    moments(
        row,
        "created_date",
        "modified_date",
        "status_date",
        "shipping_date",
        "estimated_delivery_date",
        "delivered_date",
        "last_checked_date",
    )


def finish_label(label: Document | None, url: str) -> None:
    if label is not None:
        label["url"] = url
        moments(label, "created_date", "modified_date")


def documents(ids: Iterable[int]) -> dict[int, Document]:
    """Shipments by id, as they stand inside their package or transfer. One statement."""
    rows = _SHIPMENTS.rows(ids)
    for row in rows.values():
        finish(row)
    return rows


def payloads(ids: Iterable[int]) -> dict[int, Document]:
    """The payload of `shipment.*` by shipment id, also of one that was replaced since. One statement."""
    rows = _PAYLOADS.rows(ids)
    for row in rows.values():
        finish(row)
        package = row["package"]
        url = links.shipment_label(row["id"]) if package is None else links.package_label(package)
        finish_label(row["shipping_label"], url)
    return rows


def payload(
    shipment: Document,
    *,
    package_number: str,
    order_number: str,
    transfer_number: str | None,
    stock_location_erp_code: str,
    shipping_label: Document | None,
) -> Document:
    """The payload of `shipment.*` from a shipment and what its owner's document says."""
    return {
        **shipment,
        "package_number": package_number,
        "order_number": order_number,
        "transfer_number": transfer_number,
        "stock_location_erp_code": stock_location_erp_code,
        "shipping_label": shipping_label,
    }
