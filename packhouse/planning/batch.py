"""Deciding many orders one after the other, each from what those before it left. Pure, like `engine`.

Live planning, simulation and the plan of a single order (a batch of one) all come through here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from packhouse.planning.engine import plan
from packhouse.planning.result import OUT_OF_STOCK, Plan, lines_by_item
from packhouse.planning.snapshot import (
    Line,
    Load,
    Locations,
    OrderFacts,
    ScenarioVersion,
    Snapshot,
    StockLevel,
    StockTable,
)
from packhouse.planning.tariff import Tariff

Exclusions = frozenset[tuple[int, str | None]]
"""(location id, SKU or None for all): never again there for this order."""


@dataclass(frozen=True, slots=True)
class Plannable:
    """What of an order may be planned now. `lines` empty: `reason` says why."""

    order: OrderFacts
    lines: tuple[Line, ...]
    reason: str | None
    exclusions: Exclusions = frozenset()


@dataclass(frozen=True, slots=True)
class Ground:
    """What all orders of a batch stand on; scenarios in priority order, the rest as in `Snapshot`."""

    locations: Locations
    scenarios: tuple[ScenarioVersion, ...]
    transfer_scenarios: tuple[ScenarioVersion, ...]
    timezone: tzinfo
    tariff: Tariff | None = None


class Book:
    """Stock and loads while a batch is decided. A snapshot that was given out never changes."""

    def __init__(
        self,
        ground: Ground,
        stock: StockTable,
        taken_at: datetime,
        unknown_stock: frozenset[int] = frozenset(),
    ) -> None:
        self._ground = ground
        self._taken_at = taken_at
        self._unknown_stock = unknown_stock
        self._stock = stock
        self._levels: dict[str, Mapping[int, StockLevel]] = {}
        self._loads: dict[int, Load] = {}

    def snapshot(self, wanted: Plannable, attempt: int = 1) -> Snapshot:
        """What one order may look at, as things stand in the book."""
        ground = self._ground
        skus = {line.sku for line in wanted.lines}
        return Snapshot(
            order=wanted.order,
            lines=wanted.lines,
            scenarios=ground.scenarios,
            transfer_scenarios=ground.transfer_scenarios,
            locations=ground.locations,
            stock=StockTable.from_skus({sku: self._of(sku) for sku in skus}),
            taken_at=self._taken_at,
            attempt=attempt,
            unknown_stock=self._unknown_stock,
            exclusions=wanted.exclusions,
            loads=dict(self._loads),
            tariff=ground.tariff,
            timezone=ground.timezone,
        )

    def decide(self, wanted: Plannable, attempt: int = 1) -> Plan:
        """Plan one order and enter what it was given."""
        made = plan(self.snapshot(wanted, attempt))
        self.enter(made)
        return made

    def enter(self, made: Plan) -> None:
        """Reserve what a plan gives, and count its packages."""
        lines = lines_by_item(made.explanation.snapshot)
        for package in made.packages:
            self._load(package.location_id, holds=package.state != OUT_OF_STOCK)
            for location_id, (order_item_id, quantity) in package.reserved():
                self._reserve(lines[order_item_id].sku, location_id, quantity)

    def _of(self, sku: str) -> Mapping[int, StockLevel]:
        return self._levels.get(sku) or self._stock.of(sku)

    def _reserve(self, sku: str, location_id: int, quantity: Decimal) -> None:
        levels = self._of(sku)
        level = levels[location_id]
        taken = StockLevel(level.stock, level.reserved + quantity, level.safety)
        self._levels[sku] = {**levels, location_id: taken}

    def _load(self, location_id: int, *, holds: bool) -> None:
        load = self._loads.get(location_id)
        if load is None:
            location = self._ground.locations.by_id[location_id]
            load = Load(location.quota, location.open_packages)
        self._loads[location_id] = Load(load.quota + holds, load.open_packages + 1)
