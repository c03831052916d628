"""Products, their prices, stocks and images."""

from __future__ import annotations

from sandbox.omnitron.schema.fields import Table, document, flag, integer, link, money, number, text

PRICE_LIST = Table("price_list", (text("name"), text("code"), text("currency", "try"), flag("is_auto_sync")))
STOCK_LIST = Table("stock_list", (text("name"), text("code"), flag("is_auto_sync")))

PRODUCT = Table(
    "product",
    (
        text("sku"),
        text("base_code"),
        text("name"),
        integer("product_type", 0),
        flag("is_active", True),
        link("parent", "product"),
        text("uuid"),
        document("attributes", {}),
        document("attributes_kwargs", {}),
        document("extra_attributes", {}),
    ),
    model="product",
    unique=(("sku",),),
    indexes=(("base_code",), ("modified_date",)),
    first_id=20001,
)
PRODUCT_PRICE = Table(
    "product_price",
    (
        link("product"),
        link("price_list"),
        number("price"),
        number("retail_price"),
        number("tax_rate"),
        text("currency_type", "try"),
        text("price_type", "default"),
        number("discount_percentage"),
        document("extra_field", {}),
    ),
    model="productprice",
    unique=(("price_list", "product"),),
    indexes=(("product",),),
)
PRODUCT_STOCK = Table(
    "product_stock",
    (
        link("product"),
        link("stock_list"),
        text("unit_type", "qty"),
        integer("stock", 0),
        integer("sold_quantity_unreported", 0),
        integer("adjusted_stock", 0),
        document("extra_field", {}),
    ),
    model="productstock",
    unique=(("stock_list", "product"),),
    indexes=(("product",),),
)
PRODUCT_IMAGE = Table(
    "product_image",
    (
        link("product"),
        text("image"),
        integer("order", 0),
        flag("is_active", True),
        text("status", "active"),
        text("remote_url"),
        text("hash"),
    ),
    model="productimage",
    indexes=(("product",),),
)
CATALOG_ITEM = Table("catalog_item", (link("catalog"), link("product"), money("price")))
