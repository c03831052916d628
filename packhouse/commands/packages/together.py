"""How the engine handles many packages at once: one lock, one read, one move, one statement for all documents."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from django.db import connection

from packhouse.commands.packages.aggregate import order_code, tell_completed
from packhouse.inventory.services import taken_together
from packhouse.kernel.engine import Locked
from packhouse.kernel.together import Move, register
from packhouse.orders.messages import SyncOrderStatus
from packhouse.packages import in_hand
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.packages.together import PackageMove, Settling, move_packages, settle_orders
from packhouse.payloads import package as payloads

# Orders by id, then packages by id (docs/locking.md): a sort is done before the first row of it is locked.
_LOCK = """
WITH mutex AS MATERIALIZED (
    SELECT o.id, o.channel_id FROM orders_order o
    WHERE o.id IN (SELECT order_id FROM packages_package WHERE id = ANY(%(ids)s)) ORDER BY o.id FOR UPDATE
)
SELECT p.id, p.state, (SELECT version FROM kernel_machineversion), p.stock_location_id, m.channel_id
FROM packages_package p JOIN mutex m ON m.id = p.order_id
WHERE p.id = ANY(%(ids)s) ORDER BY p.id FOR UPDATE OF p
"""


class PackagesTogether:
    kind = "package"
    commands = frozenset(
        {
            "BlockThePackageCommand",
            "CompletePackagingCommand",
            "CompletePackagingWithoutShipmentCommand",
            "DeAllocatePackageReservationsCommand",
            "PackageStateTransitionCommand",
            "ReadyForPickupCommand",
            "ShipThePackageBasicCommand",
            "ShipThePackageCommand",
            "UnblockThePackageCommand",
            "UpdatePackageShipmentStatusCommand",
        }
    )

    def mutexes(self, object_ids: Sequence[int]) -> dict[int, int]:
        return dict(Package.objects.filter(pk__in=set(object_ids)).values_list("id", "order_id"))

    def lock(self, object_ids: Sequence[int]) -> dict[int, Locked]:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, {"ids": list(object_ids)})
            rows = cursor.fetchall()
        return {row[0]: Locked(row[0], row[1], row[2], frozenset({row[3]}), row[4]) for row in rows}

    def load(self, object_ids: Sequence[int]) -> dict[int, PackageInHand]:
        return in_hand.load_many(object_ids)

    def gathered(self) -> AbstractContextManager[None]:
        return taken_together()

    def move(self, moves: Sequence[Move]) -> dict[int, int]:
        """As `PackageAggregate.move` and `settle`, in two statements."""
        own = [_package_move(move) for move in moves]
        sequences = move_packages(own)
        settled = [move for move, package in zip(moves, own, strict=True) if package.code is not None]
        reported = settle_orders([_settling(move) for move in settled])
        for move in settled:
            order_id = move.subject.order_id
            if order_id in reported:
                move.run.send(SyncOrderStatus(order_id=order_id), not_before=move.run.report_not_before)
        for move in moves:
            if not PackageStatus(move.target).open:
                move.run.afterwards(tell_completed, move.subject.order_id)
        return sequences

    def documents(self, object_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        return payloads.documents(object_ids)


def _package_move(move: Move) -> PackageMove:
    target = PackageStatus(move.target)
    return PackageMove(move.subject, target, move.events, order_code(target))


def _settling(move: Move) -> Settling:
    run = move.run
    return Settling(
        order_id=move.subject.order_id,
        report=run.configuration.sync,
        fields=run.report_fields,
        not_before=run.report_not_before,
    )


register(PackagesTogether())
