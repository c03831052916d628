"""Where missing items come from: transfer scenarios, run for one package's location."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from packhouse.planning.conditions import View
from packhouse.planning.matching import first_match
from packhouse.planning.queries import Facts
from packhouse.planning.query_fields import order_facts, package_facts
from packhouse.planning.result import NotPlaced, PlannedTransfer, RuleFacts, Share, TransferFacts
from packhouse.planning.rule_run import StockUnavailable, given_shares, run_rule
from packhouse.planning.snapshot import Line, Location, Snapshot
from packhouse.planning.working import Working


@dataclass(frozen=True, slots=True)
class TransferPlan:
    """What comes to one location, and what no source has (`not_placed`, reason ``no_source``).

    `reason` ``stock_unavailable``: a source whose stock service is silent is to be asked; nothing is
    decided. `facts` explain it.
    """

    transfers: tuple[PlannedTransfer, ...]
    not_placed: tuple[NotPlaced, ...]
    reason: str | None
    facts: TransferFacts


def plan_transfers(snapshot: Snapshot, location_id: int) -> TransferPlan:
    """Sources for all lines of a snapshot, for a package that exists at a location (``KeyError``: unknown)."""
    working = Working(snapshot)
    everything = dict(working.left)
    location = snapshot.locations.by_id[location_id]
    try:
        known = order_facts(snapshot.order, snapshot.lines, snapshot.timezone)
        transfers, facts = bring(working, working.lines, location, known)
    except StockUnavailable as silent:
        facts = silent.facts.transfer or TransferFacts(location_id, None)
        return TransferPlan((), _rest(everything, "stock_unavailable"), "stock_unavailable", facts)
    return TransferPlan(transfers, _rest(working.left, "no_source"), None, facts)


def bring(
    working: Working, lines: Sequence[Line], to: Location, facts: Facts
) -> tuple[tuple[PlannedTransfer, ...], TransferFacts]:
    """Take what is left of ``lines`` at sources, one transfer each. Raises `StockUnavailable`."""
    snapshot = working.snapshot
    scenario, _ = first_match(snapshot.transfer_scenarios, snapshot.order, facts)
    if scenario is None:
        return (), TransferFacts(to.id, None)
    view = View(to.address, {}, package_at=to)
    facts = {**facts, **package_facts(to)}
    coming: dict[int, PlannedTransfer] = {}
    history: list[RuleFacts] = []
    for position, rule in enumerate(scenario.document.rules, start=1):
        missing = [line for line in lines if line.order_item_id in working.left]
        try:
            outcome = run_rule(rule, position, missing, facts, view, working)
        except StockUnavailable as silent:
            inner = TransferFacts(to.id, scenario, (*history, silent.facts), view.distances)
            raise StockUnavailable(replace(silent.facts, transfer=inner)) from silent
        working.take(outcome.gifts)
        history.append(outcome.facts)
        for gift in outcome.gifts:
            source, shares = given_shares(gift)
            before = coming.get(source) or PlannedTransfer(source, (), position, rule.name)
            coming[source] = replace(before, lines=merged(before.lines, shares))
    return tuple(coming.values()), TransferFacts(to.id, scenario, tuple(history), view.distances)


def merged(one: Sequence[Share], other: Sequence[Share]) -> tuple[Share, ...]:
    """Shares added up by order item, in the order they first came."""
    total = dict(one)
    for item, quantity in other:
        total[item] = total[item] + quantity if item in total else quantity
    return tuple(total.items())


def _rest(left: Mapping[int, Decimal], reason: str) -> tuple[NotPlaced, ...]:
    return tuple(NotPlaced(item, quantity, reason) for item, quantity in left.items())
