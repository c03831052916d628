"""What all orders of a batch stand on: the live scenarios and the locations with their load.

Read whole for every batch, so that a switched version or an edited location binds the next order. What takes
long, making the values of the planner from the rows, is kept by the rows themselves: a row that reads as
before gives the same value.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from packhouse.kernel import clock, settings_store
from packhouse.packages.states import PackageStatus
from packhouse.planning import scenario as documents
from packhouse.planning.batch import Ground
from packhouse.planning.geography import Address, Point
from packhouse.planning.models import Scenario, ScenarioKind
from packhouse.planning.opening import WorkingHours
from packhouse.planning.snapshot import Location, Locations, ScenarioVersion
from packhouse.planning.tariff_rows import read_tariff

log = logging.getLogger(__name__)

# A rate of acceptance looks back this far (page 30).
ACCEPTANCE_WINDOW = timedelta(days=90)
LEVELS = ("country", "city", "township", "district")
FLAGS = (
    "is_fulfillment_center",
    "is_pickup_location",
    "is_delivery_location",
    "is_fast_delivery_available",
    "is_return_available",
)
_MADE_AT_ONCE = 65_536

Row = tuple[Any, ...]


def read_ground(also: Iterable[ScenarioVersion] = ()) -> Ground:
    """As it stands now, with all that the rules of these versions `also` look at. Two statements, and more for the
    sort keys that count packages or ask what carriers charge."""
    by_kind = live_scenarios()
    distribution, transfer = by_kind[ScenarioKind.DISTRIBUTION], by_kind[ScenarioKind.TRANSFER]
    keys = _sort_keys((*distribution, *transfer, *also))
    return Ground(
        locations=read_locations(keys),
        scenarios=distribution,
        transfer_scenarios=transfer,
        timezone=ZoneInfo(settings_store.get("LOCALE")["time_zone"]),
        tariff=read_tariff() if "COST" in keys else None,
    )


def _sort_keys(versions: tuple[ScenarioVersion, ...]) -> frozenset[str]:
    return frozenset(
        sort.key for version in versions for rule in version.document.rules for sort in rule.sort
    )


_SCENARIOS = """
SELECT s.kind, s.id, v.number, s.name, s.description, s.status, s.priority, v.body::text
FROM planning_scenario s JOIN planning_scenarioversion v ON v.id = s.live_version_id
WHERE s.status = %(active)s ORDER BY s.priority, s.id
"""


def live_scenarios() -> dict[str, tuple[ScenarioVersion, ...]]:
    """The live version of each active scenario, by kind, in priority order."""
    found: dict[str, list[ScenarioVersion]] = {kind: [] for kind in ScenarioKind.values}
    with connection.cursor() as cursor:
        cursor.execute(_SCENARIOS, {"active": Scenario.Status.ACTIVE.value})
        for row in cursor.fetchall():
            found[row[0]].append(_version(*row))
    return {kind: tuple(versions) for kind, versions in found.items()}


@lru_cache(maxsize=256)
def _version(
    kind: str, pk: int, number: int, name: str, description: str, status: str, priority: int, body: str
) -> ScenarioVersion:
    document = documents.parse(
        {
            **json.loads(body),
            "kind": kind,
            "name": name,
            "description": description,
            "status": status,
            "priority": priority,
        }
    )
    return ScenarioVersion(pk, number, document)


_IDS = ", ".join(f"a.{level}_id" for level in LEVELS)
_PLACES = ", ".join(f"a_{level}.name, a_{level}.longitude, a_{level}.latitude" for level in LEVELS)
ADDRESS_COLUMNS = f"a.longitude, a.latitude, {_IDS}, {_PLACES}"
"""Of an address with the alias `a` and `ADDRESS_JOINS`: what `address_of` takes."""
ADDRESS_JOINS = " ".join(
    f"LEFT JOIN catalog_{level} a_{level} ON a_{level}.id = a.{level}_id" for level in LEVELS
)
ADDRESS_WIDTH = 2 + 4 * len(LEVELS)

_LOCATIONS = f"""
SELECT l.quota, l.id, l.erp_code, l.stock_location_type, l.priority, l.is_active, l.max_quota,
    l.working_hours::text, {", ".join(f"l.{flag}" for flag in FLAGS)},
    (SELECT string_agg(t.name, E'\\n') FROM locations_stocklocation_tags lt JOIN locations_tag t ON t.id = lt.tag_id
        WHERE lt.stocklocation_id = l.id),
    {ADDRESS_COLUMNS}
FROM locations_stocklocation l LEFT JOIN locations_stocklocationaddress a ON a.id = l.address_id {ADDRESS_JOINS}
ORDER BY l.id
"""  # noqa: S608 - built from constants of this file


def read_locations(keys: frozenset[str] = frozenset()) -> Locations:
    """All locations with their quota; open packages and acceptance rates only where a sort by `keys` asks."""
    open_packages = _open_packages() if "PACKAGE_DENSITY" in keys else {}
    acceptance = _acceptance() if "ACCEPTANCE_RATE" in keys else {}
    with connection.cursor() as cursor:
        cursor.execute(_LOCATIONS)
        rows = cursor.fetchall()
    return Locations(
        _with_load(_location(row[1:]), row[0], open_packages.get(row[1], 0), acceptance.get(row[1]))
        for row in rows
    )


def _with_load(known: Location, quota: int, packages: int, rate: Decimal | None) -> Location:
    if known.quota == quota and known.open_packages == packages and known.acceptance_rate == rate:
        return known
    return replace(known, quota=quota, open_packages=packages, acceptance_rate=rate)


@lru_cache(maxsize=_MADE_AT_ONCE)
def _location(row: Row) -> Location:
    """Without its load."""
    pk, erp_code, kind, priority, is_active, max_quota, hours, *rest = row
    flags = dict(zip(FLAGS, rest, strict=False))
    tags = rest[len(FLAGS)]
    return Location(
        id=pk,
        erp_code=erp_code,
        type=kind,
        address=address_of(row[-ADDRESS_WIDTH:]),
        priority=priority,
        is_active=is_active,
        is_fulfillment_center=flags["is_fulfillment_center"],
        flags=frozenset(name for name, is_set in flags.items() if is_set),
        tags=frozenset(tags.split("\n") if tags else ()),
        working_hours=_hours(erp_code, hours),
        max_quota=max_quota,
    )


def _hours(erp_code: str, text: str | None) -> WorkingHours | None:
    """None, which is open, for hours that cannot be read: one location must not stop the planning of all."""
    try:
        return WorkingHours.parse(json.loads(text or "null"))
    except ValueError as error:
        log.warning("the working hours of location %s cannot be read: %s", erp_code, error)
        return None


@lru_cache(maxsize=_MADE_AT_ONCE)
def address_of(columns: Row) -> Address:
    """From `ADDRESS_COLUMNS`."""
    longitude, latitude, *rest = columns
    ids, places = rest[: len(LEVELS)], rest[len(LEVELS) :]
    facts: dict[str, Any] = {
        f"{level}_id": pk for level, pk in zip(LEVELS, ids, strict=True) if pk is not None
    }
    points: dict[str, Point | None] = {}
    for n, level in enumerate(LEVELS):
        name, its_longitude, its_latitude = places[3 * n : 3 * n + 3]
        if ids[n] is not None:
            facts[level] = name
        points[level] = Point.read(its_longitude, its_latitude)
    centres = (points["district"], points["township"], points["city"])
    return Address(**facts, point=Point.read(longitude, latitude), centres=centres)


_OPEN = """
SELECT stock_location_id, count(*) FROM packages_package WHERE state = ANY(%(states)s) GROUP BY 1
"""
_ACCEPTANCE = """
SELECT p.stock_location_id, count(*), count(*) FILTER (WHERE EXISTS (
    SELECT FROM packages_packageitem i WHERE i.package_id = p.id AND i.denial_reason_id IS NOT NULL))
FROM packages_package p WHERE p.created_date >= %(since)s GROUP BY 1
"""


def _open_packages() -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"states": [state.value for state in PackageStatus if state.open]})
        return dict(cursor.fetchall())


def _acceptance() -> dict[int, Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(_ACCEPTANCE, {"since": clock.now() - ACCEPTANCE_WINDOW})
        return {place: 1 - Decimal(refused) / Decimal(made) for place, made, refused in cursor.fetchall()}
