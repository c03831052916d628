"""Which scenario an order belongs to: four conditions, all of which must hold; the first match wins."""

from __future__ import annotations

from collections.abc import Iterable

from packhouse.planning.queries import Facts
from packhouse.planning.scenario import Scenario
from packhouse.planning.snapshot import OrderFacts, ScenarioVersion

Refusals = tuple[tuple[ScenarioVersion, str], ...]


def first_match(
    scenarios: Iterable[ScenarioVersion], order: OrderFacts, facts: Facts
) -> tuple[ScenarioVersion | None, Refusals]:
    """The first scenario whose conditions hold, and those before it with the condition that failed."""
    refusals: list[tuple[ScenarioVersion, str]] = []
    for version in scenarios:
        failed = failed_condition(version.document, order, facts)
        if failed is None:
            return version, tuple(refusals)
        refusals.append((version, failed))
    return None, tuple(refusals)


def failed_condition(scenario: Scenario, order: OrderFacts, facts: Facts) -> str | None:
    """`channel`, `shipping`, `payment` or `customer`, whichever fails first; None when all hold."""
    for name, kind, query, holds_static in (
        (
            "channel",
            scenario.channel_condition_type,
            scenario.channel_query,
            order.channel in scenario.channels,
        ),
        (
            "shipping",
            scenario.shipping_condition_type,
            scenario.shipping_query,
            order.cargo_company in scenario.cargo_companies,
        ),
        (
            "payment",
            scenario.payment_condition_type,
            scenario.payment_query,
            order.payment_option in scenario.payment_options,
        ),
        (
            "customer",
            scenario.customer_condition_type,
            scenario.customer_query,
            order.customer_type in scenario.customer_types,
        ),
    ):
        holds = holds_static if kind == "static" else query is None or query.holds(facts)
        if not holds:
            return name
    return None
