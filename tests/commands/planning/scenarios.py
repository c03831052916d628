"""Scenarios for tests of live planning."""

from typing import Any

from packhouse.locations.models import StockLocation
from packhouse.planning import scenario as documents
from packhouse.planning.models import Scenario, ScenarioVersion


def a_scenario(*rules: dict[str, Any], default: StockLocation, **fields: Any) -> Scenario:
    """An active, live distribution scenario; rules need only what differs from page 30's defaults."""
    named = [{"name": f"rule {n}", **rule} for n, rule in enumerate(rules, start=1)]
    document = documents.parse(
        {
            "name": fields.pop("name", "Web"),
            "status": "active",
            "default_location": default.erp_code,
            "rules": named,
            **fields,
        }
    ).to_json()
    scenario = Scenario.objects.create(
        name=document["name"], status=Scenario.Status.ACTIVE, priority=document["priority"]
    )
    scenario.live_version = ScenarioVersion.objects.create(scenario=scenario, number=1, body=document)
    scenario.save()
    return scenario
