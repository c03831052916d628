"""Short forms: how an object stands inside another one, its state as `enum_value`."""

from packhouse.kernel.machine import Machine
from packhouse.payloads.formats import Document, moments
from packhouse.payloads.sql import many, one, part
from packhouse.payloads.state import put_state

_PACKAGE = "p.id, p.number, p.state, l.erp_code AS stock_location_erp_code"
_PACKAGES = "packages_package p JOIN locations_stocklocation l ON l.id = p.stock_location_id"
_TRANSFER = "t.id, t.number, t.state, l.erp_code AS source_erp_code"
_TRANSFERS = "transfers_transferorder t JOIN locations_stocklocation l ON l.id = t.source_id"
_COMPANY = "c.id, c.name, c.erp_code, c.shipping_company"

# The order of a package or transfer, from a table with the alias `o`.
ORDER = part(
    "o.id, o.omnitron_id, o.number, o.state, o.channel_id AS channel, o.date_placed, o.currency, o.amount, "
    "o.delivery_type, o.shipping_option_slug, o.language_code"
)
DELIVERY_RANGE = f"""CASE WHEN COALESCE(o.delivery_range_start, o.delivery_range_end) IS NOT NULL THEN {
    part('o.delivery_range_start AS start, o.delivery_range_end AS "end"')
} END"""


def package(id: str) -> str:
    """The package with this id expression, as a column."""
    return one(_PACKAGE, f"{_PACKAGES} WHERE p.id = {id}")


def packages_of_order(id: str) -> str:
    return many(_PACKAGE, f"{_PACKAGES} WHERE p.order_id = {id} ORDER BY p.id")


def transfers_of_package(id: str) -> str:
    return many(_TRANSFER, f"{_TRANSFERS} WHERE t.package_id = {id} ORDER BY t.id")


def transfers_of_item(id: str) -> str:
    """The transfers that carry, or carried, a package item."""
    source = f"{_TRANSFERS} JOIN transfers_transferitem ti ON ti.transfer_order_id = t.id"
    return many(_TRANSFER, f"{source} WHERE ti.package_item_id = {id} ORDER BY t.id")


def cargo_company(id: str) -> str:
    """The carrier with this id expression, as a column."""
    return one(_COMPANY, f"catalog_cargocompany c WHERE c.id = {id}")


def finish_order(row: Document, present: Machine) -> None:
    """Finish an `ORDER`."""
    put_state(row, present, "order")
    moments(row, "date_placed")


def finish_delivery_range(row: Document) -> None:
    """Finish a `DELIVERY_RANGE` under its key."""
    if row["delivery_range"] is not None:
        moments(row["delivery_range"], "start", "end")
