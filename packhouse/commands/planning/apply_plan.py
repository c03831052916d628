"""Writing plans: packages, items, reservations, transfers, quotas, execution plans with their explanations.

Rows of many plans are written by one COPY per table; ids are drawn beforehand, so that rows can name each
other.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from packhouse.commands.planning.contest import take_quotas
from packhouse.inventory.services import Promise, reserve
from packhouse.kernel import clock
from packhouse.kernel.engine import Run
from packhouse.packages.services import next_number
from packhouse.packages.states import PackageStatus
from packhouse.planning.explain import stored
from packhouse.planning.models import ExecutionPlan
from packhouse.planning.result import Plan, PlannedPackage, lines_by_item
from packhouse.transfers.states import TransferStatus

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """What became of an order: `reason` None when it was planned; the ids of its new packages."""

    order_id: int
    reason: str | None
    package_ids: tuple[int, ...] = ()
    plan_id: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A plan that can be applied, for a locked order. `previous`: by order item, the package a new one replaces."""

    order_id: int
    plan: Plan
    attempt: int = 1
    previous: Mapping[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Made:
    """What was written for one order: states by the id of each new package, in order; ids of transfers."""

    order_id: int
    plan_id: int
    channel_id: int
    packages: dict[int, PackageStatus] = field(default_factory=dict)
    transfers: list[int] = field(default_factory=list)

    def planned(self) -> Planned:
        return Planned(self.order_id, None, tuple(self.packages), self.plan_id)

    def is_split(self) -> bool:
        """Several packages of it can be packed."""
        return sum(state is not PackageStatus.OUT_OF_STOCK for state in self.packages.values()) > 1


def apply(order_id: int, decided: Plan, attempt: int, run: Run, previous: Mapping[int, int]) -> Planned:
    """Write a plan whose numbers were checked against the locked order; subscribers learn it from the run.

    Raises PlanIsStale when stock or quota no longer allow it; the transaction must then be rolled back.
    """
    (made,) = write([Decision(order_id, decided, attempt, previous)])
    for package_id, state in made.packages.items():
        run.created("package", package_id, state.value, event="package.created")
    for transfer_id in made.transfers:
        run.created("transfer", transfer_id, TransferStatus.WAITING.value, event="transfer.status.created")
    run.event("order.planned", "order", order_id)
    if made.is_split():
        run.event("order.fulfillment.multiple_packages", "order", order_id)
    return made.planned()


def write(decisions: Sequence[Decision]) -> list[Made]:
    """Write everything but what is told about it. A fixed number of statements.

    Raises PlanIsStale when stock or quota no longer allow it; the transaction must then be rolled back.
    """
    rows = _Rows(decisions)
    made = [rows.add(decision) for decision in decisions]
    rows.copy_packages()
    reserve(rows.promises)
    take_quotas(decision.plan for decision in decisions)
    rows.copy_plans()
    return made


_PRESENT = """
SELECT o.id, o.channel_id, (SELECT count(*) FROM packages_package p WHERE p.order_id = o.id),
    (SELECT e.id FROM planning_executionplan e WHERE e.order_id = o.id AND e.state = ANY(%(open)s))
FROM orders_order o WHERE o.id = ANY(%(orders)s::bigint[])
"""
_VERSIONS = (
    "SELECT scenario_id, number, id FROM planning_scenarioversion WHERE scenario_id = ANY(%(ids)s::bigint[])"
)
_PRODUCTS = "SELECT id, product_id FROM orders_orderitem WHERE id = ANY(%(ids)s::bigint[])"
_COMPLETE = """
UPDATE planning_executionplan SET state = %(state)s, reason = NULL, scenario_version_id = %(version)s,
    attempt = %(attempt)s, tries = tries + 1, explanation = %(explanation)s, modified_date = %(now)s
WHERE id = %(id)s
"""
_PACKAGE = (
    "id number order_id stock_location_id state state_date holds_quota previous_package_id cancellation_failed "
    "scenario created_date modified_date"
)
_PACKAGE_ITEM = "id package_id order_item_id state quantity taken order_code created_date modified_date"
_TRANSFER = "id number package_id source_id destination_id state state_date created_date modified_date"
_TRANSFER_ITEM = (
    "id transfer_order_id package_item_id product_id quantity state unit_type created_date modified_date"
)
_PLAN = "id order_id state scenario_version_id attempt tries context explanation created_date modified_date"
_PLAN_ITEM = "plan_id order_item_id quantity state package_item_id stock_location_id reason"
OPEN_PLANS = [ExecutionPlan.State.START.value, ExecutionPlan.State.PENDING.value]


class _Rows:
    """The rows of all decisions, table by table."""

    def __init__(self, decisions: Sequence[Decision]) -> None:
        self.now = clock.now()
        self.promises: list[Promise] = []
        plans = [decision.plan for decision in decisions]
        packages = [package for plan in plans for package in plan.packages]
        transfers = [transfer for package in packages for transfer in package.transfers]
        self._package_ids = _ids("packages_package", len(packages))
        self._item_ids = _ids("packages_packageitem", sum(len(package.lines) for package in packages))
        self._transfer_ids = _ids("transfers_transferorder", len(transfers))
        self._sent_ids = _ids("transfers_transferitem", sum(len(transfer.lines) for transfer in transfers))
        self._present = {
            row[0]: row[1:] for row in _fetch(_PRESENT, orders=_orders_of(decisions), open=OPEN_PLANS)
        }
        self._plan_ids = _ids("planning_executionplan", len(decisions))
        self._versions = _versions_of(plans)
        moved = [item for transfer in transfers for item, _ in transfer.lines]
        self._products: dict[int, int] = dict(_fetch(_PRODUCTS, ids=moved)) if moved else {}
        self._tables: dict[str, list[Row]] = {}
        self._completed: list[dict[str, Any]] = []

    def add(self, decision: Decision) -> Made:
        channel_id, packages, waiting = self._present[decision.order_id]
        drawn = next(self._plan_ids)
        made = Made(decision.order_id, waiting or drawn, channel_id)
        self._add_plan(decision, made, waiting)
        reasons = {rest.order_item_id: rest.reason for rest in decision.plan.not_placed}
        for offset, planned in enumerate(decision.plan.packages):
            self._add_package(decision, planned, packages + offset, made, reasons)
        return made

    def copy_packages(self) -> None:
        self._copy("packages_package", _PACKAGE)
        self._copy("packages_packageitem", _PACKAGE_ITEM)
        self._copy("transfers_transferorder", _TRANSFER)
        self._copy("transfers_transferitem", _TRANSFER_ITEM)

    def copy_plans(self) -> None:
        self._copy("planning_executionplan", _PLAN)
        for parameters in self._completed:
            with connection.cursor() as cursor:
                cursor.execute(_COMPLETE, parameters)
        self._copy("planning_packageplan", "package_id plan_id")
        self._copy("planning_executionplanitem", _PLAN_ITEM)

    def _add_package(
        self, decision: Decision, planned: PlannedPackage, before: int, made: Made, reasons: Mapping[int, str]
    ) -> None:
        now, state = self.now, PackageStatus[planned.state]
        package_id = next(self._package_ids)
        number = next_number(decision.plan.explanation.snapshot.order.number, before)
        previous = min(
            (decision.previous[item] for item, _ in planned.lines if item in decision.previous), default=None
        )
        self._put(
            "packages_package",
            *(package_id, number, decision.order_id, planned.location_id, state.value, now),
            *(state.quota.value == "holds", previous, False, _scenario_of(decision.plan, planned), now, now),
        )
        self._put("planning_packageplan", package_id, made.plan_id)
        made.packages[package_id] = state
        items = {}
        for order_item_id, quantity in planned.lines:
            items[order_item_id] = item_id = next(self._item_ids)
            self._put(
                "packages_packageitem",
                *(item_id, package_id, order_item_id, state.value, quantity, 0, "400", now, now),
            )
            placed = state is not PackageStatus.OUT_OF_STOCK
            self._put(
                "planning_executionplanitem",
                *(made.plan_id, order_item_id, quantity, "placed" if placed else "not_placed", item_id),
                *(planned.location_id, None if placed else reasons.get(order_item_id)),
            )
        self._add_transfers(decision.plan, planned, (package_id, number), items, made)

    def _add_transfers(
        self,
        plan: Plan,
        planned: PlannedPackage,
        package: tuple[int, str],
        items: Mapping[int, int],
        made: Made,
    ) -> None:
        """What comes by transfer is promised at its source, the rest at the package's own location."""
        lines = lines_by_item(plan.explanation.snapshot)
        coming: dict[int, Decimal] = {}
        now, state = self.now, TransferStatus.WAITING.value
        for n, transfer in enumerate(planned.transfers, start=1):
            transfer_id = next(self._transfer_ids)
            made.transfers.append(transfer_id)
            self._put(
                "transfers_transferorder",
                *(transfer_id, f"{package[1]}T{n}", package[0], transfer.source_id, planned.location_id),
                *(state, now, now, now),
            )
            for item, quantity in transfer.lines:
                sent = next(self._sent_ids)
                coming[item] = coming.get(item, Decimal(0)) + quantity
                self._put(
                    "transfers_transferitem",
                    *(
                        sent,
                        transfer_id,
                        items[item],
                        self._products[item],
                        quantity,
                        state,
                        lines[item].unit_type,
                    ),
                    *(now, now),
                )
                self.promises.append(
                    Promise(transfer.source_id, lines[item].sku, quantity, items[item], sent)
                )
        if planned.state == PackageStatus.OUT_OF_STOCK.name:
            return
        for item, quantity in planned.lines:
            own = quantity - coming.get(item, Decimal(0))
            if own > 0:
                self.promises.append(Promise(planned.location_id, lines[item].sku, own, items[item]))

    def _add_plan(self, decision: Decision, made: Made, waiting: int | None) -> None:
        plan, state = decision.plan, ExecutionPlan.State.COMPLETED.value
        version = self._versions.get((plan.scenario.id, plan.scenario.version)) if plan.scenario else None
        explanation = json.dumps(stored(plan), separators=(",", ":"))
        if waiting is None:
            self._put(
                "planning_executionplan",
                *(made.plan_id, made.order_id, state, version, decision.attempt, 1, "{}", explanation),
                *(self.now, self.now),
            )
            return
        self._completed.append(
            {
                "id": waiting,
                "state": state,
                "version": version,
                "attempt": decision.attempt,
                "explanation": explanation,
                "now": self.now,
            }
        )

    def _put(self, table: str, *row: Any) -> None:
        self._tables.setdefault(table, []).append(row)

    def _copy(self, table: str, columns: str) -> None:
        rows = self._tables.get(table)
        if not rows:
            return
        with (
            connection.wrap_database_errors,
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({', '.join(columns.split())}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)


def _ids(table: str, count: int) -> Any:
    """Fresh ids of a table, rising."""
    if not count:
        return iter(())
    statement = (
        "SELECT nextval(pg_get_serial_sequence(%(table)s, 'id')) FROM generate_series(1, %(count)s::int)"
    )
    return iter(sorted(row[0] for row in _fetch(statement, table=table, count=count)))


def _versions_of(plans: Iterable[Plan]) -> dict[tuple[int, int], int]:
    ids = sorted({plan.scenario.id for plan in plans if plan.scenario})
    return {(scenario, number): pk for scenario, number, pk in _fetch(_VERSIONS, ids=ids)} if ids else {}


def _orders_of(decisions: Sequence[Decision]) -> list[int]:
    return [decision.order_id for decision in decisions]


def _fetch(statement: str, **parameters: Any) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _scenario_of(plan: Plan, planned: PlannedPackage) -> str | None:
    scenario = plan.scenario
    if scenario is None:
        return None
    return json.dumps(
        {"id": scenario.id, "name": scenario.name, "version": scenario.version, "rule": planned.rule_name}
    )
