"""ManualPlanningCommand (page 20): a person says which location packs what."""

from collections import Counter
from decimal import Decimal

from pydantic import Field

from packhouse.commands.packages.effects import give_up_units
from packhouse.commands.planning import apply_plan
from packhouse.inventory.services import lock_stock
from packhouse.kernel.accounts import Actor
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import ForeignItem, InvalidParameter, NotEnoughStock
from packhouse.kernel.params import Id, Params
from packhouse.locations.models import StockLocation
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.models import PackageItem
from packhouse.packages.services import lock_these_locations
from packhouse.packages.states import PackageStatus as State
from packhouse.planning import selectors
from packhouse.planning.manual import Group, Shortage, check_manual, plan_manual
from packhouse.planning.snapshot import Snapshot
from packhouse.planning.stock_answers import Unknown, ask_for_package

PATH = "input_parameters.assignment_groups"


class AssignmentGroup(Params):
    """Items that become one package."""

    package_items: list[Id] = Field(min_length=1)
    """Ids."""

    stock_location: str = Field(min_length=1, max_length=64)
    """`erp_code` of the location that packs them."""


class ManualPlanningParams(Params):
    """Who packs what."""

    assignment_groups: list[AssignmentGroup] = Field(min_length=1)
    """Every item of the package in exactly one of them."""

    allow_shortage: bool = False
    """What a location lacks becomes an OUT_OF_STOCK package there, instead of a refusal."""


def every_item_once(package: PackageInHand, params: ManualPlanningParams) -> None:
    """The groups cover the package's items, each exactly once."""
    named: Counter[int] = Counter()
    for index, group in enumerate(params.assignment_groups):
        for position, item_id in enumerate(group.package_items):
            path = f"{PATH}.{index}.package_items.{position}"
            if package.item(item_id) is None:
                raise ForeignItem({path: [f"Package item {item_id} is not in this package."]})
            named[item_id] += 1
            if named[item_id] > 1:
                raise InvalidParameter({path: [f"Package item {item_id} is in two groups."]})
    missing = [item.id for item in package.items if item.id not in named]
    if missing:
        raise InvalidParameter({PATH: [f"No group holds the package items {missing}."]})


def ask_stock(package_id: int, params: ManualPlanningParams, actor: Actor) -> Unknown:  # noqa: ARG001
    """Before the lock: what the brand's stock services have."""
    return ask_for_package(package_id)


@command(
    name="ManualPlanningCommand",
    on="package",
    title={"en": "Plan by hand", "tr": "Elle planla"},
    moves=[
        (source, State.CANCELLED)
        for source in (
            State.WAITING,
            State.WAITING_REMOTE_ACTION,
            State.OUT_OF_STOCK,
            State.NEEDS_RESCHEDULING,
            State.STALE_WAITING,
        )
    ],
    params=ManualPlanningParams,
    requires=[every_item_once],
    prepare=ask_stock,
    events=["package.created", "order.planned", "order.fulfillment.multiple_packages"],
)
def manual_planning(package: PackageInHand, params: ManualPlanningParams, run: Run) -> None:
    """The old reservations are cancelled; each group becomes a new WAITING package with its reservations. Too
    little stock at a location: 400 unless `allow_shortage`, then that part is an OUT_OF_STOCK package there."""
    locations = _locations(params)
    groups = _groups(package, params, locations)
    places = {package.stock_location_id, *locations.values()}
    lock_stock([(place, item.sku) for place in places for item in package.items])
    lock_these_locations(places)
    give_up_units(package)
    snapshot = _snapshot(package, run.prepared or frozenset())
    if not params.allow_shortage:
        _enough(check_manual(snapshot, groups), params)
    previous = {item.order_item_id: package.id for item in package.items}
    apply_plan.apply(package.order_id, plan_manual(snapshot, groups), 1, run, previous)


def _locations(params: ManualPlanningParams) -> dict[str, int]:
    """By erp_code, the ids of the locations named. Raises InvalidParameter for one that cannot pack."""
    codes = {group.stock_location for group in params.assignment_groups}
    rows = StockLocation.objects.filter(erp_code__in=codes, is_active=True, is_fulfillment_center=True)
    found = dict(rows.values_list("erp_code", "id"))
    for index, group in enumerate(params.assignment_groups):
        if group.stock_location not in found:
            raise InvalidParameter(
                {f"{PATH}.{index}.stock_location": [f"No active packing location is {group.stock_location}."]}
            )
    return found


def _groups(package: PackageInHand, params: ManualPlanningParams, locations: dict[str, int]) -> list[Group]:
    shares: dict[int, tuple[int, Decimal]] = {
        item.id: (item.order_item_id, item.quantity) for item in package.items
    }
    return [
        Group(locations[group.stock_location], tuple(shares[item_id] for item_id in group.package_items))
        for group in params.assignment_groups
    ]


def _snapshot(package: PackageInHand, unknown: Unknown) -> Snapshot:
    """Under the locks, after the package's own promises were given up."""
    items = PackageItem.objects.filter(package_id=package.id).select_related("order_item__product")
    lines = tuple(selectors.line(item.order_item, item.quantity) for item in items.order_by("id"))
    return selectors.read_snapshot(package.order_id, lines, unknown_stock=unknown)


def _enough(shortages: tuple[Shortage, ...], params: ManualPlanningParams) -> None:
    errors: dict[str, list[str]] = {}
    for short in shortages:
        code = params.assignment_groups[short.group].stock_location
        text = f"{code} has {short.available.normalize():f} of {short.sku}, {short.asked.normalize():f} are asked."
        if short.reason == "stock_unavailable":
            text = f"The stock service of {code} does not say how many of {short.sku} there are; try again."
        errors.setdefault(f"{PATH}.{short.group}.stock_location", []).append(text)
    if errors:
        raise NotEnoughStock(errors)
