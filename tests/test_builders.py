"""What the builders build is true: counters equal what they count, states say what they say."""

import pytest
from django.db.models import Sum

from packhouse.inventory.models import Reservation, Stock
from packhouse.kernel.states import Quota
from packhouse.locations.models import StockLocation
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.transfers.states import TransferStatus
from tests import builders

pytestmark = pytest.mark.django_db


def assert_counters_are_true() -> None:
    for location in StockLocation.objects.all():
        held = Package.objects.filter(stock_location=location, holds_quota=True).count()
        assert location.quota == held
    for stock in Stock.objects.all():
        rows = Reservation.objects.filter(stock_location=stock.stock_location, sku=stock.sku)
        assert stock.reserved == (rows.aggregate(sum=Sum("quantity"))["sum"] or 0)


@pytest.mark.parametrize("state", PackageStatus)
def test_a_package_is_what_its_state_says(state: PackageStatus) -> None:
    package = builders.a_package(state=state, items=2)

    assert package.holds_quota is (state.quota is Quota.HOLDS)
    assert Reservation.objects.count() == (2 if state.reserves else 0)
    items = package.items.order_by("id")
    assert [item.state for item in items] == [state, state]
    assert [item.taken == item.quantity for item in items] == [state in builders.TAKEN_IN] * 2
    assert {item.order_item.state for item in items} == {item.order_code for item in items}
    assert_counters_are_true()


@pytest.mark.parametrize(
    ("state", "reserved_at"),
    [
        (TransferStatus.WAITING, "source"),
        (TransferStatus.READY_TO_SHIPMENT, "source"),
        (TransferStatus.IN_TRANSIT, None),
        (TransferStatus.TRANSFERRED, "destination"),
    ],
)
def test_the_items_of_a_transfer_are_reserved_where_they_are(
    state: TransferStatus, reserved_at: str | None
) -> None:
    transfer = builders.a_transfer(state=state)

    places = {reservation.stock_location for reservation in Reservation.objects.all()}
    assert places == ({getattr(transfer, reserved_at)} if reserved_at else set())
    assert_counters_are_true()


def test_a_second_package_of_an_order_has_a_number_of_its_own() -> None:
    first = builders.a_package(state=PackageStatus.CANCELLED)
    second = builders.a_package(order=first.order, stock_location=first.stock_location)

    assert (first.number, second.number) == (f"{first.order.number}P1", f"{first.order.number}P2")
    assert_counters_are_true()
