"""`order.completed`: the order's last package was closed, and nothing of it waits for another (page 60)."""

import pytest

from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.models import Event
from packhouse.kernel.together import execute_together
from packhouse.orders.models import Order
from packhouse.orders.states import OrderStatus
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package, an_order, an_order_item
from tests.commands.running import run

pytestmark = pytest.mark.django_db


def completed(order: Order) -> list[int]:
    """The number of each such event among those of the order."""
    rows = Event.objects.filter(type="order.completed", subject=f"order/{order.pk}")
    return list(rows.values_list("sequence", flat=True))


def two_packages(state: P) -> tuple[Package, Package]:
    order = an_order(items=2)
    first, second = order.items.order_by("id")
    return (
        a_package(state=state, order=order, order_items=[first]),
        a_package(state=state, order=order, order_items=[second]),
    )


@pytest.mark.parametrize("end", [P.DELIVERED, P.CANCELLED, P.PACKED_FOR_REFUND])
def test_with_the_last_package_the_order_is_completed(end: P) -> None:
    first, last = two_packages(P.SHIPPED)
    a_package(state=end, order=first.order, order_items=[])

    run(first, "delivered")
    assert completed(first.order) == []

    run(last, "delivered")
    assert completed(first.order) == [1]


def test_a_cancelled_order_is_over_as_well() -> None:
    package = a_package()

    run(package, "CancelPackageCommand")

    package.order.refresh_from_db()
    assert (package.order.state, package.order.sequence) == (OrderStatus.CANCELED, 1)
    assert completed(package.order) == [1]


def test_not_while_an_item_waits_to_be_planned() -> None:
    package = a_package(state=P.SHIPPED)
    an_order_item(order=package.order, state=OrderStatus.APPROVED)

    run(package, "delivered")

    assert completed(package.order) == []


def test_not_where_others_took_its_place() -> None:
    package = a_package()
    items = list(package.items.values_list("id", flat=True))
    groups = [{"package_items": items, "stock_location": package.stock_location.erp_code}]

    run(package, "ManualPlanningCommand", assignment_groups=groups)

    assert package.state == P.CANCELLED
    assert completed(package.order) == []


def test_many_at_once_tell_it_each_of_its_own_order() -> None:
    first, other = two_packages(P.SHIPPED)
    single = a_package(state=P.SHIPPED)

    execute_together("package", [Call(each.pk, slug="delivered") for each in (first, single)], SYSTEM)

    other.refresh_from_db()
    assert (completed(first.order), completed(single.order)) == ([], [1])
    execute_together("package", [Call(other.pk, slug="delivered")], SYSTEM)
    assert completed(first.order) == [1]
