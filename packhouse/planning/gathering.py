"""A transferable rule: what its locations lack comes by transfer to the one it prefers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from packhouse.planning.conditions import View
from packhouse.planning.queries import Facts
from packhouse.planning.result import PlannedTransfer, RuleFacts, TransferFacts
from packhouse.planning.rule_run import (
    Outcome,
    StockUnavailable,
    given_shares,
    preferred_location,
    take_at,
)
from packhouse.planning.scenario import PackagingRule
from packhouse.planning.snapshot import Location
from packhouse.planning.transfers import bring
from packhouse.planning.working import Gift, Working


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a rule gives in the end. `transfers` go to `to`, which is among the `gifts`, be it with nothing.

    `working` is where the plan goes on from, with everything taken.
    """

    facts: RuleFacts
    gifts: tuple[Gift, ...]
    working: Working
    to: Location | None = None
    transfers: tuple[PlannedTransfer, ...] = ()


def gather(rule: PackagingRule, outcome: Outcome, view: View, facts: Facts, working: Working) -> Gathered:
    """Complete the outcome of a transferable rule, where sources have what is missing.

    A rule for all products that cannot be completed gives nothing. Raises `StockUnavailable`.
    """
    plain = working.fork()
    plain.take(outcome.gifts)
    as_it_is = Gathered(outcome.facts, outcome.gifts, plain)
    if not plain.are_left(outcome.lines):
        return as_it_is
    to = preferred_location(rule, outcome, view, working)
    if to is None:
        return as_it_is
    trial = plain.fork()
    gifts = outcome.gifts or (take_at(rule, to, outcome.lines, view, trial),)
    if not outcome.gifts:
        trial.take(gifts)
    transfers, told = _bring(trial, outcome, to, facts)
    if not transfers or (rule.product_condition == "all_products" and trial.are_left(outcome.lines)):
        return replace(as_it_is, facts=replace(outcome.facts, transfer=told))
    given = tuple([given_shares(gift) for gift in gifts if gift[1]])
    completed = replace(outcome.facts, why_not=None, given=given, transfer=told)
    return Gathered(completed, gifts, trial, to, transfers)


def _bring(
    trial: Working, outcome: Outcome, to: Location, facts: Facts
) -> tuple[tuple[PlannedTransfer, ...], TransferFacts]:
    try:
        return bring(trial, outcome.lines, to, facts)
    except StockUnavailable as silent:
        waiting = replace(outcome.facts, why_not="stock_unavailable", transfer=silent.facts.transfer)
        raise StockUnavailable(waiting) from silent
