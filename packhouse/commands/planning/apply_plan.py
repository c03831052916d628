"""Writing a plan: packages, items, reservations, transfers, quotas, the execution plan and its explanation."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from packhouse.inventory.models import OrderStockLog
from packhouse.inventory.services import Promise, reserve
from packhouse.kernel import clock
from packhouse.kernel.engine import Run
from packhouse.orders.models import OrderItem
from packhouse.packages.models import Package, PackageItem
from packhouse.packages.services import next_number, take_quota
from packhouse.packages.states import PackageStatus
from packhouse.planning.explain import stored
from packhouse.planning.models import ExecutionPlan, ExecutionPlanItem, PackagePlan, ScenarioVersion
from packhouse.planning.result import Plan, PlannedPackage
from packhouse.transfers.models import TransferItem, TransferOrder


@dataclass(frozen=True, slots=True)
class Planned:
    """What became of an order: `reason` None when it was planned; the ids of its new packages."""

    order_id: int
    reason: str | None
    package_ids: tuple[int, ...] = ()
    plan_id: int | None = None


@dataclass
class _Made:
    """Rows being made for one plan."""

    packages: list[Package] = field(default_factory=list)
    items: dict[tuple[int, int], PackageItem] = field(default_factory=dict)
    promises: list[Promise] = field(default_factory=list)
    transfers: list[TransferOrder] = field(default_factory=list)


def apply(order_id: int, decided: Plan, attempt: int, run: Run, previous: Mapping[int, int]) -> Planned:
    """Write a plan whose numbers were checked against the locked order.

    Raises PlanIsStale when stock or quota no longer allow it; the transaction must then be rolled back.
    """
    skus = {line.order_item_id: line.sku for line in decided.explanation.snapshot.lines}
    made = _Made()
    _make_packages(order_id, decided, made, previous)
    for package, planned in zip(made.packages, decided.packages, strict=True):
        _make_transfers(package, planned, made)
        _promise(planned, package, made, skus)
    reserve(made.promises)
    _take_quotas(decided)
    execution_plan = _keep_plan(order_id, decided, attempt, made)
    _keep_stock_log(decided, attempt)
    _tell(order_id, made, run)
    return Planned(order_id, None, tuple(package.pk for package in made.packages), execution_plan.pk)


def stored_explanation(decided: Plan) -> dict[str, Any]:
    """What is kept of a plan's facts; the rest is worked out when it is shown."""
    return stored(decided)


def _make_packages(order_id: int, decided: Plan, made: _Made, previous: Mapping[int, int]) -> None:
    now = clock.now()
    present = Package.objects.filter(order_id=order_id).count()
    order_number = decided.explanation.snapshot.order.number
    for offset, planned in enumerate(decided.packages):
        state = PackageStatus[planned.state]
        predecessors = {previous[item] for item, _ in planned.lines if item in previous}
        made.packages.append(
            Package(
                number=next_number(order_number, present + offset),
                order_id=order_id,
                stock_location_id=planned.location_id,
                state=state.value,
                state_date=now,
                holds_quota=state.quota.value == "holds",
                previous_package_id=min(predecessors, default=None),
                scenario=_scenario_of(decided, planned),
                created_date=now,
                modified_date=now,
            )
        )
    Package.objects.bulk_create(made.packages)
    for package, planned in zip(made.packages, decided.packages, strict=True):
        for order_item_id, quantity in planned.lines:
            made.items[package.pk, order_item_id] = PackageItem(
                package=package,
                order_item_id=order_item_id,
                state=package.state,
                quantity=quantity,
                created_date=now,
                modified_date=now,
            )
    PackageItem.objects.bulk_create(made.items.values())


def _scenario_of(decided: Plan, planned: PlannedPackage) -> dict[str, Any] | None:
    scenario = decided.scenario
    if scenario is None:
        return None
    return {"id": scenario.id, "name": scenario.name, "version": scenario.version, "rule": planned.rule_name}


def _make_transfers(package: Package, planned: PlannedPackage, made: _Made) -> None:
    products = dict(
        OrderItem.objects.filter(pk__in=[item for item, _ in planned.lines]).values_list("id", "product")
    )
    for n, transfer in enumerate(planned.transfers, start=1):
        order = TransferOrder.objects.create(
            number=f"{package.number}T{n}",
            package=package,
            source_id=transfer.source_id,
            destination_id=package.stock_location_id,
        )
        made.transfers.append(order)
        for order_item_id, quantity in transfer.lines:
            item = made.items[package.pk, order_item_id]
            sent = TransferItem.objects.create(
                transfer_order=order, package_item=item, product_id=products[order_item_id], quantity=quantity
            )
            sku = item.order_item.product.sku
            made.promises.append(Promise(transfer.source_id, sku, quantity, item.pk, sent.pk))


def _promise(planned: PlannedPackage, package: Package, made: _Made, skus: Mapping[int, str]) -> None:
    """What the package's own location promises; what comes by transfer is promised at its source."""
    for location_id, (order_item_id, quantity) in planned.reserved():
        if location_id == planned.location_id:
            item = made.items[package.pk, order_item_id]
            made.promises.append(Promise(location_id, skus[order_item_id], quantity, item.pk))


def _take_quotas(decided: Plan) -> None:
    """One unit per package that holds one; where the rule selects by quota only while some is left."""
    wanted: Counter[int] = Counter()
    bound: set[int] = set()
    rules = decided.scenario.document.rules if decided.scenario else ()
    for planned in decided.packages:
        if PackageStatus[planned.state].quota.value != "holds":
            continue
        wanted[planned.location_id] += 1
        rule = next((rule for n, rule in enumerate(rules, start=1) if n == planned.rule_position), None)
        if rule is not None and any(test.code == "SELECT_BY_QUOTA" for test in rule.location_conditions):
            bound.add(planned.location_id)
    take_quota(wanted, bound)


def _keep_plan(order_id: int, decided: Plan, attempt: int, made: _Made) -> ExecutionPlan:
    scenario = decided.scenario
    version = (
        ScenarioVersion.objects.filter(scenario_id=scenario.id, number=scenario.version).first()
        if scenario
        else None
    )
    waiting = ExecutionPlan.objects.filter(
        order_id=order_id, state__in=(ExecutionPlan.State.PENDING, ExecutionPlan.State.START)
    ).first()
    kept = waiting or ExecutionPlan(order_id=order_id)
    kept.state, kept.reason = ExecutionPlan.State.COMPLETED, None
    kept.scenario_version, kept.attempt, kept.tries = version, attempt, kept.tries + 1
    kept.explanation = stored_explanation(decided)
    kept.save()
    PackagePlan.objects.bulk_create([PackagePlan(package=package, plan=kept) for package in made.packages])
    reasons = {placed.order_item_id: placed.reason for placed in decided.not_placed}
    out_of_stock = PackageStatus.OUT_OF_STOCK.value
    ExecutionPlanItem.objects.bulk_create(
        ExecutionPlanItem(
            plan=kept,
            order_item_id=order_item_id,
            quantity=item.quantity,
            state="not_placed" if item.state == out_of_stock else "placed",
            package_item=item,
            stock_location_id=item.package.stock_location_id,
            reason=reasons.get(order_item_id) if item.state == out_of_stock else None,
        )
        for (_, order_item_id), item in made.items.items()
    )
    return kept


def _keep_stock_log(decided: Plan, attempt: int) -> None:
    """What each location had when the order was planned; those that had nothing are left out."""
    rows = []
    snapshot = decided.explanation.snapshot
    for line in snapshot.lines:
        for location_id, level in snapshot.stock.of(line.sku).items():
            if level.stock > 0:
                rows.append(
                    OrderStockLog(
                        order_item_id=line.order_item_id,
                        stock_location_id=location_id,
                        attempt=attempt,
                        stock_count=level.stock,
                        reservation_count=level.reserved,
                        unit_type=line.unit_type,
                        created_date=clock.now(),
                    )
                )
    OrderStockLog.objects.bulk_create(rows)


def _tell(order_id: int, made: _Made, run: Run) -> None:
    for package in made.packages:
        run.created("package", package.pk, package.state, event="package.created")
    for transfer in made.transfers:
        run.created("transfer", transfer.pk, transfer.state, event="transfer.status.created")
    run.event("order.planned", "order", order_id)
    filled = [package for package in made.packages if package.state != PackageStatus.OUT_OF_STOCK.value]
    if len(filled) > 1:
        run.event("order.fulfillment.multiple_packages", "order", order_id)
