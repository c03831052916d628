"""Planning a package that is out of stock again: what can be placed leaves it (page 30, "Out of stock")."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from packhouse.commands.planning import apply_plan
from packhouse.kernel import clock
from packhouse.kernel.accounts import Actor
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import PlanIsStale
from packhouse.kernel.params import NoParams
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.models import Package, PackageItem
from packhouse.packages.states import PackageStatus
from packhouse.planning import selectors
from packhouse.planning.engine import plan
from packhouse.planning.result import OUT_OF_STOCK, Plan
from packhouse.planning.stock_answers import ask_for_package

Shares = dict[int, Decimal]


def decide(package_id: int, params: NoParams, actor: Actor) -> Plan | None:  # noqa: ARG001 - the form of `prepare`
    """Before the lock: the plan of a package out of stock; None for a package in another state."""
    package = Package.objects.filter(pk=package_id, state=PackageStatus.OUT_OF_STOCK.value).first()
    if package is None:
        return None
    unknown = ask_for_package(package_id)
    items = (
        PackageItem.objects.filter(package_id=package_id).select_related("order_item__product").order_by("id")
    )
    lines = tuple(selectors.line(item.order_item, item.quantity) for item in items)
    return plan(selectors.read_snapshot(package.order_id, lines, unknown_stock=unknown))


def leave(package: PackageInHand, run: Run) -> bool:
    """Under the lock: make the packages that can be filled; whether nothing is left in this one.

    Raises PlanIsStale when the package is not the one that was planned, or the stock is gone.
    """
    decided: Plan | None = run.prepared
    if decided is None or _shares_planned(decided) != _shares_held(package):
        raise PlanIsStale("the package has changed")
    Package.objects.filter(pk=package.id).update(modified_date=clock.now())
    filled = tuple(planned for planned in decided.packages if planned.state != OUT_OF_STOCK)
    if not filled:
        return False
    placed: Shares = defaultdict(Decimal)
    for planned in filled:
        for order_item_id, quantity in planned.lines:
            placed[order_item_id] += quantity
    previous = dict.fromkeys(placed, package.id)
    apply_plan.apply(package.order_id, replace(decided, packages=filled), 1, run, previous)
    return _shrink(package, placed)


def _shares_planned(decided: Plan) -> Shares:
    return {line.order_item_id: line.quantity for line in decided.explanation.snapshot.lines}


def _shares_held(package: PackageInHand) -> Shares:
    return {item.order_item_id: item.quantity for item in package.items}


def _shrink(package: PackageInHand, placed: Shares) -> bool:
    """Take what was placed out of the package; a package that is emptied keeps its rows and is cancelled."""
    rest = {item.id: item.quantity - placed.get(item.order_item_id, Decimal(0)) for item in package.items}
    if not any(rest.values()):
        return True
    for item_id, quantity in rest.items():
        row = PackageItem.objects.filter(pk=item_id)
        if quantity > 0:
            row.update(quantity=quantity, modified_date=clock.now())
        else:
            row.delete()
    return False
