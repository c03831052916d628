"""How the engine handles transfer orders."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from packhouse.commands.transfers.of_package import move_transfer
from packhouse.kernel.engine import NOTHING, Locked, Run, register
from packhouse.kernel.states import StateEnum
from packhouse.payloads import transfer as payloads
from packhouse.transfers.models import TransferOrder
from packhouse.transfers.states import TransferStatus

# Order, package, transfer: the documented order (docs/locking.md).
_LOCK = """
WITH mutex AS MATERIALIZED (
    SELECT o.id, o.channel_id FROM orders_order o
    WHERE o.id = (SELECT p.order_id FROM packages_package p JOIN transfers_transferorder t ON t.package_id = p.id
        WHERE t.id = %(id)s) FOR UPDATE
), package AS MATERIALIZED (
    SELECT p.id, m.channel_id FROM packages_package p JOIN mutex m ON m.id = p.order_id
    WHERE p.id = (SELECT package_id FROM transfers_transferorder WHERE id = %(id)s) FOR UPDATE OF p
)
SELECT t.state, (SELECT version FROM kernel_machineversion), t.source_id, t.destination_id, p.channel_id
FROM transfers_transferorder t JOIN package p ON p.id = t.package_id
WHERE t.id = %(id)s FOR UPDATE OF t
"""


class TransferAggregate:
    kind = "transfer"
    states: type[StateEnum] = TransferStatus

    def lock(self, object_id: int) -> Locked | None:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, {"id": object_id})
            row = cursor.fetchone()
        if row is None:
            return None
        return Locked(object_id, row[0], row[1], frozenset({row[2], row[3]}), row[4])

    def load(self, object_id: int) -> TransferOrder:
        return TransferOrder.objects.select_related("package", "source", "destination").get(pk=object_id)

    def move(self, subject: TransferOrder, target: StateEnum, events: int, run: Run) -> int:
        return move_transfer(subject, TransferStatus(target), events)

    def settle(self, order_id: int, run: Run) -> None:
        """Nothing of the order follows from a transfer alone."""

    def number(self, object_id: int, events: int) -> int:
        transfer = TransferOrder.objects.get(pk=object_id)
        transfer.sequence += events
        transfer.save(update_fields=["sequence"])
        return int(transfer.sequence)

    def document(self, object_id: int) -> dict[str, Any]:
        return payloads.documents([object_id], nested=False)[object_id]

    def event_types(self, target: str) -> tuple[str, ...]:
        return ("transfer.status.transitioned", *self._own(target))

    def remarks(self, subject: TransferOrder, target: StateEnum, run: Run) -> Mapping[str, Any]:
        return NOTHING

    @staticmethod
    def _own(target: str) -> tuple[str, ...]:
        return () if target == TransferStatus.WAITING else (f"transfer.status.{target}",)


register(TransferAggregate())
