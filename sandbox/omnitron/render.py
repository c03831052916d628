"""Rows as the wire has them: flat, or with what they point at inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sandbox.omnitron.schema import TABLES, Table
from sandbox.omnitron.store import Row, Store

ORDER, ORDER_ITEM, PRODUCT = TABLES["order"], TABLES["order_item"], TABLES["product"]
_ADDRESS_PLACES = ("country", "city", "township", "district")


def flat(table: Table, row: Row) -> dict[str, Any]:
    """A row with its ids as they are, under the key its collection uses."""
    keys = {"pk": ("pk",), "id": ("id",), "both": ("pk", "id")}[table.key]
    shown = dict.fromkeys(keys, row["id"])
    shown.update((name, row[name]) for name in table.shown)
    return shown


def flat_rows(table: Table) -> Callable[[Sequence[Row]], list[Any]]:
    """A renderer of flat rows for lists."""
    return lambda rows: [flat(table, row) for row in rows]


def _embed(store: Store, table: Table, rows: Sequence[Row], names: Sequence[str]) -> list[dict[str, Any]]:
    """Flat rows in which the named links are whole flat rows."""
    answers = [flat(table, row) for row in rows]
    for name in names:
        target = TABLES[table.fields[name].to]
        found = store.by_id(target, (row[name] for row in rows))
        shown = {row_id: flat(target, each) for row_id, each in found.items()}
        for answer in answers:
            answer[name] = shown.get(answer[name])
    return answers


# Products


def product_rows(store: Store, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Products with their images."""
    images = _children(store, TABLES["product_image"], "product", rows)
    shown = flat_rows(TABLES["product_image"])
    return [{**flat(PRODUCT, row), "productimage_set": shown(images[row["id"]])} for row in rows]


def _children(store: Store, table: Table, link: str, rows: Sequence[Row]) -> dict[int, list[Row]]:
    """Rows of `table` by the one of `rows` they point at."""
    children: dict[int, list[Row]] = {row["id"]: [] for row in rows}
    ids = list(children)
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        for child in store.find(table, f'"{link}" IN ({",".join("?" * len(chunk))})', chunk):
            children[child[link]].append(child)
    return children


# Orders


def orders_with_items(store: Store, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Flat orders with their flat items in `orderitem_set`."""
    items = _children(store, ORDER_ITEM, "order", rows)
    shown = flat_rows(ORDER_ITEM)
    return [{**flat(ORDER, row), "orderitem_set": shown(items[row["id"]])} for row in rows]


def nested_items(store: Store, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Items with their product inside."""
    products = store.by_id(PRODUCT, (row["product"] for row in rows))
    shown = {row["pk"]: row for row in product_rows(store, list(products.values()))}
    return [{**flat(ORDER_ITEM, row), "product": shown.get(row["product"])} for row in rows]


def nested_addresses(store: Store, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Addresses with country, city, township and district inside."""
    return _embed(store, TABLES["address"], rows, _ADDRESS_PLACES)


def nested_orders(store: Store, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Orders with channel, customer, addresses and items (these with their product) inside."""
    answers = _embed(store, ORDER, rows, ("channel", "customer"))
    wanted = [row[name] for row in rows for name in ("shipping_address", "billing_address")]
    found = list(store.by_id(TABLES["address"], wanted).values())
    addresses = {each["pk"]: each for each in nested_addresses(store, found)}
    items = _children(store, ORDER_ITEM, "order", rows)
    for answer in answers:
        for name in ("shipping_address", "billing_address"):
            answer[name] = addresses.get(answer[name])
        answer["orderitem_set"] = nested_items(store, items[answer["pk"]])
    return answers


# Stores, plans, actions


def store_rows(_store: Store, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Retail stores, flat; `township_id`, `district_id` and `fax_number` say the same under their other names."""
    return [_store_row(row) for row in rows]


def _store_row(row: Row) -> dict[str, Any]:
    return {
        **flat(TABLES["retail_store"], row),
        "township_id": row["township"],
        "district_id": row["district"],
        "fax_number": row["fax_phone_number"],
    }


def nested_stores(store: Store, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Retail stores with district, and township, its city and that one's country inside."""
    answers = store_rows(store, rows)
    townships = store.by_id(TABLES["township"], (row["township"] for row in rows))
    cities = store.by_id(TABLES["city"], (each["city"] for each in townships.values()))
    shown_cities = {
        each["pk"]: each for each in _embed(store, TABLES["city"], list(cities.values()), ("country",))
    }
    districts = store.by_id(TABLES["district"], (row["district"] for row in rows))
    for answer in answers:
        township, district = townships.get(answer["township"]), districts.get(answer["district"])
        answer["township"] = township and {
            **flat(TABLES["township"], township),
            "city": shown_cities.get(township["city"]),
        }
        answer["district"] = district and flat(TABLES["district"], district)
    return answers


def plan_rows(store: Store, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Cancellation plans with their flat order."""
    return _embed(store, TABLES["cancellation_plan"], rows, ("order",))


def action_rows(store: Store, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Integration actions with their content type."""
    content_types = store.by_id(TABLES["content_type"], (row["content_type"] for row in rows))
    answers = [flat(TABLES["integration_action"], row) for row in rows]
    for answer in answers:
        content_type = content_types[answer["content_type"]]
        answer["content_type"] = {name: content_type[name] for name in ("id", "app_label", "model")}
    return answers


# Webhook payloads


def order_payload(store: Store, row: Row) -> dict[str, Any]:
    """An order as its webhook carries it."""
    return orders_with_items(store, [row])[0]


def plan_payload(store: Store, row: Row) -> dict[str, Any]:
    """A plan as its webhook carries it."""
    return plan_rows(store, [row])[0]


def store_payload(_store: Store, row: Row) -> dict[str, Any]:
    """A retail store as its webhook carries it."""
    return _store_row(row)
