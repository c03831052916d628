"""PackageStateTransitionCommand (page 20)."""

from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from packhouse.commands import transition_rows
from packhouse.inventory.models import Reservation
from packhouse.kernel.errors import ForeignItem, InvalidParameter, UnknownParameter, WrongBarcode, WrongState
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package
from tests.commands.running import an_actor, events_of, refuse, run

pytestmark = pytest.mark.django_db
MOVE = "PKG_STATE_TRANSITION"
PATH = "input_parameters.package_items"
AMONG = (P.WAITING, P.WAITING_REMOTE_ACTION, P.PREPARING, P.READY_FOR_PACKAGING)


def picked(package: Package, **facts: object) -> list[dict[str, Any]]:
    item = package.items.order_by("id")[0]
    return [{"id": item.pk, **facts}]


@pytest.mark.parametrize(
    ("slug", "source", "target"),
    [
        ("start-preparing", P.WAITING, P.PREPARING),
        ("ready-for-packaging", P.PREPARING, P.READY_FOR_PACKAGING),
        ("remote-action-done", P.WAITING_REMOTE_ACTION, P.WAITING),
    ],
)
def test_the_moves_of_the_default_machine(slug: str, source: P, target: P) -> None:
    package = a_package(state=source, items=1)

    run(package, slug, actor=an_actor())

    assert package.state == target
    assert {item.state for item in package.items.all()} == {target}
    assert Reservation.objects.get().quantity == 1
    assert package.order.items.get().state == "400"
    assert events_of(package) == ["package.status.transitioned", f"package.status.{target.name.lower()}"]


@pytest.mark.parametrize(("source", "target"), list(permutations(AMONG, 2)))
def test_any_pair_may_be_installed(source: P, target: P) -> None:
    transition_rows.install(
        {"slug": "odd", "command": MOVE, "source_state": source.name, "target_state": target.name}
    )
    package = a_package(state=source)

    run(package, "odd", actor=an_actor())

    assert package.state == target
    package.stock_location.refresh_from_db()
    assert package.stock_location.quota == int(package.holds_quota)


def test_what_was_picked_is_kept_on_the_items() -> None:
    package = a_package(items=1)
    item = package.items.get()
    barcode = item.order_item.product.barcode

    run(
        package,
        "start-preparing",
        package_items=picked(package, barcode=barcode, serial_no="SN-1", unit_weight="1.250"),
    )

    item.refresh_from_db()
    assert (item.selected_barcode, item.serial_no, item.unit_weight) == (barcode, "SN-1", Decimal("1.250"))


def test_what_is_left_out_stays_as_it_is() -> None:
    package = a_package(items=1)
    run(package, "start-preparing", package_items=picked(package, serial_no="SN-1"))

    run(package, "ready-for-packaging", package_items=picked(package, unit_weight=2))

    item = package.items.get()
    assert (item.serial_no, item.unit_weight, item.selected_barcode) == ("SN-1", 2, None)


def test_refusals_change_nothing() -> None:
    package, other = a_package(items=2), a_package(items=1)

    refuse(package, MOVE, ForeignItem, f"{PATH}.0.id", package_items=picked(other))
    refuse(package, MOVE, WrongBarcode, f"{PATH}.0.barcode", package_items=picked(package, barcode="0"))
    refuse(package, MOVE, InvalidParameter, f"{PATH}.1.id", package_items=picked(package) * 2)
    refuse(package, MOVE, InvalidParameter, f"{PATH}.0.id", package_items=[{"id": True}])
    weight = f"{PATH}.0.unit_weight"
    refuse(package, MOVE, InvalidParameter, weight, package_items=picked(package, unit_weight=-1))
    refuse(package, MOVE, UnknownParameter, f"{PATH}.0.colour", package_items=picked(package, colour="red"))
    refuse(a_package(state=P.PACKED), MOVE, WrongState, "transition", actor=an_actor())
