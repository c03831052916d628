"""ShipThePackageBasicCommand (page 20)."""

import pytest

from packhouse.kernel.errors import (
    TransitionRefused,
    UnknownParameter,
    WrongState,
)
from packhouse.orders.models import OrderItem, StatusReport
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package
from tests.commands.running import an_actor, events_of, refuse, run

pytestmark = pytest.mark.django_db
BASIC = "ShipThePackageBasicCommand"


def packed(items: int = 1) -> Package:
    return a_package(state=P.PACKED, items=items)


def test_basic_ships_without_any_shipment() -> None:
    package = packed()

    run(package, BASIC)

    assert package.state == P.SHIPPED
    assert package.shipment_date is not None
    assert package.order.items.get().state == "500"
    assert StatusReport.objects.get().status == "500"
    assert events_of(package) == ["package.status.transitioned", "package.status.shipped"]


def test_basic_is_refused_where_the_back_office_has_different_statuses() -> None:
    package = packed(items=2)
    first = package.items.order_by("id")[0]
    OrderItem.objects.filter(pk=first.order_item_id).update(omnitron_status="400")
    OrderItem.objects.exclude(pk=first.order_item_id).update(omnitron_status="450")

    refuse(package, BASIC, TransitionRefused, "transition")

    OrderItem.objects.update(omnitron_status="450")
    run(package, BASIC)
    assert package.state == P.SHIPPED


def test_refusals_change_nothing() -> None:
    refuse(packed(), BASIC, UnknownParameter, "input_parameters.tracking_number", tracking_number="T")
    refuse(a_package(), BASIC, WrongState, "transition", actor=an_actor())
