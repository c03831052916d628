"""A package as a command body works on it: read by one statement after the lock."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from packhouse.kernel import sql
from packhouse.orders.states import OrderStatus
from packhouse.packages.states import PackageStatus


@dataclass(slots=True)
class ItemInHand:
    """One package item. `barcodes`: all that the product may carry. Quantities are Decimal."""

    id: int
    order_item_id: int
    state: PackageStatus
    quantity: Decimal
    taken: Decimal
    unit_type: str
    product_id: int
    sku: str
    barcodes: tuple[str, ...]
    selected_barcode: str | None
    order_item_state: OrderStatus
    order_item_omnitron_id: int | None


@dataclass(slots=True)
class PackageInHand:
    """`order_cargo_company_id`: the carrier that the order names, when it is active."""

    id: int
    number: str
    state: PackageStatus
    holds_quota: bool
    order_id: int
    order_number: str
    channel_id: int
    is_imported: bool
    payment_type: str
    currency: str
    order_cargo_company_id: int | None
    order_adaptor: str | None
    stock_location_id: int
    erp_code: str
    location_conf: dict[str, Any]
    items: list[ItemInHand] = field(default_factory=list)

    def item(self, item_id: int) -> ItemInHand | None:
        return next((item for item in self.items if item.id == item_id), None)

    def item_of(self, order_item_id: int) -> ItemInHand | None:
        return next((item for item in self.items if item.order_item_id == order_item_id), None)


_LOAD = """
SELECT p.id, p.number, p.state, p.holds_quota, p.order_id, o.number, o.channel_id, o.is_imported, o.payment_type,
    o.currency, c.id, c.configuration ->> 'adaptor', p.stock_location_id, l.erp_code, l.conf,
    (SELECT json_agg(json_build_array(i.id, i.order_item_id, i.state, i.quantity, i.taken, r.unit_type, r.id, r.sku,
            r.barcode, r.barcodes, i.selected_barcode, oi.state, oi.omnitron_id) ORDER BY i.id)
        FROM packages_packageitem i
        JOIN orders_orderitem oi ON oi.id = i.order_item_id
        JOIN catalog_product r ON r.id = oi.product_id
        WHERE i.package_id = p.id)::text
FROM packages_package p
JOIN orders_order o ON o.id = p.order_id
JOIN locations_stocklocation l ON l.id = p.stock_location_id
LEFT JOIN catalog_cargocompany c ON c.id = o.cargo_company_id AND c.is_active
WHERE p.id = %s
"""
_LOAD_MANY = _LOAD.replace("WHERE p.id = %s", "WHERE p.id = ANY(%s)")


def load(package_id: int) -> PackageInHand:
    """The package with its items. One statement."""
    row = sql.row(_LOAD, [package_id])
    if row is None:
        raise LookupError(package_id)
    return _package(row)


def load_many(package_ids: Sequence[int]) -> dict[int, PackageInHand]:
    """Packages with their items, by id; what does not exist is missing. One statement."""
    return {row[0]: _package(row) for row in sql.rows(_LOAD_MANY, [list(package_ids)])}


def _package(row: tuple[Any, ...]) -> PackageInHand:
    package = PackageInHand(
        id=row[0],
        number=row[1],
        state=PackageStatus(row[2]),
        holds_quota=row[3],
        order_id=row[4],
        order_number=row[5],
        channel_id=row[6],
        is_imported=row[7],
        payment_type=row[8],
        currency=row[9],
        order_cargo_company_id=row[10],
        order_adaptor=row[11],
        stock_location_id=row[12],
        erp_code=row[13],
        location_conf=row[14] if isinstance(row[14], dict) else json.loads(row[14] or "{}"),
    )
    package.items = [_item(values) for values in json.loads(row[15] or "[]", parse_float=Decimal)]
    return package


def _item(values: list[Any]) -> ItemInHand:
    return ItemInHand(
        id=values[0],
        order_item_id=values[1],
        state=PackageStatus(values[2]),
        quantity=Decimal(values[3]),
        taken=Decimal(values[4]),
        unit_type=values[5],
        product_id=values[6],
        sku=values[7],
        barcodes=tuple(dict.fromkeys(code for code in (values[8], *values[9]) if code)),
        selected_barcode=values[10],
        order_item_state=OrderStatus(values[11]),
        order_item_omnitron_id=values[12],
    )
