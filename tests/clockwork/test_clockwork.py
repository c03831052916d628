"""What the clock runs (page 20), with a stopped clock."""

from datetime import UTC, datetime, timedelta

import pytest

from packhouse.inventory.models import Reservation
from packhouse.jobs import clockwork
from packhouse.kernel import clock, settings_store
from packhouse.kernel.models import StateTransitionLog
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package

pytestmark = pytest.mark.django_db
# 00:00 UTC is 03:00 in Istanbul, the default time zone.
THREE = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def waiting_since(days: float, state: P = P.WAITING) -> Package:
    return a_package(state=state, items=1, state_date=THREE - timedelta(days=days))


def test_at_three_packages_of_fifteen_days_become_stale() -> None:
    old, young = waiting_since(15), waiting_since(14.9)
    prepared = waiting_since(30, P.PREPARING)

    with clock.frozen(THREE):
        assert clockwork.mark_stale_waiting() == 1
        assert clockwork.mark_stale_waiting() == 0

    for package in (old, young, prepared):
        package.refresh_from_db()
    assert (old.state, young.state, prepared.state) == (P.STALE_WAITING, P.WAITING, P.PREPARING)
    assert not Reservation.objects.filter(package_item__package=old).exists()
    row = StateTransitionLog.objects.get(object_id=old.pk)
    assert row.attributes["command.name"] == "MarkStaleWaitingCommand"
    assert row.user_id is None


@pytest.mark.parametrize("hour", [1, 12, 23])
def test_at_another_hour_nothing_is_done(hour: int) -> None:
    package = waiting_since(40)

    with clock.frozen(THREE + timedelta(hours=hour)):
        assert clockwork.mark_stale_waiting() == 0

    package.refresh_from_db()
    assert package.state == P.WAITING


def test_the_days_are_a_setting() -> None:
    settings_store.put("MARK_STALE_WAITING_PACKAGES_DAY", 3)
    waiting_since(4)

    with clock.frozen(THREE):
        assert clockwork.mark_stale_waiting() == 1


@pytest.mark.parametrize(("minutes", "due"), [(29, 0), (30, 1)])
def test_out_of_stock_packages_are_planned_again_every_thirty_minutes(minutes: int, due: int) -> None:
    package = a_package(state=P.OUT_OF_STOCK, items=1)
    Package.objects.filter(pk=package.pk).update(modified_date=THREE - timedelta(minutes=minutes))

    with clock.frozen(THREE):
        assert clockwork.reschedule_out_of_stock() == due
        # Each one once: the next turn is thirty minutes later.
        assert clockwork.reschedule_out_of_stock() == 0
