"""Why something was not placed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from packhouse.planning.conditions import IS_ACTIVE, IS_FULFILLMENT_CENTER, REFUSED_BEFORE
from packhouse.planning.result import RuleFacts
from packhouse.planning.snapshot import Line
from packhouse.planning.working import Working


class Reason(StrEnum):
    """Kept with every quantity that stays unplanned."""

    NO_SCENARIO = "no_scenario"
    """No active scenario matches the order."""
    STOCK_UNAVAILABLE = "stock_unavailable"
    """A stock service whose answer is needed is silent."""
    DEFAULT_LOCATION_MISSING = "default_location_missing"
    """The scenario's default location is not known."""
    NO_RULE_APPLIES = "no_rule_applies"
    """No rule's prerequisite holds, or the scenario has no rules."""
    NO_PRODUCT_MATCHES = "no_product_matches"
    """The rules that apply do not take this product."""
    NO_STOCK = "no_stock"
    """No location has any."""
    NOTHING_FREE = "nothing_free"
    """What there is, is reserved or safety stock."""
    NOT_ENOUGH_STOCK = "not_enough_stock"
    """All that was free has been given."""
    REFUSED_BEFORE = "refused_before"
    """Free only where this order must not go again."""
    NOT_A_FULFILLMENT_CENTER = "not_a_fulfillment_center"
    """Free only at locations that are inactive or do not pack."""
    NO_QUOTA = "no_quota"
    """Free only at locations without available quota."""
    CONDITIONS = "conditions"
    """Free only at locations that the rules' conditions shut out."""
    NO_SINGLE_LOCATION = "no_single_location"
    """The rules want all from one location, and none has all."""
    MAX_PACKAGES = "max_packages"
    """More packages would have been needed than the rules allow."""
    LEFT_AS_SAFETY_STOCK = "left_as_safety_stock"
    """The rules leave these units where they are."""


def reason_for(line: Line, rules: Sequence[RuleFacts], working: Working) -> Reason:
    """Why a line of which something is left was not placed by these rules."""
    levels = working.levels[line.sku]
    known = working.snapshot.locations.by_id
    if not any(level.stock > 0 and place in known for place, level in levels.items()):
        return Reason.NO_STOCK
    held = {place for place, level in levels.items() if level.available > 0 and place in known}
    if not held:
        return Reason.NOTHING_FREE
    free = {place for place in held if working.free(line.sku, place) > 0}
    if not free:
        shut = any(what in (None, line.sku) and place in held for place, what in working.snapshot.exclusions)
        return Reason.REFUSED_BEFORE if shut else Reason.NOT_ENOUGH_STOCK
    tried = [rule for rule in rules if rule.skus]
    if not tried:
        asked = any(rule.why_not == "no_product_matches" for rule in rules)
        return Reason.NO_PRODUCT_MATCHES if asked else Reason.NO_RULE_APPLIES
    tried = [rule for rule in tried if line.sku in rule.skus]
    if not tried:
        return Reason.NO_PRODUCT_MATCHES
    return _from_rules(tried, free)


def _from_rules(tried: Sequence[RuleFacts], free: set[int]) -> Reason:
    """It is free somewhere: did the rules look there, and what kept them from taking it?"""
    inside = [rule for rule in tried if not free.isdisjoint(rule.ranked)]
    if not inside:
        codes = {code for rule in tried for place, code in rule.excluded if place in free}
        return _from_codes(codes)
    if any(rule.product_condition == "all_products" for rule in inside):
        return Reason.NO_SINGLE_LOCATION
    if any(rule.max_packages is not None and len(rule.given) >= rule.max_packages for rule in inside):
        return Reason.MAX_PACKAGES
    return Reason.LEFT_AS_SAFETY_STOCK


def _from_codes(codes: set[str]) -> Reason:
    if codes <= {IS_ACTIVE, IS_FULFILLMENT_CENTER}:
        return Reason.NOT_A_FULFILLMENT_CENTER
    if codes <= {REFUSED_BEFORE}:
        return Reason.REFUSED_BEFORE
    if "SELECT_BY_QUOTA" in codes:
        return Reason.NO_QUOTA
    return Reason.CONDITIONS
