"""Stores, customers, and where they live."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

from sandbox.omnitron.folding import fold
from sandbox.omnitron.rules.addresses import hash_of
from sandbox.omnitron.seeding.names import FIRST_NAMES, LAST_NAMES, STREETS
from sandbox.omnitron.seeding.places import PROVINCES
from sandbox.omnitron.seeding.plan import SeedPlan
from sandbox.omnitron.seeding.reference import COUNTRY, MARKETPLACE, OUTLET, WEB, coordinate
from sandbox.omnitron.seeding.world import Ids

Rows = list[dict[str, Any]]
_WEEK = [["10:00", "22:00"]] * 6 + [["11:00", "20:00"]]
_WAREHOUSE_WEEK = [["08:00", "18:00"]] * 6 + [[]]
_CHANNEL_SHARES = {WEB: 55, OUTLET: 20, MARKETPLACE: 25}


def store_rows(plan: SeedPlan, ids: Ids, places: dict[str, Rows]) -> Rows:
    """Shops all over the provinces, and a warehouse or two: `W01` in İstanbul, `W02` in Ankara."""
    chance = plan.chance("stores")
    warehouses = [_warehouse(1, "Tuzla", places, ids)]
    if plan.counts.stores >= 40:
        warehouses.append(_warehouse(2, "Etimesgut", places, ids))
    townships = _round_robin(places["township"], [each.plate for each in PROVINCES])
    shops = []
    for index in range(plan.counts.stores - len(warehouses)):
        township = townships[index % len(townships)]
        shops.append(_shop(index + 1, township, index // len(townships), places, ids, chance))
    return warehouses + shops


def _round_robin(townships: Rows, cities: list[int]) -> Rows:
    """One township of every city in turn, so that the first few stores stand in different cities."""
    by_city: dict[int, Rows] = defaultdict(list)
    for each in townships:
        by_city[each["city"]].append(each)
    longest = max(len(each) for each in by_city.values())
    return [by_city[city][turn] for turn in range(longest) for city in cities if turn < len(by_city[city])]


def _city_name(places: dict[str, Rows], city: int) -> str:
    return next(str(each["name"]) for each in places["city"] if each["id"] == city)


def _warehouse(number: int, township_name: str, places: dict[str, Rows], ids: Ids) -> dict[str, Any]:
    township = next(each for each in places["township"] if each["name"] == township_name)
    return {
        **_store(ids, f"W{number:02d}", township, places, 0.0),
        "name": f"{_city_name(places, township['city'])} Warehouse",
        "store_hours": _WAREHOUSE_WEEK,
        "sort_order": 0,
        "config": {"stock_location_type": "warehouse", "capacity_limit": 500},
    }


def _shop(
    number: int, township: dict[str, Any], turn: int, places: dict[str, Rows], ids: Ids, chance: random.Random
) -> dict[str, Any]:
    suffix = f" {turn + 1}" if turn else ""
    return {
        **_store(ids, f"S{number:02d}", township, places, 0.002 * (turn + 1)),
        "name": f"{_city_name(places, township['city'])} {township['name']}{suffix}",
        "store_hours": _WEEK,
        "click_and_collect": chance.random() < 0.8 or number <= 3,
        "fast_delivery": chance.random() < 0.3,
        "is_return_accepted": True,
        "sort_order": number * 10,
        "config": {"stock_location_type": "store", "capacity_limit": chance.choice((20, 30, 40, 60))},
    }


def _store(
    ids: Ids, code: str, township: dict[str, Any], places: dict[str, Rows], shift: float
) -> dict[str, Any]:
    district = next(each for each in places["district"] if each["township"] == township["id"])
    pk = ids.take("retail_store")
    return {
        "id": pk,
        "erp_code": code,
        "address": f"{STREETS[pk % len(STREETS)]} No: {pk % 90 + 1}, {district['name']}",
        "township": township["id"],
        "district": district["id"],
        "phone_number": f"0500100{pk:04d}",
        "fax_phone_number": f"0500101{pk:04d}",
        "latitude": coordinate(float(township["latitude"]) + shift),
        "longitude": coordinate(float(township["longitude"]) + shift),
        "is_active": True,
    }


def customer_rows(plan: SeedPlan, ids: Ids, places: dict[str, Rows]) -> tuple[Rows, Rows]:
    """Customers with one address each or two; both lists."""
    chance = plan.chance("people")
    districts: dict[int, Rows] = defaultdict(list)
    for each in places["district"]:
        districts[each["city"]].append(each)
    cities, weights = [each.plate for each in PROVINCES], [each.weight for each in PROVINCES]
    channels = chance.choices(list(_CHANNEL_SHARES), list(_CHANNEL_SHARES.values()), k=plan.counts.customers)
    channels[: len(_CHANNEL_SHARES)] = _CHANNEL_SHARES
    customers, addresses = [], []
    for number, channel in enumerate(channels, 1):
        customer = _customer(number, channel, ids, chance)
        customers.append(customer)
        for turn in range(2 if chance.random() < 0.4 else 1):
            city = chance.choices(cities, weights)[0]
            addresses.append(_address(customer, turn, chance.choice(districts[city]), ids, chance))
    return customers, addresses


def _customer(number: int, channel: int, ids: Ids, chance: random.Random) -> dict[str, Any]:
    first, last = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    return {
        "id": ids.take("customer"),
        "channel": channel,
        "email": f"{fold(first)}.{fold(last)}.{number}@example.com",
        "first_name": first,
        "last_name": last,
        "phone_number": f"0500{number:07d}",
        "channel_code": f"C{number:06d}",
        "user_type": "registered" if chance.random() < 0.7 else "guest",
        "attributes": {"register_client_type": "default"},
        "email_allowed": chance.random() < 0.5,
    }


def _address(
    customer: dict[str, Any], turn: int, district: dict[str, Any], ids: Ids, chance: random.Random
) -> dict[str, Any]:
    company = chance.random() < 0.08
    address = {
        "customer": customer["id"],
        **{name: customer[name] for name in ("email", "phone_number", "first_name", "last_name")},
        "country": COUNTRY,
        "city": district["city"],
        "township": district["township"],
        "district": district["id"],
        "line": f"{chance.choice(STREETS)} No: {chance.randint(1, 120)} D: {chance.randint(1, 24)}",
        "title": ("Home", "Work")[turn],
        "postcode": f"{district['city']:02d}{chance.randrange(1000):03d}",
        "notes": None,
        "company_name": f"Example {customer['last_name']} Ltd" if company else None,
        "tax_office": "Example" if company else None,
        "tax_no": f"{chance.randrange(10**10):010d}" if company else None,
        "e_bill_taxpayer": company and chance.random() < 0.5,
        "identity_number": None,
        "address_type": "customer",
        "retail_store": None,
    }
    return {
        **address,
        "id": ids.take("address"),
        "channel": customer["channel"],
        "hash_data": hash_of(address),
    }
