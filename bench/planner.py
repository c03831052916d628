"""How long the planner takes for one order: `python -m bench.planner`.

Pure computation on one core: no database, nothing read or written. The snapshot is made beforehand, as one
batch makes it; the explanation is part of the plan, turning it into what is stored is measured apart.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from time import perf_counter
from typing import Any

from packhouse.planning import explain, scenario
from packhouse.planning.engine import plan
from packhouse.planning.geography import Address, Point
from packhouse.planning.snapshot import (
    Line,
    Location,
    Locations,
    OrderFacts,
    ScenarioVersion,
    Snapshot,
    StockLevel,
    StockTable,
)

ORDERS = 400
ROUNDS = 5
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

CONDITIONS = [{"code": "STOCK_LOCATION_TYPE", "value": "store"}, {"code": "SELECT_BY_QUOTA"}]
NEAREST = [{"key": "DISTANCE", "direction": "asc"}, {"key": "PACKAGE_DENSITY", "direction": "asc"}]


@dataclass(frozen=True)
class Case:
    """`density`: the share of (location, SKU) pairs with a stock row."""

    name: str
    lines: int
    locations: int
    density: float
    rule: dict[str, Any]


CASES = [
    Case("ordered, nearest", 5, 200, 0.3, {}),
    Case("all from one, nearest", 5, 200, 0.3, {"product_condition": "all_products"}),
    Case("fewest packages", 5, 200, 0.3, {"strategy": "fewest_packages"}),
    Case("ordered, every pair stocked", 5, 200, 1.0, {}),
    Case("fewest packages, every pair stocked", 5, 200, 1.0, {"strategy": "fewest_packages"}),
    Case("fewest packages, 13 lines", 13, 200, 0.3, {"strategy": "fewest_packages"}),
    Case("ordered, 2,000 locations", 5, 2000, 0.1, {}),
]


def snapshots(case: Case, orders: int) -> Iterator[Snapshot]:
    """Orders of one batch: other products, addresses and quantities, the same locations."""
    random = Random(case.name)
    locations = Locations(
        Location(
            id=number,
            erp_code=f"S{number}",
            type="store",
            address=Address(city_id=random.randint(1, 81), point=a_point(random)),
            priority=random.randint(1, 5),
            max_quota=60,
            quota=random.randint(0, 60),
            open_packages=random.randint(0, 60),
        )
        for number in range(1, case.locations + 1)
    )
    body = {"location_conditions": CONDITIONS, "sort": NEAREST, **case.rule, "name": "rule"}
    document = scenario.parse({"name": "bench", "default_location": "S1", "rules": [body]})
    version = ScenarioVersion(1, 1, document)
    for number in range(orders):
        lines = tuple(
            Line(item, f"SKU-{item}", Decimal(random.choice([1, 1, 1, 2, 3]))) for item in range(case.lines)
        )
        rows = {
            (location.id, line.sku): StockLevel(
                Decimal(random.randint(0, 6)), Decimal(random.choice([0, 0, 1, 2])), Decimal(0)
            )
            for location in locations
            for line in lines
            if random.random() < case.density
        }
        yield Snapshot(
            order=OrderFacts(number, f"O{number}", address=Address(city_id=6, point=a_point(random))),
            lines=lines,
            scenarios=(version,),
            locations=locations,
            stock=StockTable(rows),
            taken_at=NOW,
        )


def a_point(random: Random) -> Point:
    return Point(random.uniform(26, 44), random.uniform(36, 42))


def times(work: Callable[[Any], Any], subjects: list[Any]) -> list[float]:
    """Milliseconds for each subject, the best of `ROUNDS` so that the neighbours on the machine weigh less."""
    best = [float("inf")] * len(subjects)
    for _ in range(ROUNDS):
        for n, subject in enumerate(subjects):
            start = perf_counter()
            work(subject)
            best[n] = min(best[n], (perf_counter() - start) * 1000)
    return best


def measure(case: Case, orders: int) -> str:
    batch = list(snapshots(case, orders))
    planned = times(plan, batch)
    plans = [plan(snapshot) for snapshot in batch]
    keeping = times(explain.stored, plans)
    kept = [len(json.dumps(explain.stored(made), separators=(",", ":"))) for made in plans]
    packages = statistics.mean(len(made.packages) for made in plans)
    p99 = sorted(planned)[int(len(planned) * 0.99) - 1]
    return (
        f"| {case.name} | {case.lines} x {case.locations} | {packages:.1f} | {statistics.mean(planned):.2f} "
        f"| {p99:.2f} | {statistics.mean(keeping):.2f} | {statistics.mean(kept) / 1000:.1f} |"
    )


def main(orders: int = ORDERS) -> None:
    print("| case | lines x locations | packages | plan, mean ms | p99 ms | to stored, ms | stored, kB |")
    print("|---|---|---|---|---|---|---|")
    for case in CASES:
        print(measure(case, orders), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
