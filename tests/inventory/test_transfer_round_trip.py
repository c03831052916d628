"""A transfer from the plan to the parcel, unit by unit; after each step everything agrees (pages 30 and 40)."""

from decimal import Decimal
from typing import Any

import pytest

from packhouse.commands.inventory.count_stock import count_stock
from packhouse.commands.planning.plan_order import plan_order
from packhouse.commands.reconcile.differences import find_differences
from packhouse.inventory.counting import Count
from packhouse.inventory.models import Movement, Reservation, Stock
from packhouse.kernel.models import Event
from packhouse.locations.models import StockLocation
from packhouse.orders.models import Order
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from packhouse.planning.models import Scenario, ScenarioKind, ScenarioVersion
from packhouse.transfers.models import TransferOrder
from packhouse.transfers.states import TransferStatus as T
from tests.builders import a_location, a_product, an_order, an_order_item
from tests.commands.planning.scenarios import a_scenario
from tests.commands.running import run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
STORES_FEED: dict[str, Any] = {
    "name": "stores",
    "product_condition": "available_products",
    "sort": [{"key": "PRIORITY", "direction": "asc"}],
}


def a_market() -> tuple[Order, StockLocation, StockLocation, StockLocation]:
    """An order of three A and one B; HUB packs and has one A; NEAR has two A, FAR three A and a B."""
    hub = a_location(erp_code="HUB")
    near = a_location(erp_code="NEAR", priority=1, is_fulfillment_center=False)
    far = a_location(erp_code="FAR", priority=2, is_fulfillment_center=False)
    count_stock(
        [
            Count(hub.pk, "A", quantity=Decimal(1)),
            Count(near.pk, "A", quantity=Decimal(2)),
            Count(far.pk, "A", quantity=Decimal(3)),
            Count(far.pk, "B", quantity=Decimal(1)),
        ]
    )
    a_scenario({"product_condition": "all_products", "transferable": True}, default=hub)
    transfers = Scenario.objects.create(kind=ScenarioKind.TRANSFER, name="Transfers", status="active")
    transfers.live_version = ScenarioVersion.objects.create(
        scenario=transfers, number=1, body={"rules": [STORES_FEED]}
    )
    transfers.save()
    order = an_order(items=0)
    an_order_item(order=order, product=a_product(sku="A"), quantity=3)
    an_order_item(order=order, product=a_product(sku="B"), quantity=1)
    return order, hub, near, far


def shelves() -> dict[str, tuple[int, int]]:
    """(on hand, reserved) by location and SKU."""
    rows = Stock.objects.values_list("stock_location__erp_code", "sku", "on_hand", "reserved")
    return {f"{code} {sku}": (int(on_hand), int(reserved)) for code, sku, on_hand, reserved in rows}


def all_agrees() -> bool:
    return [str(each) for each in find_differences()] == []


def test_units_travel_from_the_sources_to_the_parcel() -> None:
    order, hub, _, _ = a_market()

    plan_order(order.pk)

    package = Package.objects.get()
    assert (package.stock_location, package.state) == (hub, P.WAITING_FOR_TRANSFER)
    near, far = TransferOrder.objects.order_by("id")
    assert [near.number, far.number] == [f"{package.number}T1", f"{package.number}T2"]
    assert [near.source.erp_code, far.source.erp_code] == ["NEAR", "FAR"]
    planned = {"HUB A": (1, 1), "NEAR A": (2, 2), "FAR A": (3, 0), "FAR B": (1, 1)}
    assert shelves() == planned
    assert all_agrees()

    run(near, "TransferReadyForDispatchCommand")
    run(near, "TransferDispatchCommand")
    assert shelves() == {**planned, "NEAR A": (0, 0)}
    assert Reservation.objects.filter(transfer_item__transfer_order=near).count() == 0
    assert all_agrees()

    run(near, "TransferDeliveredCommand")
    package.refresh_from_db()
    assert package.state == P.WAITING_FOR_TRANSFER
    assert shelves() == {"HUB A": (3, 3), "NEAR A": (0, 0), "FAR A": (3, 0), "FAR B": (1, 1)}
    assert all_agrees()

    run(far, "TransferDispatchCommand")
    run(far, "TransferDeliveredCommand")
    package.refresh_from_db()
    assert package.state == P.WAITING
    assert shelves() == {"HUB A": (3, 3), "HUB B": (1, 1), "NEAR A": (0, 0), "FAR A": (3, 0), "FAR B": (0, 0)}
    assert all_agrees()

    run(package, "CompletePackagingCommand")
    assert shelves() == {"HUB A": (0, 0), "HUB B": (0, 0), "NEAR A": (0, 0), "FAR A": (3, 0), "FAR B": (0, 0)}
    assert sum(Movement.objects.values_list("delta", flat=True)) == 3
    assert all_agrees()


def test_what_is_not_found_comes_from_elsewhere_and_never_from_there_again() -> None:
    order, _, _, _ = a_market()
    plan_order(order.pk)
    near, far = TransferOrder.objects.order_by("id")

    run(near, "TransferProductNotFoundCommand")

    assert near.state == T.OUT_OF_STOCK
    again = TransferOrder.objects.latest("id")
    assert (again.source.erp_code, again.state) == ("FAR", T.WAITING)
    assert shelves() == {"HUB A": (1, 1), "NEAR A": (0, 0), "FAR A": (3, 2), "FAR B": (1, 1)}
    assert Event.objects.filter(subject=f"transfer_order/{again.pk}").count() == 1
    assert all_agrees()

    run(again, "TransferProductNotFoundCommand")  # nobody else has an A

    package = Package.objects.get(state=P.WAITING_FOR_TRANSFER.value)
    lacking = Package.objects.get(state=P.OUT_OF_STOCK.value)
    assert [item.quantity for item in package.items.order_by("order_item")] == [1, 1]
    assert [item.quantity for item in lacking.items.all()] == [2]
    assert shelves() == {"HUB A": (1, 1), "NEAR A": (0, 0), "FAR A": (0, 0), "FAR B": (1, 1)}
    assert [job["package_id"] for job in waiting_jobs("packages.reschedule")] == [lacking.pk]
    assert all_agrees()

    run(far, "TransferDispatchCommand")
    run(far, "TransferDeliveredCommand")
    package.refresh_from_db()
    assert package.state == P.WAITING
    assert all_agrees()


def test_an_order_cancelled_on_the_way_leaves_free_stock_behind() -> None:
    order, _, _, _ = a_market()
    plan_order(order.pk)
    package = Package.objects.get()
    near, far = TransferOrder.objects.order_by("id")
    run(near, "TransferDispatchCommand")

    run(package, "CancelPackageCommand")

    far.refresh_from_db()
    assert far.state == T.CANCELLED
    assert shelves() == {"HUB A": (1, 0), "NEAR A": (0, 0), "FAR A": (3, 0), "FAR B": (1, 0)}
    assert all_agrees()

    near.refresh_from_db()
    run(near, "TransferDeliveredCommand")
    assert shelves()["HUB A"] == (3, 0)
    assert all_agrees()


def test_without_a_transfer_scenario_nothing_travels() -> None:
    order, hub, _, _ = a_market()
    Scenario.objects.filter(kind=ScenarioKind.TRANSFER).update(status="passive")

    plan_order(order.pk)

    assert not TransferOrder.objects.exists()
    assert list(Package.objects.values_list("stock_location", "state")) == [(hub.pk, P.OUT_OF_STOCK.value)]
    assert all_agrees()
