"""Many workers at the same moment, on real connections: each thing that is due is done once (lessons, 14)."""

from collections import Counter
from datetime import timedelta

import pytest

from packhouse.commands.shipments.label_waiting import pack_what_waits
from packhouse.integrations.carriers import tracking
from packhouse.jobs import clockwork
from packhouse.kernel import clock
from packhouse.kernel.models import StateTransitionLog
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from packhouse.shipments.models import Shipment, ShippingLabel
from tests.builders import a_location, a_package, a_product, a_shipment, an_order
from tests.concurrency.at_once import at_once
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 8


def counted(results: list[int | Exception]) -> int:
    assert [result for result in results if not isinstance(result, int)] == []
    return sum(result for result in results if isinstance(result, int))


def some_packages(count: int, state: P) -> list[Package]:
    location, product = a_location(), a_product()
    return [
        a_package(state=state, order=an_order(products=[product]), stock_location=location)
        for _ in range(count)
    ]


def test_out_of_stock_packages_are_queued_once_each() -> None:
    packages = some_packages(60, P.OUT_OF_STOCK)
    Package.objects.update(modified_date=clock.now() - timedelta(hours=1))

    done = counted(at_once([clockwork.reschedule_out_of_stock] * WORKERS))
    done += clockwork.reschedule_out_of_stock()  # what a worker found locked is due at the next turn

    queued = Counter(job["package_id"] for job in waiting_jobs("packages.reschedule"))
    assert queued == Counter(package.pk for package in packages)
    assert done == len(packages)


def test_stale_packages_are_marked_once_each() -> None:
    packages = some_packages(15, P.WAITING)
    three = clockwork._three_o_clock()
    Package.objects.update(state_date=three - timedelta(days=16))

    def work() -> int:
        with clock.frozen(three):
            return clockwork.mark_stale_waiting()

    assert counted(at_once([work] * WORKERS)) == len(packages)
    moves = Counter(StateTransitionLog.objects.values_list("object_id", flat=True))
    assert moves == Counter(package.pk for package in packages)


def test_packages_whose_label_has_come_are_packed_once_each() -> None:
    packages = some_packages(12, P.WAITING_CARGO_LABEL)
    for package in packages[:-1]:
        a_shipment(package=package, registration="registered", label=True)
    a_shipment(package=packages[-1], registration="registered")

    assert counted(at_once([pack_what_waits] * WORKERS)) == len(packages) - 1
    moves = Counter(StateTransitionLog.objects.values_list("object_id", flat=True))
    assert moves == Counter(package.pk for package in packages[:-1])
    assert ShippingLabel.objects.count() == len(packages) - 1  # the carrier is not asked again


def test_shipments_are_asked_for_once_each() -> None:
    package = some_packages(1, P.SHIPPED)[0]
    shipments = [
        a_shipment(
            package=package,
            is_current=number == 0,
            next_poll_date=clock.now() - timedelta(minutes=1),
            registration="registered",
        )
        for number in range(40)
    ]

    counted(at_once([tracking.queue_due] * WORKERS))
    tracking.queue_due()

    queued = Counter(job["shipment_id"] for job in waiting_jobs("carriers.track_shipment"))
    assert queued == Counter(shipment.pk for shipment in shipments)
    assert not Shipment.objects.filter(next_poll_date__lte=clock.now()).exists()
