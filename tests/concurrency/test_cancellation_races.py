"""A cancellation plan meets packing and shipping, on real connections: in either order the end is lawful."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from packhouse.commands.orders.cancellation_plans import (
    PlannedItem,
    decide_by_hand,
    decide_by_rule,
    hold_packages,
    keep_plan,
)
from packhouse.kernel import engine
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call, Outcome
from packhouse.kernel.errors import WrongState
from packhouse.orders.models import CancellationPlan
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package
from tests.cli.processes import eventually
from tests.concurrency.at_once import at_once
from tests.concurrency.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)
Work = Callable[[], Any]
_WAITS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees them as of its first look
        cursor.execute(_WAITS)
        return bool(cursor.fetchone()[0])


def in_order(order_id: int, first: Work, second: Work) -> list[Any]:
    """`second` comes while `first` is under way, and waits for the order's lock; what each returned or raised."""
    locked = Event()

    def runs() -> Any:
        with transaction.atomic():
            engine.aggregate_of("order").lock(order_id)
            locked.set()
            eventually(somebody_waits)
            return first()

    def comes() -> Any:
        assert locked.wait(30)
        return second()

    def outcome(work: Work) -> Any:
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - the caller judges it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(outcome, (runs, comes)))


def command(package: Package, name: str) -> Outcome:
    return engine.execute("package", Call(package.pk, slug=name), SYSTEM)


def a_plan(package: Package) -> CancellationPlan:
    """Everything in the package is to be cancelled."""
    items = package.items.values_list("order_item_id", flat=True)
    return keep_plan(package.order, "cancel", [PlannedItem(item) for item in items], omnitron_id=package.pk)


def ended(package: Package, plan: CancellationPlan) -> tuple[str, str, set[str]]:
    """The package's state, the plan's and the order items' codes; everything adds up."""
    package.refresh_from_db()
    plan.refresh_from_db()
    assert broken() == []
    return package.state, plan.state, set(package.order.items.values_list("state", flat=True))


PACK = "CompletePackagingWithoutShipmentCommand"


def test_packed_first_it_is_unpacked_and_cancelled() -> None:
    package = a_package(items=2)
    plan = a_plan(package)

    packed, decided = in_order(
        package.order_id, partial(command, package, PACK), partial(decide_by_rule, plan)
    )

    assert isinstance(packed, Outcome)
    assert decided is None
    assert ended(package, plan) == (P.CANCELLED, "accepted", {"100"})


def test_cancelled_first_it_is_not_packed() -> None:
    package = a_package(items=2)
    plan = a_plan(package)

    decided, packed = in_order(
        package.order_id, partial(decide_by_rule, plan), partial(command, package, PACK)
    )

    assert decided is None
    assert isinstance(packed, WrongState)
    assert ended(package, plan) == (P.CANCELLED, "accepted", {"100"})


def test_shipped_first_it_cannot_be_cancelled() -> None:
    package = a_package(items=2, state=P.PACKED)
    plan = a_plan(package)

    shipped, decided = in_order(
        package.order_id, partial(command, package, "ShipThePackageCommand"), partial(decide_by_rule, plan)
    )

    assert isinstance(shipped, Outcome)
    assert decided is None
    assert ended(package, plan) == (P.SHIPPED, "refused", {"500"})


def test_cancelled_first_it_is_not_shipped() -> None:
    package = a_package(items=2, state=P.PACKED)
    plan = a_plan(package)

    decided, shipped = in_order(
        package.order_id, partial(decide_by_rule, plan), partial(command, package, "ShipThePackageCommand")
    )

    assert decided is None
    assert isinstance(shipped, WrongState)
    assert ended(package, plan) == (P.CANCELLED, "accepted", {"100"})


@pytest.mark.parametrize("accept", [True, False])
def test_packed_first_it_is_held_as_packed_until_somebody_decides(accept: bool) -> None:
    package = a_package(items=2)
    plan = a_plan(package)

    packed, held = in_order(package.order_id, partial(command, package, PACK), partial(hold_packages, plan))

    assert isinstance(packed, Outcome)
    assert held is None
    assert ended(package, plan)[0] == P.CANCELLATION_WAITING
    decide_by_hand(plan, accept=accept)
    expected = (P.CANCELLED, "accepted", {"100"}) if accept else (P.PACKED, "refused", {"450"})
    assert ended(package, plan) == expected


@pytest.mark.parametrize("accept", [True, False])
def test_held_first_it_is_not_packed_until_somebody_decides(accept: bool) -> None:
    package = a_package(items=2)
    plan = a_plan(package)

    held, packed = in_order(package.order_id, partial(hold_packages, plan), partial(command, package, PACK))

    assert held is None
    assert isinstance(packed, WrongState)
    assert ended(package, plan)[0] == P.CANCELLATION_WAITING
    decide_by_hand(plan, accept=accept)
    expected = (P.CANCELLED, "accepted", {"100"}) if accept else (P.WAITING, "refused", {"400"})
    assert ended(package, plan) == expected


def test_all_at_once_every_package_ends_lawfully() -> None:
    packages = [a_package(items=1) for _ in range(8)]
    plans = [a_plan(package) for package in packages]
    work: list[Work] = []
    for package, plan in zip(packages, plans, strict=True):
        work += [partial(decide_by_rule, plan), partial(command, package, PACK)]
        work.append(partial(command, package, "ShipThePackageCommand"))

    results = at_once(work)

    assert [
        each for each in results if isinstance(each, Exception) and not isinstance(each, WrongState)
    ] == []
    for package, plan in zip(packages, plans, strict=True):
        assert ended(package, plan) in [
            (P.CANCELLED, "accepted", {"100"}),
            (P.SHIPPED, "refused", {"500"}),
        ]
