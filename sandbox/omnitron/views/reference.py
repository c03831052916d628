"""What rarely changes: channels, catalogs, geography, carriers, reasons, payment."""

from __future__ import annotations

from typing import Any

from sandbox.omnitron.call import Call
from sandbox.omnitron.errors import NotFound
from sandbox.omnitron.filters import Condition
from sandbox.omnitron.render import flat
from sandbox.omnitron.rules.cleaning import cleaned
from sandbox.omnitron.rules.payments import PAY_ON_DELIVERY
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store
from sandbox.omnitron.views.generic import Routes, Scope, reading, row_of

CHANNEL = TABLES["channel"]
_PAYMENTS = (
    "transaction",
    "order_transaction",
    "pay_on_delivery_transaction",
    "loyalty_transaction",
    "funds_transfer_transaction",
    "bex_transaction",
)


def change_channel(call: Call) -> dict[str, Any]:
    """PATCH of a channel."""
    channel = row_of(call, CHANNEL)
    writable = ("name", "catalog", "conf", "category_tree", "schema", "is_active")
    return flat(
        CHANNEL,
        call.store.update(CHANNEL, channel["id"], cleaned(call.store, CHANNEL, call.object_body(), writable)),
    )


def content_type_rows(_store: Store, rows: Any) -> list[Any]:
    """`{"id", "app_label", "model"}`."""
    return [{name: row[name] for name in ("id", "app_label", "model")} for row in rows]


def of_catalog(name: str) -> Scope:
    """Rows of the price or stock list of the channel's catalog."""

    def scoped(call: Call) -> Condition:
        catalog = _catalog(call)
        return Condition("id = ?", [catalog[name]])

    return scoped


def of_list(name: str) -> Scope:
    """Rows that point at the price or stock list of the channel's catalog."""

    def scoped(call: Call) -> Condition:
        catalog = _catalog(call)
        return Condition(f'"{name}" = ?', [catalog[name]])

    return scoped


def _catalog(call: Call) -> Row:
    catalog = call.store.get(TABLES["catalog"], call.channel()["catalog"])
    if catalog is None:
        raise NotFound()
    return catalog


def pay_on_delivery_amount(call: Call) -> dict[str, Any]:
    """What is to be paid at the door; 404 for an order that is paid otherwise."""
    order = row_of(call, TABLES["order"])
    table = TABLES[f"{PAY_ON_DELIVERY}_transaction"]
    found = call.store.first(table, '"order" = ?', [order["id"]])
    if found is None:
        raise NotFound("This order is not paid on delivery.")
    return {name: found[name] for name in ("amount", "amount_without_loyalty_money")}


ROUTES: Routes = {
    **reading("/channels", CHANNEL),
    **reading("/catalogs", TABLES["catalog"]),
    **reading("/content_types", TABLES["content_type"], shape=content_type_rows),
    **reading("/channel/{channel}/countries", TABLES["country"]),
    **reading("/channel/{channel}/cities", TABLES["city"]),
    **reading("/channel/{channel}/townships", TABLES["township"]),
    **reading("/channel/{channel}/districts", TABLES["district"]),
    **reading("/channel/{channel}/cargos", TABLES["cargo_company"]),
    **reading("/channel/{channel}/cancellation_reasons", TABLES["cancellation_reason"]),
    **reading("/cancellation_reasons", TABLES["cancellation_reason"]),
    **reading("/channel/{channel}/price_lists", TABLES["price_list"], scope=of_catalog("price_list")),
    **reading("/channel/{channel}/stock_lists", TABLES["stock_list"], scope=of_catalog("stock_list")),
    **reading("/payment_options", TABLES["payment_option"]),
    **reading("/catalog_items", TABLES["catalog_item"]),
    "/orders/{id}/pay_on_delivery_transaction_amount": {"GET": pay_on_delivery_amount},
}
for _name in _PAYMENTS:
    ROUTES.update(reading(f"/{_name}s", TABLES[_name]))
ROUTES["/channels/{id}"]["PATCH"] = change_channel
