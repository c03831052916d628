"""What a scenario can never do, said when it is saved: with the locations and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from packhouse.planning.barriers import SELECTIONS, barriers
from packhouse.planning.scenario import DistributionScenario, Rule, Scenario
from packhouse.planning.snapshot import Locations
from packhouse.planning.warning_texts import warning_text

NAMED = 50
"""Locations named at most in one warning."""

_LISTS = (
    ("channel", "channels"),
    ("shipping", "cargo_companies"),
    ("payment", "payment_options"),
    ("customer", "customer_types"),
)


@dataclass(frozen=True, slots=True)
class ScenarioWarning:
    """Something that does not keep a scenario from being saved.

    `path` as in `ScenarioInvalid`; `locations`: (erp_code, why), why being a condition code or a barrier.
    """

    code: str
    path: str
    names: dict[str, str] = field(default_factory=dict)
    locations: tuple[tuple[str, str], ...] = ()

    def to_json(self, language: str = "en") -> dict[str, Any]:
        """``{"code", "path", "detail", "locations": [{"erp_code", "reason"}]}``; language ``en`` or ``tr``."""
        return {
            "code": self.code,
            "path": self.path,
            "detail": warning_text(self.code, self.names, self.locations, language),
            "locations": [{"erp_code": code, "reason": why} for code, why in self.locations],
        }


def warnings(scenario: Scenario, locations: Locations) -> tuple[ScenarioWarning, ...]:
    """Everything that cannot happen with these locations, in the order of the document."""
    found: list[ScenarioWarning] = [*_of_conditions(scenario), *_of_default(scenario, locations)]
    dead: list[ScenarioWarning] = []
    for n, rule in enumerate(scenario.rules):
        found += _unknown_locations(rule, f"rules.{n}", locations)
        warning = _of_rule(rule, f"rules.{n}", locations)
        if warning is not None:
            found.append(warning)
            dead.append(warning)
    if not scenario.rules:
        found.append(ScenarioWarning("no_rules", "rules"))
    elif len(dead) == len(scenario.rules):
        named: dict[str, str] = {}
        for erp_code, why in (pair for warning in dead for pair in warning.locations):
            named.setdefault(erp_code, why)
        found.append(ScenarioWarning("never_places", "rules", {}, tuple(named.items())[:NAMED]))
    return tuple(found)


def _of_conditions(scenario: Scenario) -> Iterator[ScenarioWarning]:
    for name, listed in _LISTS:
        kind = f"{name}_condition_type"
        values, query = getattr(scenario, listed), getattr(scenario, f"{name}_query")
        if getattr(scenario, kind) == "static":
            if not values:
                yield ScenarioWarning("never_matches", listed, {"field": listed})
            if query is not None:
                yield ScenarioWarning("not_used", f"{name}_query", {"field": kind, "value": "dynamic"})
        elif values:
            yield ScenarioWarning("not_used", listed, {"field": kind, "value": "static"})
    for n, rule in enumerate(scenario.rules):
        if rule.product_query is not None and rule.product_condition != "query":
            names = {"field": "product_condition", "value": "query"}
            yield ScenarioWarning("not_used", f"rules.{n}.product_query", names)


def _of_default(scenario: Scenario, locations: Locations) -> Iterator[ScenarioWarning]:
    if not isinstance(scenario, DistributionScenario):
        return
    default = locations.by_code.get(scenario.default_location)
    if default is None:
        yield ScenarioWarning("unknown_location", "default_location", {"erp_code": scenario.default_location})
    elif not default.is_active:
        yield ScenarioWarning(
            "default_inactive", "default_location", {}, ((scenario.default_location, "IS_ACTIVE"),)
        )


def _unknown_locations(rule: Rule, path: str, locations: Locations) -> Iterator[ScenarioWarning]:
    for n, condition in enumerate(rule.location_conditions):
        if condition.code in ("STOCK_LOCATION_LIST", "EXCEPT_STOCK_LOCATION"):
            for code in condition.value:
                if code not in locations.by_code:
                    at = f"{path}.location_conditions.{n}.value"
                    yield ScenarioWarning("unknown_location", at, {"erp_code": code})


def _of_rule(rule: Rule, path: str, locations: Locations) -> ScenarioWarning | None:
    """A rule for which every location has a barrier; named are those it means, or else all."""
    meant: list[tuple[str, str]] = []
    others: list[tuple[str, str]] = []
    for location in locations:
        whys = barriers(rule, location, locations)
        if not whys:
            return None
        pair = (location.erp_code, whys[0])
        (others if whys[0] in SELECTIONS else meant).append(pair)
    listed = {
        code
        for condition in rule.location_conditions
        if condition.code == "STOCK_LOCATION_LIST"
        for code in condition.value
    }
    contradicted = [pair for pair in others if pair[0] in listed] or others
    return ScenarioWarning(
        "rule_never_places", path, {"rule": rule.name}, tuple(meant or contradicted)[:NAMED]
    )
