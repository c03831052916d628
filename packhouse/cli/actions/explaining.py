"""Why the last plan of an order is as it is: sentences, and what each rule saw."""

from collections.abc import Mapping
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from packhouse.planning.explain import document
from packhouse.planning.models import ExecutionPlan

SHOWN = 10
"""Candidates of a rule."""

Json = Mapping[str, Any]


def explain(order_id: int, number: str, language: str) -> None:
    """Print the explanation of the last plan of an order."""
    kept = (
        ExecutionPlan.objects.filter(order_id=order_id).order_by("-id").values_list("explanation", flat=True)
    )
    found = kept.first()
    if not found:
        click.echo(f"\n{number}: no plan was made yet, so there is nothing to explain.")
        return
    told = document(found)
    scenario = told["scenario"]
    by = f"{scenario['name']} v{scenario['version']}" if scenario else "no scenario"
    click.echo(f"\n{number}, planned by {by} at {told['taken_at']}:")
    for sentence in told["sentences"][language]:
        click.echo(f"- {sentence}")
    skus = {item: sku for item, sku, _ in found["lines"]}
    for rule in told["rules"]:
        _print_rule(rule, skus)


def _print_rule(rule: Json, skus: Mapping[int, str]) -> None:
    title = f"rule {rule['position']}, {rule['name']}"
    if rule["why_not"]:
        title += f": {rule['why_not']}"
    click.echo(f"\n{title}")
    candidates = rule["candidates"]
    if not candidates:
        return
    keys = [f"{key['key']} {key['direction']}" for key in rule["sort_keys"]]
    table = Table("rank", "location", *keys, "free", "quota", "km", "gave", box=None)
    for candidate in candidates[:SHOWN]:
        table.add_row(*_cells(candidate, len(keys), skus))
    Console().print(table)
    if len(candidates) > SHOWN:
        click.echo(f"and {len(candidates) - SHOWN} more locations")


def _cells(candidate: Json, keys: int, skus: Mapping[int, str]) -> list[str]:
    numbers = candidate["numbers"]
    levels = {sku: level for sku, level in numbers.items() if isinstance(level, dict)}
    values = candidate["sort"] or [None] * keys
    quota, most = numbers["quota"], numbers["max_quota"]
    return [
        _shown(candidate["rank"]) if candidate["in"] else candidate["excluded_by"],
        candidate["erp_code"],
        *map(_shown, values),
        ", ".join(f"{sku} {_free(level)}" for sku, level in levels.items()),
        _shown(quota) if most is None else f"{_shown(quota)}/{most}",
        _shown(numbers["distance_km"]),
        ", ".join(f"{share['quantity']} x {skus[share['order_item']]}" for share in candidate["given"])
        or "–",
    ]


def _free(level: Json) -> str:
    """`3`, or `0 of 3` where something is reserved, kept back or given."""
    free, stock = level["available"], level["stock"]
    return _shown(stock) if free == stock else f"{_shown(free)} of {_shown(stock)}"


def _shown(value: Any) -> str:
    return "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
