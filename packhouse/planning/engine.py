"""`plan(snapshot) -> Plan`: the one function that decides who packs what. Pure: same snapshot, same plan."""

from __future__ import annotations

from packhouse.planning.conditions import View
from packhouse.planning.gathering import gather
from packhouse.planning.matching import Refusals, first_match
from packhouse.planning.packing import Packing, out_of_stock
from packhouse.planning.query_fields import order_facts
from packhouse.planning.reasons import Reason, reason_for
from packhouse.planning.result import Explanation, NotPlaced, Plan, PlannedPackage, PlannedTransfer, RuleFacts
from packhouse.planning.rule_run import StockUnavailable, given_shares, run_rule
from packhouse.planning.scenario import DistributionScenario, PackagingRule
from packhouse.planning.snapshot import Location, ScenarioVersion, Snapshot
from packhouse.planning.working import Gift, Working


def plan(snapshot: Snapshot) -> Plan:
    """Decide one order. What cannot be decided is in the plan's `reason`; it never raises for that."""
    return _Planning(snapshot).decide()


class _Planning:
    """One plan while it is being made."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.facts = order_facts(snapshot.order, snapshot.lines, snapshot.timezone)
        self.working = Working(snapshot)
        self.view = View(snapshot.order.address, {})
        self.refusals: Refusals = ()
        self.history: list[RuleFacts] = []
        self.packing = Packing()

    def decide(self) -> Plan:
        snapshot = self.snapshot
        scenario, self.refusals = first_match(snapshot.scenarios, snapshot.order, self.facts)
        if scenario is None or not isinstance(scenario.document, DistributionScenario):
            return self._pending(None, Reason.NO_SCENARIO)
        document = scenario.document
        try:
            for position, rule in enumerate(document.rules, start=1):
                self._run(rule, position)
        except StockUnavailable as silent:
            self.history.append(silent.facts)
            return self._pending(scenario, Reason.STOCK_UNAVAILABLE)
        packages = self.packing.packages(document.default_multiple_packages_state)
        if not self.working.left:
            return self._made(scenario, packages, (), None)
        default = snapshot.locations.by_code.get(document.default_location)
        if default is None:
            return self._pending(scenario, Reason.DEFAULT_LOCATION_MISSING)
        return self._with_rest(scenario, packages, default)

    def _run(self, rule: PackagingRule, position: int) -> None:
        lines = self.working.open_lines()
        outcome = run_rule(rule, position, lines, self.facts, self.view, self.working)
        if rule.transferable and outcome.lines:
            gathered = gather(rule, outcome, self.view, self.facts, self.working)
            self.working.adopt(gathered.working)
            facts, gifts, to, transfers = gathered.facts, gathered.gifts, gathered.to, gathered.transfers
        else:
            self.working.take(outcome.gifts)
            facts, gifts, to, transfers = outcome.facts, outcome.gifts, None, ()
        self.history.append(facts)
        for gift in gifts:
            coming = transfers if gift[0] is to else ()
            self._pack(gift, (position, rule.name), coming)

    def _pack(self, gift: Gift, rule: tuple[int, str], transfers: tuple[PlannedTransfer, ...]) -> None:
        location_id, shares = given_shares(gift)
        if self.packing.add(location_id, shares, rule, transfers):
            self.working.packages[location_id] = self.working.packages.get(location_id, 0) + 1

    def _with_rest(
        self, scenario: ScenarioVersion, packages: tuple[PlannedPackage, ...], default: Location
    ) -> Plan:
        left = self.working.left
        rest = []
        for line in self.working.open_lines():
            reason = reason_for(line, self.history, self.working)
            rest.append(NotPlaced(line.order_item_id, left[line.order_item_id], reason.value))
        parked = out_of_stock(default.id, [(item.order_item_id, item.quantity) for item in rest])
        return self._made(scenario, (*packages, parked), tuple(rest), None)

    def _pending(self, scenario: ScenarioVersion | None, reason: Reason) -> Plan:
        everything = [
            NotPlaced(line.order_item_id, line.quantity, reason.value) for line in self.working.lines
        ]
        return self._made(scenario, (), tuple(everything), reason.value)

    def _made(
        self,
        scenario: ScenarioVersion | None,
        packages: tuple[PlannedPackage, ...],
        not_placed: tuple[NotPlaced, ...],
        reason: str | None,
    ) -> Plan:
        working = self.working
        explanation = Explanation(
            snapshot=self.snapshot,
            refusals=self.refusals,
            rules=tuple(self.history),
            candidates=working.candidates,
            levels=working.levels,
            loads=dict(self.snapshot.loads),
            distances=self.view.distances,
        )
        return Plan(scenario, packages, not_placed, reason, explanation)
