"""How a rule looks at locations: from where, and who passes its conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packhouse.planning.geography import Address
from packhouse.planning.location_conditions import (
    ExceptListed,
    HasFlag,
    HasQuota,
    HasTag,
    LocationCondition,
    OfType,
    OnlyListed,
    OpenNow,
    SamePlace,
    WithinDistance,
)
from packhouse.planning.snapshot import Location
from packhouse.planning.working import Working

Test = Callable[[Location], bool]

IS_ACTIVE = "IS_ACTIVE"
IS_FULFILLMENT_CENTER = "IS_FULFILLMENT_CENTER"
OWN_LOCATION = "OWN_LOCATION"
REFUSED_BEFORE = "REFUSED_BEFORE"


@dataclass(frozen=True, slots=True)
class View:
    """Where rules look from: the delivery address, or the location of a package that waits for a transfer.

    `package_at` is that location: it cannot be a source, and a source need not be a fulfilment centre.
    `distances` (km by location id) are kept for the whole plan.
    """

    origin: Address
    distances: dict[int, float | None]
    package_at: Location | None = None

    def distance(self, location: Location) -> float | None:
        """Kilometres from the origin; None when one of the two has no known point."""
        return self.distances_to((location,))[0]

    def distances_to(self, locations: Sequence[Location]) -> list[float | None]:
        """`distance` of several."""
        known, here = self.distances, self.origin.best_point
        new = [location for location in locations if location.id not in known]
        known.update(dict.fromkeys([location.id for location in new]))
        if here is not None:
            placed = [(location.id, point) for location in new if (point := location.address.best_point)]
            distances = here.km_to([point for _, point in placed])
            known.update(zip([key for key, _ in placed], distances, strict=True))
        return [known[location.id] for location in locations]


def tests_of(conditions: Sequence[LocationCondition], view: View, working: Working) -> list[tuple[str, Test]]:
    """(code, test) of everything a location must pass, in the order it is asked."""
    tests: list[tuple[str, Test]] = [(IS_ACTIVE, lambda location: location.is_active)]
    package_at = view.package_at
    if package_at is None:
        tests.append((IS_FULFILLMENT_CENTER, lambda location: location.is_fulfillment_center))
    else:
        tests.append((OWN_LOCATION, lambda location: location.id != package_at.id))
    refused = {place for place, sku in working.snapshot.exclusions if sku is None}
    if refused:
        tests.append((REFUSED_BEFORE, lambda location: location.id not in refused))
    stated = [condition for condition in conditions if condition.code in _TESTS]
    return [*tests, *((one.code, _TESTS[one.code](one, view, working)) for one in stated)]


def _only_listed(condition: OnlyListed, *_: object) -> Test:
    return lambda location: location.erp_code in condition.members


def _except_listed(condition: ExceptListed, *_: object) -> Test:
    return lambda location: location.erp_code not in condition.members


def _same_place(condition: SamePlace, view: View, _: Working) -> Test:
    field = f"{condition.value}_id"
    wanted = getattr(view.origin, field)
    return lambda location: wanted is not None and getattr(location.address, field) == wanted


def _of_type(condition: OfType, *_: object) -> Test:
    return lambda location: location.type == condition.value


def _has_quota(_: HasQuota, __: View, working: Working) -> Test:
    return lambda location: (working.available_quota(location) or 0) > 0


def _within(condition: WithinDistance, view: View, _: Working) -> Test:
    limit = condition.kilometres

    def is_near(location: Location) -> bool:
        distance = view.distance(location)
        return distance is not None and distance <= limit

    return is_near


def _has_tag(condition: HasTag, *_: object) -> Test:
    return lambda location: not condition.members.isdisjoint(location.tags)


def _has_flag(condition: HasFlag, *_: object) -> Test:
    if condition.value in ("is_active", "is_fulfillment_center"):
        return lambda location: bool(getattr(location, condition.value))
    return lambda location: condition.value in location.flags


def _open_now(_: OpenNow, __: View, working: Working) -> Test:
    snapshot = working.snapshot
    now = snapshot.taken_at.astimezone(snapshot.timezone)
    return lambda location: location.working_hours is None or location.working_hours.is_open(now)


_TESTS: Mapping[str, Callable[[Any, View, Working], Test]] = {
    "STOCK_LOCATION_LIST": _only_listed,
    "EXCEPT_STOCK_LOCATION": _except_listed,
    "LOCATION_TYPE": _same_place,
    "STOCK_LOCATION_TYPE": _of_type,
    "SELECT_BY_QUOTA": _has_quota,
    "WITHIN_DISTANCE": _within,
    "TAGS": _has_tag,
    "HAS_FLAG": _has_flag,
    "OPEN_NOW": _open_now,
}
