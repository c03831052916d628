"""What must agree, and where it does not: reservations, units, quota, states, codes (page 40, "Reconcile").

    differences = find_differences()

Each check is one set-based statement; all see the same moment, and nothing is written or locked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from packhouse.commands.reconcile.checks import CHECKS, Check
from packhouse.kernel import clock, settings_store
from packhouse.kernel.states import Quota
from packhouse.packages.states import AFTER_SHIPPING, PACKED_AND_LATER, PackageStatus


@dataclass(frozen=True, slots=True)
class Difference:
    """`object` is what a person calls it; `expected` and `found` are what follows from the rest, and what is there.

    The ids say where to mend it: the order whose rows differ, or a stock row by location and SKU, or a location.
    """

    kind: str
    object: str
    expected: str
    found: str
    order_id: int | None = None
    location_id: int | None = None
    sku: str | None = None
    subject_id: int | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.object}: expected {self.expected}, found {self.found}"


def kinds() -> list[str]:
    """The names of all checks, in the order in which they are made."""
    return list(CHECKS)


def find_differences(
    wanted: Collection[str] | None = None, *, order_id: int | None = None
) -> list[Difference]:
    """All differences of these kinds (None: of every kind), as of one moment.

    `order_id`: only those of one order's rows; kinds that are not about orders find nothing then.
    """
    checks = [check for kind, check in CHECKS.items() if wanted is None or kind in wanted]
    if connection.in_atomic_block:  # under somebody's locks, or in a test's transaction
        return _found(checks, order_id)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return _found(checks, order_id)


def _found(checks: Sequence[Check], order_id: int | None) -> list[Difference]:
    differences = []
    given = {**parameters(), "order": order_id}
    with connection.cursor() as cursor:
        for check in checks:
            if order_id is not None and not check.of_orders:
                continue
            cursor.execute(check.statement(one_order=order_id is not None), given)
            differences += [Difference(check.kind, *_texts(row)) for row in cursor.fetchall()]
    return differences


def _texts(row: Sequence[Any]) -> tuple[Any, ...]:
    name, expected, found, *ids = row
    return (name, _text(expected), _text(found), *ids)


def _text(value: Any) -> str:
    return (
        "none" if value is None else f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)
    )


def parameters() -> dict[str, Any]:
    """What the statements of this folder ask for: the states of packages by what is true in them."""
    return {
        "now": clock.now(),
        "reserving": _values(state for state in PackageStatus if state.reserves),
        "packed": _values((PackageStatus.WAITING_CARGO_LABEL, *PACKED_AND_LATER)),
        "handed_over": _values(AFTER_SHIPPING),
        "open": _values(state for state in PackageStatus if state.open),
        "holding": _values(state for state in PackageStatus if state.quota is Quota.HOLDS),
        "released": _values(state for state in PackageStatus if state.quota is Quota.RELEASED),
        "partly": bool(settings_store.get("PLAN_PARTIAL_ORDERS")),
    }


def _values(states: Any) -> list[str]:
    return [state.value for state in states]
