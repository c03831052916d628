"""What orders are made of: who buys, what is sold, where it may be collected. Seeded, or read back from a store."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Store

Row = dict[str, Any]


@dataclass
class Ids:
    """The next id of each table."""

    _next: dict[str, int] = field(default_factory=dict)

    def take(self, table: str) -> int:
        """A fresh id."""
        row_id = self._next.get(table, TABLES[table].first_id)
        self._next[table] = row_id + 1
        return row_id

    @classmethod
    def of(cls, store: Store) -> Ids:
        """Ids that go on where a store stands."""
        sql = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        return cls({name: int(store.scalar(sql, [name])) + 1 for name in TABLES})


@dataclass(frozen=True)
class Ware:
    """A product with its price, retail price and tax rate by price list."""

    id: int
    prices: dict[int, tuple[Decimal, Decimal, str]]


@dataclass
class World:
    """Everything an order draws from.

    `addresses` are those at home by customer, `collecting` those of (customer, retail store), `city_of` goes by
    township, `stores` are those where an order may be collected.
    """

    channels: dict[int, Row]
    catalogs: dict[int, Row]
    customers: dict[int, list[Row]]
    addresses: dict[int, list[int]]
    collecting: dict[tuple[int, int], int]
    stores: list[Row]
    city_of: dict[int, int]
    wares: list[Ware]
    ids: Ids

    @classmethod
    def of(cls, store: Store) -> World:
        """The world as a store has it."""
        addresses: dict[int, list[int]] = defaultdict(list)
        collecting = {}
        for each in store.find(TABLES["address"]):
            if each["retail_store"]:
                collecting[(each["customer"], each["retail_store"])] = each["id"]
            else:
                addresses[each["customer"]].append(each["id"])
        customers: dict[int, list[Row]] = defaultdict(list)
        for each in store.find(TABLES["customer"], "is_active"):
            if each["id"] in addresses:
                customers[each["channel"]].append(each)
        catalogs = store.by_id(TABLES["catalog"], _ids(store, "catalog"))
        return cls(
            channels=store.by_id(TABLES["channel"], _ids(store, "channel")),
            catalogs=catalogs,
            customers=dict(customers),
            addresses=dict(addresses),
            collecting=collecting,
            stores=store.find(TABLES["retail_store"], "is_active AND click_and_collect AND township NOTNULL"),
            city_of={each["id"]: each["city"] for each in store.find(TABLES["township"])},
            wares=_wares(store, {each["price_list"] for each in catalogs.values()}),
            ids=Ids.of(store),
        )


def _ids(store: Store, table: str) -> list[int | None]:
    return [each["id"] for each in store.find(TABLES[table])]


def _wares(store: Store, price_lists: set[int]) -> list[Ware]:
    """The products that have a price wherever they may be sold."""
    prices: dict[int, dict[int, tuple[Decimal, Decimal, str]]] = defaultdict(dict)
    for each in store.find(TABLES["product_price"]):
        amounts = (Decimal(each["price"]), Decimal(each["retail_price"]), each["tax_rate"])
        prices[each["product"]][each["price_list"]] = amounts
    return [Ware(product, by_list) for product, by_list in prices.items() if price_lists <= set(by_list)]
