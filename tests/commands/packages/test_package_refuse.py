"""PackageRefuseCommand (page 20)."""

import pytest

from packhouse.inventory.models import Reservation, Stock
from packhouse.kernel.errors import ForeignItem, InvalidParameter, MissingParameter
from packhouse.kernel.models import StateTransitionLog
from packhouse.packages.models import LocationExclusion, Package
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_denial_reason, a_package
from tests.commands.running import events_of, refuse, run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
REFUSE = "PackageRefuseCommand"


@pytest.mark.parametrize("state", [P.WAITING, P.WAITING_REMOTE_ACTION, P.PREPARING])
def test_a_refused_package_is_given_up_and_planned_again_elsewhere(state: P) -> None:
    package, reason = a_package(state=state), a_denial_reason()

    run(package, REFUSE, denial_reason=reason.pk)

    assert package.state == P.NEEDS_RESCHEDULING
    assert not Reservation.objects.exists()
    assert {item.denial_reason for item in package.items.all()} == {reason}
    assert events_of(package) == [
        "package.status.transitioned",
        "package.status.needs_rescheduling",
        "package.refused",
    ]
    exclusion = LocationExclusion.objects.get()
    assert (exclusion.order, exclusion.stock_location, exclusion.sku) == (
        package.order,
        package.stock_location,
        None,
    )
    assert waiting_jobs("packages.reschedule") == [{"package_id": package.pk}]
    package.stock_location.refresh_from_db()
    assert package.stock_location.quota == 0


def test_units_already_taken_are_put_back() -> None:
    package = a_package(items=1)
    run(package, "PKG_DEALLOCATE_RESERVATIONS")

    run(package, REFUSE, denial_reason=a_denial_reason().pk)

    assert (Stock.objects.get().on_hand, package.items.get().taken) == (100, 0)


def test_only_the_named_items_are_refused_and_the_rest_stays() -> None:
    package, reason = a_package(items=2), a_denial_reason()
    refused, kept = package.items.order_by("id")

    run(package, REFUSE, denial_reason=reason.pk, package_items=[refused.pk])

    part = Package.objects.get(previous_package=package)
    assert (package.state, part.state) == (P.WAITING, P.NEEDS_RESCHEDULING)
    assert (list(package.items.all()), list(part.items.all())) == ([kept], [refused])
    assert Reservation.objects.get().package_item == kept
    assert events_of(part) == [
        "package.created",
        "package.status.transitioned",
        "package.status.needs_rescheduling",
        "package.refused",
    ]
    assert events_of(package) == ["package.updated"]
    assert LocationExclusion.objects.get().sku == refused.order_item.product.sku
    assert waiting_jobs("packages.reschedule") == [{"package_id": part.pk}]
    moves = StateTransitionLog.objects.filter(object_id=part.pk).order_by("id")
    assert [(row.old_state and row.old_state.enum_value, row.new_state.enum_value) for row in moves] == [
        (None, "100"),
        ("100", "910"),
    ]
    package.stock_location.refresh_from_db()
    assert package.stock_location.quota == 1


def test_all_items_named_is_the_whole_package() -> None:
    package = a_package(items=2)
    ids = [item.pk for item in package.items.all()]

    run(package, REFUSE, denial_reason=a_denial_reason().pk, package_items=ids)

    assert package.state == P.NEEDS_RESCHEDULING
    assert Package.objects.count() == 1


def test_refusals_change_nothing() -> None:
    package, other = a_package(), a_package()
    reason, old = a_denial_reason(), a_denial_reason(is_active=False)
    foreign = other.items.order_by("id").first()
    assert foreign is not None

    refuse(package, REFUSE, MissingParameter, "input_parameters.denial_reason")
    refuse(package, REFUSE, InvalidParameter, "input_parameters.denial_reason", denial_reason=old.pk)
    refuse(package, REFUSE, InvalidParameter, "input_parameters.denial_reason", denial_reason="no id")
    refuse(
        package,
        REFUSE,
        ForeignItem,
        "input_parameters.package_items.0",
        denial_reason=reason.pk,
        package_items=[foreign.pk],
    )
