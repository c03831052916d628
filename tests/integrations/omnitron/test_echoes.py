"""What we told comes back as a webhook: it costs one read and no copy, and hides no real change."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from packhouse.catalog.models import Channel
from packhouse.commands.orders.order_changes import Outcome
from packhouse.integrations.omnitron import catch_up, order_reads, sent_marks, status_reports
from packhouse.orders.models import Order, StatusReport
from packhouse.packages.states import PackageStatus
from tests.builders import a_package
from tests.commands.packages.test_complete_packaging_with_shipment import complete
from tests.fingerprint import fingerprint
from tests.integrations.omnitron.office import Office

pytestmark = pytest.mark.django_db


@pytest.fixture
def packed(office: Office, channels: list[Channel]) -> Order:
    """An order of two lines, copied, packed, and told so: 450 on both sides."""
    theirs = office.place_with(2)
    copied(theirs["pk"])
    order = Order.objects.get(omnitron_id=theirs["pk"])
    complete(a_package(order=order, state=PackageStatus.WAITING))
    status_reports.report(order.pk)
    assert {item["status"] for item in office.items(order.omnitron_id).values()} == {"450"}
    return Order.objects.get(pk=order.pk)


def copied(order_pk: int | None) -> Outcome:
    """Read the order as its webhook would have it read."""
    assert order_pk is not None
    with transaction.atomic():
        order_reads.ask([order_pk])
    result = order_reads.read_and_copy(order_pk)
    assert result is not None
    return result.outcome


def first_item(order: Order) -> Any:
    return order.items.order_by("id")[0]


def tell(order: Order, status: str, **fields: Any) -> None:
    for item in order.items.all():
        StatusReport.objects.create(order=order, order_item=item, status=status, fields=fields)
    status_reports.report(order.pk)


def test_an_echo_is_read_once_and_copied_not_at_all(office: Office, packed: Order) -> None:
    office.forget_requests()
    before = fingerprint()

    with CaptureQueriesContext(connection) as statements:
        assert copied(packed.omnitron_id) is Outcome.UNCHANGED

    assert [row["method"] for row in office.requests()] == ["GET"]
    assert not any(
        'UPDATE "orders_orderitem"' in row["sql"] or "FOR UPDATE" in row["sql"]
        for row in statements.captured_queries
    )
    after = fingerprint()
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"orders_order", "omnitron_orderread", "procrastinate_jobs", "procrastinate_events"}


def test_after_an_echo_catching_up_finds_nothing(office: Office, packed: Order) -> None:
    copied(packed.omnitron_id)

    order = Order.objects.get(pk=packed.pk)
    told = datetime.fromisoformat(office.order(order.omnitron_id or 0)["modified_date"])
    assert order.remote_modified_date == told
    assert order.remote_modified_date > (packed.remote_modified_date or told)
    assert catch_up.newer_than_ours({order.omnitron_id or 0: told}) == []


def test_what_was_told_beside_a_status_is_ours_as_well(office: Office, packed: Order) -> None:
    told = {
        "tracking_number": "T-1",
        "shipping_company": "example",
        "invoice_number": "ABC1",
        "invoice_date": "2026-01-05T10:00:00Z",
        "delivered_date": "2026-01-07T12:30:00+03:00",
    }
    packed.items.update(state="550")

    tell(packed, "550", **told)

    item = first_item(packed)
    assert (item.tracking_number, item.delivered_date) == (
        "T-1",
        datetime.fromisoformat("2026-01-07T09:30:00Z"),
    )
    assert item.remote_data["invoice_number"] == "ABC1"
    assert copied(packed.omnitron_id) is Outcome.UNCHANGED


def test_the_flag_we_set_is_no_news(office: Office, packed: Order) -> None:
    sent_marks.mark(packed.omnitron_id or 0)

    assert copied(packed.omnitron_id) is Outcome.UNCHANGED

    office.api("PATCH", f"orders/{packed.omnitron_id}/", {"is_send": False})
    assert copied(packed.omnitron_id) is Outcome.UPDATED
    assert not Order.objects.get(pk=packed.pk).is_send


def address_moved(office: Office, order: Order) -> None:
    office.change(order.omnitron_id or 0, address={"line": "5 Other St"})


def line_gone(office: Office, order: Order) -> None:
    office.change(order.omnitron_id or 0, items=[{"id": first_item(order).omnitron_id, "remove": True}])


def line_added(office: Office, order: Order) -> None:
    office.change(order.omnitron_id or 0, add_items=[{"product": 20009, "price": "5.00", "tax_rate": "20"}])


def price_changed(office: Office, order: Order) -> None:
    office.change(order.omnitron_id or 0, items=[{"id": first_item(order).omnitron_id, "price": "1.00"}])


def set_back(office: Office, order: Order) -> None:
    """To what it was when we read it last."""
    office.change(order.omnitron_id or 0, items=[{"id": first_item(order).omnitron_id, "status": "400"}])


def other_tracking_number(office: Office, order: Order) -> None:
    office.api("PATCH", f"order_items/{first_item(order).omnitron_id}/", {"tracking_number": "X"})


CHANGES = [address_moved, line_gone, line_added, price_changed, set_back, other_tracking_number]


@pytest.mark.parametrize("change", CHANGES)
def test_a_real_change_is_copied_though_it_came_with_an_echo(
    office: Office, packed: Order, change: Callable[[Office, Order], None]
) -> None:
    change(office, packed)

    assert copied(packed.omnitron_id) is Outcome.UPDATED
    assert copied(packed.omnitron_id) is Outcome.UNCHANGED


def test_a_status_that_is_set_back_after_an_echo_is_shown(office: Office, packed: Order) -> None:
    copied(packed.omnitron_id)
    set_back(office, packed)

    assert copied(packed.omnitron_id) is Outcome.UPDATED
    assert (first_item(packed).state, first_item(packed).omnitron_status) == ("450", "400")

    office.change(packed.omnitron_id or 0, status="450")
    assert copied(packed.omnitron_id) is Outcome.UPDATED
    assert first_item(packed).omnitron_status is None


def test_there_and_back_again_is_seen_both_times(office: Office, packed: Order) -> None:
    line = office.order(packed.omnitron_id or 0)["shipping_address"]["line"]
    outcomes = []
    for text in ("5 Other St", line):
        office.change(packed.omnitron_id or 0, address={"line": text})
        outcomes.append(copied(packed.omnitron_id))

    assert outcomes == [Outcome.UPDATED, Outcome.UPDATED]


def test_by_hand_it_is_copied_whole(office: Office, packed: Order) -> None:
    Order.objects.filter(pk=packed.pk).update(notes="lost", content_hash="")
    assert copied(packed.omnitron_id) is Outcome.UNCHANGED

    order_reads.retry(packed.omnitron_id or 0)

    assert copied(packed.omnitron_id) is Outcome.UPDATED
    assert Order.objects.get(pk=packed.pk).notes != "lost"
