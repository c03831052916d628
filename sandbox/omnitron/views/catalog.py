"""Products, prices, stocks, images; read only but for the stock feed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.omnitron.call import Answer, Call
from sandbox.omnitron.render import flat, product_rows
from sandbox.omnitron.rules.cleaning import cleaned
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store
from sandbox.omnitron.views.generic import Routes, feeds, reading
from sandbox.omnitron.views.reference import of_list

PRODUCT, STOCK, STOCK_LIST = TABLES["product"], TABLES["product_stock"], TABLES["stock_list"]
PRICE, IMAGE = TABLES["product_price"], TABLES["product_image"]


def mapped_rows(store: Store, rows: Sequence[Row]) -> list[Any]:
    """Products in the words of the channel: no attribute set is defined, so their attributes stand as they are."""
    return [
        {
            **product,
            "mapped_attributes": product["attributes"],
            "attribute_set_id": None,
            "attribute_set_name": None,
            "attribute_set_remote_id": None,
            "mapped_attribute_values": {},
        }
        for product in product_rows(store, rows)
    ]


def create_stock_list(call: Call) -> Answer:
    """POST of a stock list."""
    values = cleaned(call.store, STOCK_LIST, call.object_body(), ("name", "code", "is_auto_sync"), ("name",))
    return Answer(flat(STOCK_LIST, call.store.insert(STOCK_LIST, values)), 201)


def set_stock(call: Call) -> Answer:
    """POST of a product's stock in a list: 201 when it is new there, else 200 with the new count."""
    writable = ("product", "stock_list", "stock", "unit_type", "extra_field")
    values = cleaned(call.store, STOCK, call.object_body(), writable, ("product", "stock_list", "stock"))
    key = [values["stock_list"], values["product"]]
    present = call.store.first(STOCK, "stock_list = ? AND product = ?", key)
    sold = present["sold_quantity_unreported"] if present else 0
    values["adjusted_stock"] = values["stock"] - sold
    if present is None:
        return Answer(flat(STOCK, call.store.insert(STOCK, values)), 201)
    return Answer(flat(STOCK, call.store.update(STOCK, present["id"], values)))


ROUTES: Routes = {
    **reading("/products", PRODUCT, shape=product_rows),
    **reading("/channel/{channel}/products", PRODUCT, shape=product_rows),
    **feeds("/channel/{channel}/products", PRODUCT, shape=product_rows),
    **reading("/channel/{channel}/mapped_products", PRODUCT, shape=mapped_rows),
    **feeds("/channel/{channel}/mapped_products", PRODUCT, shape=mapped_rows),
    **reading("/channel/{channel}/product_prices", PRICE, scope=of_list("price_list")),
    **feeds("/channel/{channel}/product_prices", PRICE, scope=of_list("price_list")),
    **reading("/channel/{channel}/product_stocks", STOCK, scope=of_list("stock_list")),
    **feeds("/channel/{channel}/product_stocks", STOCK, scope=of_list("stock_list")),
    **reading("/channel/{channel}/product_images", IMAGE),
    **feeds("/channel/{channel}/product_images", IMAGE),
    **reading("/stock_list", STOCK_LIST),
    **reading("/product_stock", STOCK),
}
ROUTES["/stock_list"]["POST"] = create_stock_list
ROUTES["/product_stock"]["POST"] = set_stock
