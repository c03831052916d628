"""Who packs what in the demo: the marketplace from the warehouse, the web shops from the nearest store."""

from typing import Any

from django.db import transaction

from packhouse.catalog.models import Channel
from packhouse.locations.models import StockLocation
from packhouse.planning.models import Scenario, ScenarioVersion
from packhouse.planning.scenario import parse

_QUOTA = {"code": "SELECT_BY_QUOTA"}
_ACTS_AT_ONCE = ("kind", "name", "description", "status", "priority")


def documents() -> list[dict[str, Any]]:
    """The scenarios as page JSON; the warehouse takes what nobody can place."""
    warehouse = StockLocation.objects.filter(stock_location_type=StockLocation.Type.WAREHOUSE).earliest("id")
    marketplaces = Channel.objects.filter(channel_type="sales_channel")
    return [
        _marketplace(warehouse.erp_code, sorted(marketplaces.values_list("id", flat=True))),
        _web_shops(warehouse.erp_code),
    ]


@transaction.atomic
def install() -> int:
    """Save the scenarios that are not there yet; how many."""
    made = 0
    for document in documents():
        if Scenario.objects.filter(name=document["name"]).exists():
            continue
        body = parse(document).to_json()
        scenario = Scenario.objects.create(**{key: body.pop(key) for key in _ACTS_AT_ONCE})
        scenario.live_version = ScenarioVersion.objects.create(
            scenario=scenario, number=1, body=body, comment="Made for the demo"
        )
        scenario.save(update_fields=["live_version"])
        made += 1
    return made


def _marketplace(warehouse: str, channels: list[int]) -> dict[str, Any]:
    return {
        "name": "Marketplace from the warehouse",
        "description": "Whole orders from the warehouse; what it lacks comes from where most of it lies.",
        "status": "active",
        "priority": 10,
        "default_location": warehouse,
        # The marketplace must agree to several parcels; the integration says when it has.
        "default_multiple_packages_state": "WAITING_REMOTE_ACTION",
        "channel_condition_type": "static",
        "channels": channels,
        "rules": [
            {
                "name": "all from the warehouse",
                "product_condition": "all_products",
                "location_conditions": [{"code": "STOCK_LOCATION_LIST", "value": [warehouse]}, _QUOTA],
            },
            {
                "name": "the rest from wherever it lies",
                "location_conditions": [_QUOTA],
                "sort": [{"key": "STOCK_AMOUNT", "direction": "desc"}, {"key": "DISTANCE"}],
            },
        ],
    }


def _web_shops(warehouse: str) -> dict[str, Any]:
    return {
        "name": "Web shops from the nearest store",
        "description": "One store of the customer's city, else the warehouse, else shared by the nearest.",
        "status": "active",
        "priority": 20,
        "default_location": warehouse,
        "rules": [
            {
                "name": "one store of the same city",
                "product_condition": "all_products",
                "location_conditions": [
                    {"code": "STOCK_LOCATION_TYPE", "value": "store"},
                    {"code": "LOCATION_TYPE", "value": "city"},
                    _QUOTA,
                ],
                "sort": [{"key": "DISTANCE"}, {"key": "PACKAGE_DENSITY"}],
            },
            {
                "name": "all from one place",
                "product_condition": "all_products",
                "location_conditions": [_QUOTA],
                "sort": [{"key": "PRIORITY"}, {"key": "DISTANCE"}],
            },
            {
                "name": "shared by the nearest",
                "location_conditions": [_QUOTA],
                "sort": [{"key": "DISTANCE"}, {"key": "STOCK_AMOUNT", "direction": "desc"}],
            },
        ],
    }
