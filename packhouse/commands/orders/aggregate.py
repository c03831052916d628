"""How the engine handles orders: they have events and a log, and no commands of their own on the wire."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from packhouse.kernel.engine import NOTHING, Locked, Run, register
from packhouse.kernel.states import StateEnum
from packhouse.orders.states import OrderStatus
from packhouse.packages import services
from packhouse.payloads import order as payloads

_LOCK = """
SELECT o.state, (SELECT version FROM kernel_machineversion), o.channel_id FROM orders_order o
WHERE o.id = %(id)s FOR UPDATE
"""
_NUMBER = "UPDATE orders_order SET sequence = sequence + %(events)s WHERE id = %(id)s RETURNING sequence"


class OrderAggregate:
    kind = "order"
    states: type[StateEnum] = OrderStatus

    def lock(self, object_id: int) -> Locked | None:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, {"id": object_id})
            row = cursor.fetchone()
        return row and Locked(object_id, row[0], row[1], frozenset(), row[2])

    def load(self, object_id: int) -> int:
        return object_id

    def move(self, subject: Any, target: StateEnum, events: int, run: Run) -> int:
        """Never: an order's state follows from its items (`settle`)."""
        raise TypeError("an order is not moved; its items are")

    def settle(self, order_id: int, run: Run) -> None:
        services.settle_order(order_id, report=run.configuration.sync)

    def number(self, object_id: int, events: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute(_NUMBER, {"id": object_id, "events": events})
            return int(cursor.fetchone()[0])

    def document(self, object_id: int) -> dict[str, Any]:
        return payloads.documents([object_id])[object_id]

    def event_types(self, target: str) -> tuple[str, ...]:
        return ()

    def remarks(self, subject: Any, target: StateEnum, run: Run) -> Mapping[str, Any]:
        return NOTHING


register(OrderAggregate())
