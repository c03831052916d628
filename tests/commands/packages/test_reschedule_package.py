"""ReschedulePackageCommand (page 20)."""

import pytest

from packhouse.commands import transition_rows
from packhouse.commands.packages.reschedule_package import BY_THE_SYSTEM
from packhouse.inventory.models import Reservation, Stock
from packhouse.kernel.errors import InvalidParameter, UnknownParameter, WrongState
from packhouse.packages.states import PackageStatus as P
from packhouse.transfers.models import TransferOrder
from tests.builders import a_package, a_transfer
from tests.commands.running import an_actor, events_of, refuse, run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
RESCHEDULE = "ReschedulePackageCommand"


@pytest.mark.parametrize("state", [P.NEEDS_RESCHEDULING, P.STALE_WAITING])
def test_a_package_is_cancelled_and_its_items_are_planned_again(state: P) -> None:
    package = a_package(state=state, items=1)

    run(package, RESCHEDULE, actor=an_actor())

    assert package.state == P.CANCELLED
    assert package.order.items.get().cancelled_quantity == 0
    assert waiting_jobs("planning.plan_order") == [
        {"order_id": package.order_id, "previous_package_id": package.pk}
    ]
    assert events_of(package) == ["package.status.transitioned", "package.status.cancelled"]


@pytest.mark.parametrize("state", BY_THE_SYSTEM)
def test_when_the_order_changed_the_system_takes_back_what_is_not_packed(state: P) -> None:
    package = a_package(state=state, items=1)

    run(package, RESCHEDULE)

    assert (package.state, package.holds_quota) == (P.CANCELLED, False)
    assert not Reservation.objects.exists()
    package.stock_location.refresh_from_db()
    assert package.stock_location.quota == 0


def test_units_already_taken_are_put_back() -> None:
    package = a_package(items=1)
    run(package, "PKG_DEALLOCATE_RESERVATIONS")

    run(package, RESCHEDULE)

    assert Stock.objects.get().on_hand == 100


def test_transfers_are_cancelled_as_in_a_cancel() -> None:
    package = a_package(state=P.WAITING_FOR_TRANSFER)
    a_transfer(package=package)

    run(package, RESCHEDULE)

    assert TransferOrder.objects.get().state == "cancelled"
    assert not Reservation.objects.exists()


def test_what_fits_nowhere_stays_out_of_stock() -> None:
    package = a_package(state=P.OUT_OF_STOCK, items=1)

    run(package, RESCHEDULE, actor=an_actor())

    assert package.state == P.OUT_OF_STOCK
    assert package.items.count() == 1
    assert events_of(package) == []


@pytest.mark.parametrize("state", BY_THE_SYSTEM)
def test_no_caller_takes_back_what_is_under_way(state: P) -> None:
    refuse(a_package(state=state), RESCHEDULE, WrongState, "transition", actor=an_actor())
    with pytest.raises(InvalidParameter) as refusal:
        transition_rows.install(
            {
                "slug": "again",
                "command": RESCHEDULE,
                "source_state": state.name,
                "target_state": "CANCELLED",
            }
        )
    legal = refusal.value.text.partition("legal are: ")[2].rstrip(".").split("; ")
    assert legal == [
        "NEEDS_RESCHEDULING → CANCELLED",
        "OUT_OF_STOCK → CANCELLED",
        "STALE_WAITING → CANCELLED",
    ]


def test_refusals_change_nothing() -> None:
    package = a_package(state=P.NEEDS_RESCHEDULING)
    refuse(package, RESCHEDULE, UnknownParameter, "input_parameters.colour", colour="red")
    refuse(a_package(state=P.PACKED), RESCHEDULE, WrongState, "transition")
