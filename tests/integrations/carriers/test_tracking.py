"""Tracking: what is asked when, what is kept, and how packages follow."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from packhouse.integrations.carriers.tracking import queue_due, track
from packhouse.kernel import clock
from packhouse.kernel.models import Event
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.shipments.models import Shipment
from tests.integrations.carriers.conftest import Carrier
from tests.integrations.carriers.world import (
    a_carrier,
    a_packed_package,
    a_waiting_shipment,
    exceptions_of,
    registered,
)
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db


def on_its_way(
    carrier: Carrier, state: PackageStatus = PackageStatus.SHIPPED, **configuration: Any
) -> Shipment:
    package = a_packed_package()
    shipment = registered(a_waiting_shipment(a_carrier(carrier.url, **configuration), package=package))
    Package.objects.filter(pk=package.pk).update(state=state)
    package.items.update(state=state)
    Event.objects.all().delete()
    return shipment


def put(carrier: Carrier, shipment: Shipment, status: str, at: datetime | None = None) -> None:
    carrier.sandbox.book.put(carrier.sandbox.book.shipments[shipment.number], status, at, None)


def tracked(shipment: Shipment) -> tuple[str, str | None]:
    """State of the package and status of the shipment afterwards."""
    track(shipment.pk)
    shipment.refresh_from_db()
    return Package.objects.get(pk=shipment.package_id).state, shipment.status


@pytest.mark.parametrize("status", ["READY_FOR_PICKUP", "ATTEMPTED_DELIVERY", "DELIVERY_FAILED", "DELIVERED"])
def test_the_package_follows_its_carrier(carrier: Carrier, status: str) -> None:
    shipment = on_its_way(carrier)
    put(carrier, shipment, status)

    assert tracked(shipment) == (PackageStatus[status], status)

    types = [event.type for event in Event.objects.order_by("cursor")]
    assert types[:2] == ["shipment.status.updated", "package.status.transitioned"]
    assert {step.status for step in shipment.history.all()} == {"CREATED", status}


def test_the_date_of_delivery_is_the_carriers(carrier: Carrier) -> None:
    shipment = on_its_way(carrier)
    at = datetime.now(UTC) - timedelta(seconds=1)
    Shipment.objects.filter(pk=shipment.pk).update(status_date=at - timedelta(hours=1))
    put(carrier, shipment, "DELIVERED", at)

    tracked(shipment)

    assert shipment.delivered_date == at
    assert shipment.next_poll_date is None


def test_waits_grow_with_the_status(carrier: Carrier) -> None:
    shipment = on_its_way(carrier, polling_minutes=10)
    for status, factor in [("SHIPPING", 2), ("READY_FOR_PICKUP", 8), ("DELIVERY_FAILED", 24)]:
        put(carrier, shipment, status)
        before = clock.now()
        tracked(shipment)
        assert shipment.next_poll_date is not None
        minutes = (shipment.next_poll_date - before).total_seconds() / 60
        assert 8 * factor <= minutes <= 12.1 * factor


def test_a_failed_delivery_is_asked_for_seven_days(carrier: Carrier) -> None:
    shipment = on_its_way(carrier)
    put(carrier, shipment, "DELIVERY_FAILED")
    tracked(shipment)

    with clock.frozen(clock.now() + timedelta(days=8)):
        tracked(shipment)

    assert shipment.next_poll_date is None


def test_what_does_not_arrive_is_given_up_and_shown(carrier: Carrier) -> None:
    shipment = on_its_way(carrier)

    with clock.frozen(clock.now() + timedelta(days=61)):
        tracked(shipment)

    assert shipment.next_poll_date is None
    assert "is it lost?" in exceptions_of(shipment.package)[0]


def test_an_unknown_status_is_kept_and_never_guessed(carrier: Carrier) -> None:
    shipment = on_its_way(carrier)
    put(carrier, shipment, "ON_THE_MOON")

    assert tracked(shipment) == (PackageStatus.SHIPPED, "CREATED")
    assert "ON_THE_MOON" in {step.status for step in shipment.history.all()}


def test_the_carriers_own_words_are_mapped(carrier: Carrier) -> None:
    shipment = on_its_way(carrier, status_map={"TESLIM": "DELIVERED"})
    put(carrier, shipment, "TESLIM")

    assert tracked(shipment) == (PackageStatus.DELIVERED, "DELIVERED")


def test_a_status_older_than_the_newest_is_history_only(carrier: Carrier) -> None:
    shipment = on_its_way(carrier)
    put(carrier, shipment, "DELIVERY_FAILED")
    tracked(shipment)
    put(carrier, shipment, "ATTEMPTED_DELIVERY", datetime.now(UTC) - timedelta(hours=2))

    assert tracked(shipment) == (PackageStatus.DELIVERY_FAILED, "DELIVERY_FAILED")
    assert "ATTEMPTED_DELIVERY" in {step.status for step in shipment.history.all()}


def test_repeated_rows_are_kept_once(carrier: Carrier) -> None:
    carrier.sandbox.habits.duplicate_events = True
    shipment = on_its_way(carrier)
    put(carrier, shipment, "SHIPPING")

    tracked(shipment)
    tracked(shipment)

    assert shipment.history.count() == 2


def test_scanned_and_not_shipped_is_shown(carrier: Carrier) -> None:
    shipment = on_its_way(carrier, state=PackageStatus.PACKED)
    put(carrier, shipment, "SHIPPING")

    assert tracked(shipment) == (PackageStatus.PACKED, "SHIPPING")
    assert "nobody has shipped the package" in exceptions_of(shipment.package)[0]


def test_a_scan_ships_where_it_is_said_to(carrier: Carrier) -> None:
    shipment = on_its_way(carrier, state=PackageStatus.PACKED, auto_ship_on_scan=True)
    put(carrier, shipment, "DELIVERED")

    assert tracked(shipment) == (PackageStatus.DELIVERED, "DELIVERED")
    types = [event.type for event in Event.objects.order_by("cursor")]
    assert types.count("package.status.shipped") == types.count("package.status.delivered") == 1


def test_deleted_by_the_carrier_it_is_cancelled_and_shown(carrier: Carrier) -> None:
    shipment = on_its_way(carrier, state=PackageStatus.PACKED)
    put(carrier, shipment, "DELETED")

    assert tracked(shipment) == (PackageStatus.PACKED, "DELETED")
    assert (shipment.is_current, shipment.registration) == (False, "deleted")
    assert "has deleted" in exceptions_of(shipment.package)[0]
    assert "shipment.cancelled" in {event.type for event in Event.objects.all()}


def test_a_silent_carrier_is_asked_later(carrier: Carrier) -> None:
    shipment = on_its_way(carrier)
    carrier.sandbox.control.set_faults({"drop_connection": 1.0})
    before = clock.now()

    assert tracked(shipment) == (PackageStatus.SHIPPED, "CREATED")
    assert shipment.next_poll_date is not None
    assert timedelta(minutes=4) < shipment.next_poll_date - before < timedelta(minutes=6)


def test_a_forgetful_carrier_is_shown(carrier: Carrier) -> None:
    shipment = on_its_way(carrier)
    carrier.sandbox.book.shipments.clear()

    tracked(shipment)

    assert exceptions_of(shipment.package) == [
        f"Shipment {shipment.number} cannot be tracked: the carrier does not know it."
    ]
    assert shipment.next_poll_date is not None


def test_what_is_due_is_queued_once(carrier: Carrier) -> None:
    shipment = on_its_way(carrier)
    assert queue_due() == 0

    with clock.frozen(clock.now() + timedelta(hours=1)):
        assert queue_due() == 1
        assert queue_due() == 0

    assert waiting_jobs("carriers.track_shipment") == [{"shipment_id": shipment.pk}]
