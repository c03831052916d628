"""How the engine handles packages: one lock, one read, one move, one document."""

from collections.abc import Mapping
from typing import Any

from packhouse.kernel import settings_store, sql
from packhouse.kernel.engine import NOTHING, Locked, Run, register
from packhouse.kernel.states import StateEnum
from packhouse.orders.messages import SyncOrderStatus
from packhouse.orders.states import HOLDS_BACK_ITS_ORDER, OrderStatus
from packhouse.packages import in_hand, services
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus
from packhouse.payloads import package as payloads

# The order row first: it is the mutex of everything planned from it (docs/locking.md).
_LOCK = """
WITH mutex AS MATERIALIZED (
    SELECT o.id, o.channel_id FROM orders_order o
    WHERE o.id = (SELECT order_id FROM packages_package WHERE id = %(id)s) FOR UPDATE
)
SELECT p.state, (SELECT version FROM kernel_machineversion), p.stock_location_id, m.channel_id
FROM packages_package p JOIN mutex m ON m.id = p.order_id
WHERE p.id = %(id)s FOR UPDATE OF p
"""

_NUMBER = """
UPDATE packages_package SET sequence = sequence + %(events)s, modified_date = clock_timestamp()
WHERE id = %(id)s RETURNING sequence
"""

_IS_COMPLETE = """
SELECT NOT EXISTS (SELECT FROM packages_package WHERE order_id = %(id)s AND state <> ALL(%(closed)s))
    AND NOT EXISTS (SELECT FROM orders_orderitem WHERE order_id = %(id)s AND state = ANY(%(waiting)s))
"""
_CLOSED = [str(state) for state in PackageStatus if not state.open]
# What is still to be decided, paid or planned may become another package.
_WAITING = [
    str(state) for state in (*HOLDS_BACK_ITS_ORDER, OrderStatus.APPROVED, OrderStatus.CANCELLATION_WAITING)
]

NOT_TOLD: Mapping[str, Any] = {"sync_remote_order_status": "The order was imported: no back office is told."}
TRANSITIONED = "package.status.transitioned"
# Names of state events that are published otherwise than their member.
_BESIDE = {PackageStatus.READY_FOR_PICKUP: ("package.status.ready_for_customer",)}
_SETTLES = frozenset({PackageStatus.CANCELLED, PackageStatus.PACKED_FOR_REFUND})


def state_events(state: PackageStatus) -> tuple[str, ...]:
    """The events of a package that enters this state."""
    return (f"package.status.{state.name.lower()}", *_BESIDE.get(state, ()))


class PackageAggregate:
    kind = "package"
    states: type[StateEnum] = PackageStatus

    def lock(self, object_id: int) -> Locked | None:
        row = sql.row(_LOCK, {"id": object_id})
        if row is None:
            return None
        return Locked(object_id, row[0], row[1], frozenset({row[2]}), row[3])

    def load(self, object_id: int) -> PackageInHand:
        return in_hand.load(object_id)

    def move(self, subject: PackageInHand, target: StateEnum, events: int, run: Run) -> int:
        """State, items, quota and `sequence`; then order items take what their packages say and that is synced."""
        state = PackageStatus(target)
        code = order_code(state)
        sequence = services.move_package(subject, state, events, code)
        if code is not None or state in _SETTLES:
            run.settle_orders.add(subject.order_id)
        if not state.open:
            run.afterwards(tell_completed, subject.order_id)
        return sequence

    def settle(self, order_id: int, run: Run) -> None:
        """Order items, and the back office, learn what this run did to their packages."""
        reported = services.settle_order(
            order_id,
            report=run.configuration.sync,
            fields=run.report_fields,
            not_before=run.report_not_before,
        )
        if reported:
            run.send(SyncOrderStatus(order_id=order_id), not_before=run.report_not_before)

    def number(self, object_id: int, events: int) -> int:
        return int(sql.row(_NUMBER, {"id": object_id, "events": events})[0])

    def document(self, object_id: int) -> dict[str, Any]:
        return payloads.documents([object_id])[object_id]

    def event_types(self, target: str) -> tuple[str, ...]:
        return (TRANSITIONED, *state_events(PackageStatus(target)))

    def remarks(self, subject: PackageInHand, target: StateEnum, run: Run) -> Mapping[str, Any]:
        """That nobody is told of an order that no back office knows, where one would be (page 70, C)."""
        state = PackageStatus(target)
        is_told = run.configuration.sync and (state in _SETTLES or order_code(state) is not None)
        return NOT_TOLD if is_told and subject.is_imported else NOTHING


def tell_completed(run: Run, order_id: int) -> None:
    """A package was closed: where it was the order's last, and nothing waits for another, subscribers learn it."""
    if sql.row(_IS_COMPLETE, {"id": order_id, "closed": _CLOSED, "waiting": _WAITING})[0]:
        run.event("order.completed", "order", order_id)


def order_code(state: PackageStatus) -> OrderStatus | None:
    """What the state writes to its order items: page 10, over which stands `ORDER_STATUS_MAPPING`."""
    overrides = settings_store.get("ORDER_STATUS_MAPPING")
    if state.name.lower() in overrides:
        return OrderStatus(str(overrides[state.name.lower()]))
    return services.ORDER_CODES.get(state)


register(PackageAggregate())
