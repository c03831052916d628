"""Cancelling items and following up a changed order: what is not shipped goes, the rest is refused."""

from decimal import Decimal

import pytest

from packhouse.commands.orders.cancel_items import Decision, Wanted, cancel_items
from packhouse.commands.orders.follow_up_order import follow_up_order
from packhouse.kernel.errors import CarrierRefused, InvalidParameter
from packhouse.kernel.models import ExceptionEntry
from packhouse.orders.models import Order, OrderItem, StatusReport
from packhouse.packages.models import Package, PackageItem
from packhouse.packages.states import BEFORE_SHIPPED, PackageStatus
from packhouse.shipments import ports
from packhouse.shipments.states import Registration
from tests.builders import a_package, a_package_item, a_shipment, an_order, an_order_item
from tests.commands.orders.documents import DAY_TWO, copied, copy, remote_address, remote_item, remote_order
from tests.fingerprint import fingerprint
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
SHIPPED = tuple(
    state
    for state in PackageStatus
    if state not in (*BEFORE_SHIPPED, PackageStatus.CANCELLED, PackageStatus.PACKED_FOR_REFUND)
)


def cancel(order: Order, *items: OrderItem, **options: object) -> list[Decision]:
    return cancel_items(order.pk, [Wanted(item.pk) for item in items or order.items.all()], **options)  # type: ignore[arg-type]


def states(order: Order) -> list[tuple[str, Decimal]]:
    return list(order.items.order_by("id").values_list("state", "cancelled_quantity"))


def test_what_stands_in_no_package_is_taken_out_of_planning() -> None:
    order = an_order(items=2)
    first = order.items.order_by("id")[0]

    decisions = cancel(order, first)

    assert [(decision.accepted, decision.cancelled) for decision in decisions] == [(True, Decimal(1))]
    assert states(order) == [("100", 1), ("400", 0)]
    assert list(StatusReport.objects.values_list("order_item", "status")) == [(first.pk, "100")]
    assert waiting_jobs("omnitron.sync_order_status") == [{"order_id": order.pk}]


@pytest.mark.parametrize("state", BEFORE_SHIPPED)
def test_a_package_before_shipped_is_cancelled(state: PackageStatus) -> None:
    order = an_order(items=1)
    package = a_package(order=order, state=state)

    decisions = cancel(order)

    package.refresh_from_db()
    assert [(each.accepted, each.package_id) for each in decisions] == [(True, package.pk)]
    assert package.state == PackageStatus.CANCELLED
    assert states(order) == [("100", 1)]


@pytest.mark.parametrize("state", SHIPPED)
def test_what_is_shipped_is_refused_and_stays(state: PackageStatus) -> None:
    order = an_order(items=1)
    a_package(order=order, state=state)
    before = fingerprint()

    decision = cancel(order)[0]

    assert (decision.accepted, decision.refused, decision.reason) == (False, 1, "Shipped already.")
    assert fingerprint() == before


def test_one_item_of_a_package_goes_and_the_rest_stays_in_its_state() -> None:
    order = an_order(items=2)
    a_package(order=order, state=PackageStatus.PREPARING)
    first = order.items.order_by("id")[0]

    cancel(order, first)

    assert states(order) == [("100", 1), ("400", 0)]
    rest = Package.objects.get(order=order, state=PackageStatus.PREPARING)
    assert rest.items.get().order_item != first


def test_units_shipped_in_part_are_refused_for_that_part() -> None:
    order = an_order(items=0)
    item = an_order_item(order=order, quantity=3)
    a_package_item(
        package=a_package(order=order, state=PackageStatus.SHIPPED, order_items=[]),
        order_item=item,
        quantity=1,
    )
    a_package_item(
        package=a_package(order=order, state=PackageStatus.WAITING, order_items=[]),
        order_item=item,
        quantity=1,
    )

    decision = cancel(order)[0]

    assert (decision.cancelled, decision.refused, decision.accepted) == (2, 1, False)
    item.refresh_from_db()
    assert (item.cancelled_quantity, item.state) == (2, "500")


def test_by_quantity_again_and_again_until_nothing_is_left() -> None:
    order = an_order(items=0)
    item = an_order_item(order=order, quantity=3)
    a_package(order=order, state=PackageStatus.WAITING)

    results = [cancel_items(order.pk, [Wanted(item.pk, Decimal(1))])[0] for _ in range(4)]

    assert [(each.cancelled, each.refused) for each in results] == [(1, 0), (1, 0), (1, 0), (0, 1)]
    assert results[3].reason == "Only 0 of it were left to cancel."
    item.refresh_from_db()
    assert (item.cancelled_quantity, item.state) == (3, "100")
    assert not PackageItem.objects.filter(order_item=item).exclude(state="900").exists()


def test_more_than_is_left_is_cancelled_as_far_as_it_goes() -> None:
    order = an_order(items=0)
    item = an_order_item(order=order, quantity=3)

    decision = cancel_items(order.pk, [Wanted(item.pk, Decimal(5))])[0]

    assert (decision.cancelled, decision.refused) == (3, 2)


def test_what_was_closed_for_refund_is_not_cancelled_once_more() -> None:
    order = an_order(items=0)
    item = an_order_item(order=order, quantity=3)
    package = a_package(order=order, state=PackageStatus.PACKED_FOR_REFUND)
    PackageItem.objects.filter(package=package).update(quantity=2)

    decision = cancel_items(order.pk, [Wanted(item.pk)])[0]

    item.refresh_from_db()
    assert (decision.cancelled, decision.refused, item.cancelled_quantity) == (1, 0, 1)


def test_parts_of_units_that_are_counted_whole_are_refused() -> None:
    order = an_order(items=2)
    first, second = order.items.order_by("id")
    before = fingerprint()

    with pytest.raises(InvalidParameter) as refusal:
        cancel_items(order.pk, [Wanted(first.pk), Wanted(second.pk, Decimal("0.5"))])

    assert list(refusal.value.errors) == ["items.1.quantity"]
    assert fingerprint() == before


def test_the_back_office_is_not_told_what_it_knows() -> None:
    order = an_order(items=2)
    a_package(order=order, state=PackageStatus.PREPARING, order_items=order.items.order_by("id")[:1])

    cancel(order, sync=False)

    assert states(order) == [("100", 1), ("100", 1)]
    assert not StatusReport.objects.exists()


def test_foreign_and_repeated_items_are_refused() -> None:
    order, other = an_order(items=1), an_order(items=1)
    own, foreign = order.items.get(), other.items.get()
    before = fingerprint()

    for wanted, path in (
        ([Wanted(foreign.pk)], "items.0.order_item"),
        ([Wanted(own.pk), Wanted(own.pk)], "items.1.order_item"),
        ([Wanted(own.pk, Decimal(0))], "items.0.quantity"),
    ):
        with pytest.raises(InvalidParameter) as refusal:
            cancel_items(order.pk, wanted)
        assert list(refusal.value.errors) == [path]

    assert fingerprint() == before


class RefusingCarrier:
    def delete(self, shipment_id: int) -> None:
        raise CarrierRefused("The parcel is on the van.")


def test_a_carrier_that_refuses_counts_as_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "carrier", RefusingCarrier)
    order = an_order(items=1)
    a_shipment(
        package=a_package(order=order, state=PackageStatus.PACKED), registration=Registration.REGISTERED
    )

    decision = cancel(order)[0]

    assert (decision.accepted, decision.reason) == (False, "The parcel is on the van.")
    assert states(order) == [("450", 0)]


# Following up


def follow_up_of(order: Order) -> None:
    for job in waiting_jobs("orders.follow_up"):
        follow_up_order(**job)


def test_a_withdrawn_item_is_cancelled_without_an_answer() -> None:
    order = copied(items=[remote_item(1), remote_item(2)])
    a_package(order=order, state=PackageStatus.PREPARING)

    copy(remote_order(items=[remote_item(1, status="100", modified_date=DAY_TWO), remote_item(2)]))
    follow_up_of(order)

    assert states(order) == [("100", 1), ("400", 0)]
    assert not StatusReport.objects.exists()
    follow_up_of(order)
    assert states(order) == [("100", 1), ("400", 0)]


def test_a_withdrawn_item_that_is_shipped_is_shown_to_a_person() -> None:
    order = copied()
    a_package(order=order, state=PackageStatus.SHIPPED)

    copy(remote_order(modified_date=DAY_TWO, items=[remote_item(2)]))
    follow_up_of(order)

    item = order.items.get(omnitron_id=70012)
    assert (item.state, item.cancelled_quantity, item.omnitron_status) == ("500", 0, "100")
    assert ExceptionEntry.objects.get(kind="cancellation_refused").subject == f"order_item/{item.pk}"


def test_a_changed_address_reschedules_what_is_not_packed() -> None:
    order = copied(items=[remote_item(1), remote_item(2)])
    first, second = order.items.order_by("id")
    waiting = a_package(order=order, order_items=[first])
    blocked = a_package(order=order, order_items=[second], state=PackageStatus.BLOCKED)

    copy(
        remote_order(
            modified_date=DAY_TWO,
            items=[remote_item(1), remote_item(2)],
            shipping_address=remote_address(line="6 New St"),
        )
    )
    follow_up_of(order)

    waiting.refresh_from_db()
    blocked.refresh_from_db()
    assert (waiting.state, blocked.state) == (PackageStatus.CANCELLED, PackageStatus.BLOCKED)
    assert states(order) == [("400", 0), ("400", 0)]
    jobs = waiting_jobs("planning.plan_order")
    assert {"order_id": order.pk, "previous_package_id": waiting.pk} in jobs
