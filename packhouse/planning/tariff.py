"""What carriers charge by their rules, and whose rule is chosen for a package (page 80, 2.4). Pure.

Packing chooses the carrier by it, and the sort key `COST` asks what that choice would cost from each location.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from packhouse.planning.queries import Facts, Query
from packhouse.planning.query_fields import order_facts, package_facts
from packhouse.planning.snapshot import Line, Location, Snapshot

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class CarrierRule:
    """One rule of a carrier: `carrier` is its erp_code; `base` None: the rule names no cost."""

    carrier_id: int
    carrier: str
    priority: int = 100
    when: Query | None = None
    shipping_option_slug: str | None = None
    base: Decimal | None = None
    per_desi: Decimal = ZERO

    def holds(self, facts: Facts) -> bool:
        if self.shipping_option_slug not in (None, facts["order.shipping_option_slug"]):
            return False
        return self.when is None or self.when.holds(facts)

    def cost(self, facts: Facts) -> Decimal | None:
        return None if self.base is None else self.base + self.per_desi * facts["package.desi"]


@dataclass(frozen=True, slots=True)
class Tariff:
    """The rules of the active carriers, by carrier id.

    `carriers`: erp_codes of all active ones. `rules_first`: rules come before the carrier that an order names.
    """

    rules: tuple[CarrierRule, ...] = ()
    carriers: frozenset[str] = frozenset()
    rules_first: bool = False

    def chosen(self, facts: Facts, *, carrier: str | None = None) -> CarrierRule | None:
        """The first that holds by priority, then cost, then the carrier's id; `carrier`: of this one alone."""
        matching = [rule for rule in self.rules if carrier in (None, rule.carrier) and rule.holds(facts)]
        return min(
            matching,
            key=lambda rule: (rule.priority, rule.cost(facts) or ZERO, rule.carrier_id),
            default=None,
        )

    def cost(self, named: str | None, facts: Facts) -> Decimal | None:
        """Of the carrier that would be chosen; `named`: by the order. None: no rule of it says so."""
        own = named if named in self.carriers and not self.rules_first else None
        rule = self.chosen(facts, carrier=own)
        return None if rule is None else rule.cost(facts)


def costs_from(snapshot: Snapshot, locations: Sequence[Location]) -> list[Decimal | None]:
    """What the whole order would cost from each of these locations."""
    tariff = snapshot.tariff
    if tariff is None or not tariff.rules:
        return [None] * len(locations)
    order = snapshot.order
    facts = {**order_facts(order, snapshot.lines, snapshot.timezone), **_contents(snapshot.lines)}
    facts["package.pay_on_delivery_amount"] = order.pay_on_delivery_amount
    return [tariff.cost(order.cargo_company, {**facts, **package_facts(place)}) for place in locations]


def _contents(lines: Sequence[Line]) -> dict[str, Decimal]:
    return {
        "package.weight": sum((line.quantity * (line.unit_weight or ZERO) for line in lines), ZERO),
        "package.desi": sum((line.quantity * (line.desi or ZERO) for line in lines), ZERO),
    }
