"""What planning would do with one order now, or with another version of a scenario in place; nothing is written."""

from dataclasses import replace

from packhouse.commands.planning.simulate import read_only, versions_of
from packhouse.commands.planning.simulation_request import VersionAsked
from packhouse.kernel import clock
from packhouse.kernel.errors import InvalidParameter, NotFound
from packhouse.planning.anew import without_packages, without_reservations
from packhouse.planning.batch import Book
from packhouse.planning.ground import read_ground
from packhouse.planning.orders_to_plan import plannables
from packhouse.planning.result import Plan
from packhouse.planning.selectors import read_stock
from packhouse.planning.simulation import in_place
from packhouse.planning.snapshot import ScenarioVersion


def try_plan(order_id: int, asked: VersionAsked | None = None) -> Plan | str:
    """The plan of the whole order as if none had been made; or why there is nothing to plan, as one word.

    Stock services are not asked: their last answer counts. Raises NotFound for the order, InvalidParameter for
    the version.
    """
    with read_only():
        found = plannables([order_id], anew=True).get(order_id)
        if found is None:
            raise NotFound(f"There is no order {order_id}.")
        versions = _versions(asked)
        if not found.lines:
            return found.reason or "nothing_to_plan"
        ground = read_ground(also=versions)
        ground = replace(ground, locations=without_packages(ground.locations, [order_id]))
        for version in versions:
            ground = in_place(ground, version)
        stock = without_reservations(read_stock({line.sku for line in found.lines}), [order_id])
        return Book(ground, stock, clock.now()).decide(found)


def _versions(asked: VersionAsked | None) -> list[ScenarioVersion]:
    try:
        return versions_of([asked] if asked else [])
    except InvalidParameter as refusal:
        raise InvalidParameter({"version": [refusal.text]}) from None
