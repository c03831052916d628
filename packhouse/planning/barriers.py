"""Why a location can never give anything to a rule, whatever the order: judged when a scenario is saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from packhouse.planning.conditions import IS_ACTIVE, IS_FULFILLMENT_CENTER
from packhouse.planning.geography import distance_km
from packhouse.planning.location_conditions import (
    ExceptListed,
    HasFlag,
    HasQuota,
    HasTag,
    OfType,
    OnlyListed,
    OpenNow,
    SamePlace,
    WithinDistance,
)
from packhouse.planning.scenario import Rule, TransferRule
from packhouse.planning.snapshot import Location, Locations

SELECTIONS = frozenset(
    {"STOCK_LOCATION_LIST", "EXCEPT_STOCK_LOCATION", "STOCK_LOCATION_TYPE", "TAGS", "HAS_FLAG"}
)
"""Barriers that say which locations a rule means; the others say that one it means cannot give."""

NO_MAX_QUOTA = "NO_MAX_QUOTA"
NO_CAPACITY = "NO_CAPACITY"
NO_COORDINATES = "NO_COORDINATES"
TOO_FAR = "TOO_FAR"
NO_PLACE = "NO_PLACE"
NEVER_OPEN = "NEVER_OPEN"


def barriers(rule: Rule, location: Location, everybody: Locations) -> list[str]:
    """Everything that keeps a location out of a rule for ever; selections first, empty when it can give."""
    found = [] if location.is_active else [IS_ACTIVE]
    is_source = isinstance(rule, TransferRule)
    if not is_source and not location.is_fulfillment_center:
        found.append(IS_FULFILLMENT_CENTER)
    for condition in rule.location_conditions:
        if isinstance(condition, WithinDistance) and is_source:
            why = _too_far_from_all(condition, location, everybody)
        else:
            why = _CHECKS.get(condition.code, _passes)(condition, location)
        if why is not None:
            found.append(why)
    return sorted(found, key=lambda why: why not in SELECTIONS)


def _passes(_: Any, __: Location) -> str | None:
    return None


def _listed(condition: OnlyListed, location: Location) -> str | None:
    return None if location.erp_code in condition.members else condition.code


def _not_listed(condition: ExceptListed, location: Location) -> str | None:
    return condition.code if location.erp_code in condition.members else None


def _typed(condition: OfType, location: Location) -> str | None:
    return None if location.type == condition.value else condition.code


def _tagged(condition: HasTag, location: Location) -> str | None:
    return condition.code if condition.members.isdisjoint(location.tags) else None


def _flagged(condition: HasFlag, location: Location) -> str | None:
    if condition.value in ("is_active", "is_fulfillment_center"):
        return None if getattr(location, condition.value) else condition.code
    return None if condition.value in location.flags else condition.code


def _with_quota(_: HasQuota, location: Location) -> str | None:
    if location.max_quota is None:
        return NO_MAX_QUOTA
    return None if location.max_quota > 0 else NO_CAPACITY


def _near(condition: WithinDistance, location: Location) -> str | None:
    if location.address.best_point is None:
        return NO_COORDINATES
    return None if condition.value > 0 else TOO_FAR


def _too_far_from_all(condition: WithinDistance, location: Location, everybody: Locations) -> str | None:
    """A source is measured from the locations that packages can be made at."""
    if location.address.best_point is None:
        return NO_COORDINATES
    for other in everybody:
        if other.id != location.id and other.is_active and other.is_fulfillment_center:
            distance = distance_km(other.address, location.address)
            if distance is not None and distance <= condition.kilometres:
                return None
    return TOO_FAR


def _placed(condition: SamePlace, location: Location) -> str | None:
    return NO_PLACE if getattr(location.address, f"{condition.value}_id") is None else None


def _opens(_: OpenNow, location: Location) -> str | None:
    hours = location.working_hours
    return NEVER_OPEN if hours is not None and hours.never_opens() else None


_CHECKS: Mapping[str, Callable[[Any, Location], str | None]] = {
    "STOCK_LOCATION_LIST": _listed,
    "EXCEPT_STOCK_LOCATION": _not_listed,
    "LOCATION_TYPE": _placed,
    "STOCK_LOCATION_TYPE": _typed,
    "SELECT_BY_QUOTA": _with_quota,
    "WITHIN_DISTANCE": _near,
    "TAGS": _tagged,
    "HAS_FLAG": _flagged,
    "OPEN_NOW": _opens,
}
