"""Running one rule: who is in, in which order, and who gives what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from packhouse.planning.conditions import View, tests_of
from packhouse.planning.cover import fewest_packages, most_units, share_out, whole_units
from packhouse.planning.cover_needs import Problem, Wanted
from packhouse.planning.queries import Facts
from packhouse.planning.query_fields import product_facts
from packhouse.planning.ranking import Ranking
from packhouse.planning.result import Bound, RuleFacts
from packhouse.planning.scenario import Rule
from packhouse.planning.snapshot import Line, Location
from packhouse.planning.working import ZERO, Gift, Working


class StockUnavailable(Exception):
    """It is the turn of a location whose stock service is silent: the plan has to wait."""

    def __init__(self, facts: RuleFacts) -> None:
        self.facts = facts
        super().__init__(facts.name)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the locations of a rule give, and how it came to that. `ranked`: who was in, best first."""

    facts: RuleFacts
    gifts: tuple[Gift, ...] = ()
    ranked: tuple[Location, ...] = ()
    lines: tuple[Line, ...] = ()


def run_rule(
    rule: Rule, position: int, lines: Sequence[Line], facts: Facts, view: View, working: Working
) -> Outcome:
    """Decide what one rule gives of ``lines``; ``working`` is read, not changed. Raises `StockUnavailable`."""
    turn = _Turn(rule, position, view, working)
    if not lines:
        return turn.without("nothing_left")
    if rule.prerequisite is not None and not rule.prerequisite.holds(facts):
        return turn.without("prerequisite")
    eligible = _matching_products(rule, lines, facts)
    if not eligible:
        return turn.without("no_product_matches")
    return turn.play(eligible)


def _matching_products(rule: Rule, lines: Sequence[Line], facts: Facts) -> tuple[Line, ...]:
    query = rule.product_query
    if rule.product_condition != "query" or query is None:
        return tuple(lines)
    return tuple(line for line in lines if query.holds({**facts, **product_facts(line)}))


class _Turn:
    """One rule while it is being run."""

    def __init__(self, rule: Rule, position: int, view: View, working: Working) -> None:
        self.rule = rule
        self.position = position
        self.view = view
        self.working = working
        silent = working.snapshot.unknown_stock
        if rule.allow_last_known_stock and silent:
            answered = {place for levels in working.levels.values() for place in levels}
            silent = frozenset(silent - answered)
        self.silent = silent
        self.waits_for = frozenset() if rule.allow_last_known_stock else silent
        self.wanted: list[Wanted] = []
        self.ranked: list[Location] = []
        self.values: tuple[tuple[object, ...], ...] = ()
        self.excluded: list[tuple[int, str]] = []

    def play(self, lines: tuple[Line, ...]) -> Outcome:
        self.wanted = [(line, self.working.left[line.order_item_id]) for line in lines]
        skus = tuple(dict.fromkeys(line.sku for line in lines))
        inside = self._let_in(self.working.candidates)
        ranking = Ranking(self.view, self.working, skus, self.silent)
        self.ranked, self.values = ranking.sorted(inside, self.rule.sort)
        gifts, bound = self._give(skus)
        why_not = None if gifts else self._why_nothing(skus)
        return Outcome(self._facts(why_not, skus, gifts, bound), gifts, tuple(self.ranked), lines)

    def without(self, why_not: str) -> Outcome:
        return Outcome(RuleFacts(self.position, self.rule.name, why_not))

    def _let_in(self, candidates: Sequence[Location]) -> list[Location]:
        inside = list(candidates)
        for code, passes in tests_of(self.rule.location_conditions, self.view, self.working):
            passed = [location for location in inside if passes(location)]
            if len(passed) < len(inside):
                stays = {location.id for location in passed}
                self.excluded += [(place.id, code) for place in inside if place.id not in stays]
                inside = passed
        return inside

    def _give(self, skus: tuple[str, ...]) -> tuple[tuple[Gift, ...], Bound | None]:
        if self.rule.product_condition == "all_products":
            return self._from_one(skus), None
        if self.rule.strategy == "fewest_packages":
            return self._from_fewest(skus)
        gifts = self._walk(self.ranked)
        most = self.rule.max_packages
        if most is not None and len(gifts) > most:
            self._ask_all(self.ranked, skus)
            problem = Problem(self.wanted, self._shelves(skus), cut_anywhere=True)
            gifts = self._walk([self.ranked[n] for n in most_units(problem, most)])
        return gifts, None

    def _from_one(self, skus: tuple[str, ...]) -> tuple[Gift, ...]:
        """The first in the sort that can take everything."""
        asked: dict[str, Decimal] = {}
        for line, quantity in self.wanted:
            asked[line.sku] = asked.get(line.sku, ZERO) + quantity
        able: Sequence[int] = range(len(self.ranked))
        for sku, shelf in self._shelves(skus).items():
            able = [n for n in able if shelf[n] >= asked[sku]]
        self._ask_all(self.ranked[: able[0]] if able else self.ranked, skus)
        return ((self.ranked[able[0]], tuple(self.wanted)),) if able else ()

    def _walk(self, locations: Sequence[Location]) -> tuple[Gift, ...]:
        """Each in turn takes what it can, until nothing is left."""
        rest = self.wanted
        gifts: list[Gift] = []
        for location in locations:
            if not rest:
                break
            self._ask(location, [line.sku for line, _ in rest])
            gift, rest = self.take_at(location, rest)
            if gift:
                gifts.append((location, tuple(gift)))
        return tuple(gifts)

    def take_at(self, location: Location, wanted: list[Wanted]) -> tuple[list[Wanted], list[Wanted]]:
        """(what the location gives, what is still wanted)"""
        room: dict[str, Decimal] = {}
        gift, rest = [], []
        for line, quantity in wanted:
            held = room.get(line.sku)
            if held is None:
                held = self._offer(location, line.sku)
            part = quantity if held >= quantity else whole_units(line, held)
            if part > 0:
                gift.append((line, part))
                room[line.sku] = held - part
            if part < quantity:
                rest.append((line, quantity - part))
        return gift, rest

    def _from_fewest(self, skus: tuple[str, ...]) -> tuple[tuple[Gift, ...], Bound | None]:
        problem = Problem(self.wanted, self._shelves(skus))
        cover = fewest_packages(problem)
        chosen = cover.chosen
        self._ask_all(self.ranked[: chosen[0]] if self._is_enough(chosen) else self.ranked, skus)
        most = self.rule.max_packages
        if most is not None and len(chosen) > most:
            chosen = most_units(problem, most)
        shares = share_out(problem, chosen)
        gifts = tuple((self.ranked[n], tuple(shares[n])) for n in chosen if n in shares)
        return gifts, cover.bound if problem.needs else None

    def _is_enough(self, chosen: Sequence[int]) -> bool:
        """One location gives everything: no silent one behind it in the sort could change that."""
        if len(chosen) != 1:
            return False
        _, rest = self.take_at(self.ranked[chosen[0]], self.wanted)
        return not rest

    def _ask_all(self, locations: Sequence[Location], skus: Sequence[str]) -> None:
        if self.waits_for:
            for location in locations:
                self._ask(location, skus)

    def _ask(self, location: Location, skus: Sequence[str]) -> None:
        if location.id in self.waits_for and any(
            (location.id, sku) not in self.working.snapshot.exclusions for sku in skus
        ):
            raise StockUnavailable(self._facts("stock_unavailable", tuple(skus), (), None))

    def _offer(self, location: Location, sku: str) -> Decimal:
        if location.id in self.waits_for:
            return ZERO
        return max(self.working.free(sku, location.id) - self.rule.left_as_safety, ZERO)

    def _shelves(self, skus: Sequence[str]) -> Mapping[str, list[Decimal]]:
        if self.rule.left_as_safety or self.waits_for:
            return {sku: [self._offer(location, sku) for location in self.ranked] for sku in skus}
        ids = [location.id for location in self.ranked]
        return {sku: self.working.shelf(sku, ids) for sku in skus}

    def _why_nothing(self, skus: Sequence[str]) -> str:
        if not self.ranked:
            return "no_location_passes" if self.excluded else "no_stock"
        if not any(self._offer(location, sku) > 0 for location in self.ranked for sku in skus):
            return "no_stock"
        return "no_single_location" if self.rule.product_condition == "all_products" else "no_stock"

    def _facts(
        self, why_not: str | None, skus: tuple[str, ...], gifts: Sequence[Gift], bound: Bound | None
    ) -> RuleFacts:
        return RuleFacts(
            position=self.position,
            name=self.rule.name,
            why_not=why_not,
            skus=skus,
            keys=tuple([(sort.key, sort.direction) for sort in self.rule.sort]),
            product_condition=self.rule.product_condition,
            strategy=self.rule.strategy,
            max_packages=self.rule.max_packages,
            ranked=tuple([location.id for location in self.ranked]),
            values=self.values,
            excluded=tuple(self.excluded),
            given=tuple([given_shares(gift) for gift in gifts]),
            bound=bound,
        )


def preferred_location(rule: Rule, outcome: Outcome, view: View, working: Working) -> Location | None:
    """Where a package that waits for transfers is made; `working` is as before the rule took anything.

    The first that was given something; else the first in the sort with any of the items; else the first of
    all that pass the conditions. None when nobody passes.
    """
    if outcome.gifts:
        return outcome.gifts[0][0]
    skus = tuple(dict.fromkeys(line.sku for line in outcome.lines))
    for place in outcome.ranked:
        if any(working.free(sku, place.id) > 0 for sku in skus):
            return place
    tests = tests_of(rule.location_conditions, view, working)
    everybody = working.snapshot.locations
    inside = [place for place in everybody if all(passes(place) for _, passes in tests)]
    inside.sort(key=lambda place: everybody.places[place.id])
    ranked, _ = Ranking(view, working, skus).sorted(inside, rule.sort)
    return ranked[0] if ranked else None


def take_at(rule: Rule, location: Location, lines: Sequence[Line], view: View, working: Working) -> Gift:
    """What one location can give of some lines, be it nothing."""
    turn = _Turn(rule, 0, view, working)
    gift, _ = turn.take_at(location, [(line, working.left[line.order_item_id]) for line in lines])
    return location, tuple(gift)


def given_shares(gift: Gift) -> tuple[int, tuple[tuple[int, Decimal], ...]]:
    """A gift by ids: (location id, ((order item id, quantity), ...))."""
    location, shares = gift
    return location.id, tuple([(line.order_item_id, quantity) for line, quantity in shares])
