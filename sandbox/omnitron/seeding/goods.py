"""Products with prices, stocks, images, and what the channels know of them."""

from __future__ import annotations

import random
import uuid
from decimal import Decimal
from typing import Any

from sandbox.omnitron.seeding.names import COLOURS, GOODS, MAKES, SIZES
from sandbox.omnitron.seeding.plan import SeedPlan
from sandbox.omnitron.seeding.reference import MARKETPLACE, OUTLET, WEB, content_type_id
from sandbox.omnitron.seeding.world import Ids, Ware
from sandbox.omnitron.values import money

Rows = dict[str, list[dict[str, Any]]]
_LIST_FACTORS = {1: Decimal("1.00"), 2: Decimal("0.80"), 3: Decimal("1.10")}
_STOCK_LISTS = (1, 2)
_OUT_OF_STOCK = 0.03


def ean13(number: int) -> str:
    """A valid EAN-13 of the range that shops number themselves."""
    digits = f"200{number:09d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def goods_rows(plan: SeedPlan, ids: Ids, stamp: str) -> tuple[Rows, list[Ware]]:
    """Rows by table, and the wares orders are made of. Stocks come without what is sold."""
    chance = plan.chance("goods")
    rows: Rows = {name: [] for name in ("product", "product_price", "product_stock", "product_image")}
    rows["integration_action"] = []
    wares = []
    for index in range(plan.counts.products):
        product, tax_rate, base_price = _product(index, ids.take("product"))
        rows["product"].append(product)
        prices = _prices(product["id"], tax_rate, base_price, ids, chance)
        rows["product_price"].extend(prices)
        rows["product_stock"].extend(_stocks(product["id"], ids, chance))
        rows["product_image"].append(_image(product, ids))
        rows["integration_action"].extend(_actions(product, ids, stamp))
        by_list = {
            each["price_list"]: (Decimal(each["price"]), Decimal(each["retail_price"]), tax_rate)
            for each in prices
        }
        wares.append(Ware(product["id"], by_list))
    return rows, wares


def _product(index: int, pk: int) -> tuple[dict[str, Any], str, int]:
    base, size = divmod(index, len(SIZES))
    name, tax_rate, price = GOODS[base % len(GOODS)]
    make = MAKES[base // len(GOODS) % len(MAKES)]
    colour = COLOURS[base % len(COLOURS)]
    sku = f"SKU-{index + 1:05d}"
    attributes = {
        "barcode": ean13(index + 1),
        "color": colour,
        "size": SIZES[size],
        "brand": "Example",
        "weight": f"{0.2 + 0.05 * (base % 40):.3f}",
        "desi": str(1 + base % 5),
    }
    product = {
        "id": pk,
        "sku": sku,
        "base_code": f"B{base + 1:05d}",
        "name": f"{make} {name} {colour} {SIZES[size]}",
        "uuid": str(uuid.UUID(int=pk)),
        "attributes": attributes,
        "attributes_kwargs": {"color": {"label": colour.title(), "value": colour, "data_type": "dropdown"}},
    }
    return product, tax_rate, price


def _prices(
    product: int, tax_rate: str, base_price: int, ids: Ids, chance: random.Random
) -> list[dict[str, Any]]:
    retail = base_price + 10 * chance.randrange(10)
    reduced = chance.random() < 0.3
    rows = []
    for price_list, factor in _LIST_FACTORS.items():
        full = Decimal(int(retail * factor)) + Decimal("0.90")
        price = Decimal(int(full * Decimal("0.85"))) + Decimal("0.90") if reduced else full
        rows.append(
            {
                "id": ids.take("product_price"),
                "product": product,
                "price_list": price_list,
                "price": money(price),
                "retail_price": money(full),
                "tax_rate": tax_rate,
                "discount_percentage": money((full - price) / full * 100),
            }
        )
    return rows


def _stocks(product: int, ids: Ids, chance: random.Random) -> list[dict[str, Any]]:
    rows = []
    for stock_list in _STOCK_LISTS:
        stock = 0 if chance.random() < _OUT_OF_STOCK else chance.randint(20, 400)
        row = {"id": ids.take("product_stock"), "product": product, "stock_list": stock_list, "stock": stock}
        rows.append({**row, "sold_quantity_unreported": 0, "adjusted_stock": stock})
    return rows


def _image(product: dict[str, Any], ids: Ids) -> dict[str, Any]:
    return {
        "id": ids.take("product_image"),
        "product": product["id"],
        "image": f"https://images.example.com/{product['sku'].lower()}.jpg",
    }


def _actions(product: dict[str, Any], ids: Ids, stamp: str) -> list[dict[str, Any]]:
    """Every channel knows every product, under its sku."""
    return [
        {
            "id": ids.take("integration_action"),
            "channel": channel,
            "content_type": content_type_id("product"),
            "object_id": product["id"],
            "remote_id": product["sku"],
            "version_date": stamp,
            "synced_date": stamp,
            "status": "success",
        }
        for channel in (WEB, OUTLET, MARKETPLACE)
    ]
