"""Telling statuses (page 70, A7): coalesced, in order per item, halved when refused, never lost."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db import transaction

from packhouse.integrations.failures import TemporaryFailure
from packhouse.integrations.omnitron import endpoints, status_reports
from packhouse.integrations.omnitron.status_reports import is_there
from packhouse.kernel import clock, outbox, settings_store
from packhouse.kernel.models import ExceptionEntry
from packhouse.orders.messages import SyncOrderStatus
from packhouse.orders.models import Order, StatusReport
from packhouse.packages.states import PackageStatus
from tests.builders import a_package, an_order
from tests.commands.packages.test_complete_packaging_with_shipment import complete
from tests.integrations.omnitron.conftest import configure
from tests.integrations.omnitron.far import far, in_turn
from tests.integrations.omnitron.office import Office
from tests.integrations.omnitron.working import work
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
BULK = "order_items/bulk_status_update"


def order_there_and_here(office: Office, items: int = 2) -> tuple[Any, Order]:
    """The same order on both sides, with our ids."""
    theirs = office.place_with(items)
    ours = an_order(items=0, omnitron_id=theirs["pk"], number=theirs["number"])
    for item in theirs["orderitem_set"]:
        line = an_order(items=1).items.get()
        line.order, line.omnitron_id = ours, item["pk"]
        line.save()
    return theirs, ours


def report_of(order: Order, position: int, status: str, **fields: Any) -> StatusReport:
    item = order.items.order_by("id")[position]
    more = {name: fields.pop(name) for name in ("not_before", "created_date") if name in fields}
    return StatusReport.objects.create(order=order, order_item=item, status=status, fields=fields, **more)


def sent(office: Office) -> list[list[dict[str, Any]]]:
    """The bodies of bulk calls, oldest first."""
    return [json.loads(row["body"])["orderitem_set"] for row in office.requests(BULK, "PATCH")]


def states(order: Order) -> list[str]:
    return list(StatusReport.objects.filter(order=order).order_by("id").values_list("state", flat=True))


def test_items_of_one_order_go_together_with_what_belongs_to_them(office: Office) -> None:
    _, ours = order_there_and_here(office)
    first, second = (item.omnitron_id for item in ours.items.order_by("id")[:2])
    report_of(ours, 0, "450", invoice_number="ABC1", e_archive_url="", tracking_number=None)
    report_of(ours, 1, "500", tracking_number="T1", shipping_company="yurtici")
    office.forget_requests()

    status_reports.report(ours.pk)

    assert sent(office) == [
        [
            {"id": first, "status": "450", "invoice_number": "ABC1"},
            {"id": second, "status": "500", "tracking_number": "T1", "shipping_company": "yurtici"},
        ]
    ]
    assert states(ours) == ["sent", "sent"]
    there = office.items(ours.omnitron_id)
    assert (there[first]["status"], there[first]["invoice_number"]) == ("450", "ABC1")
    assert (there[second]["status"], there[second]["tracking_number"]) == ("500", "T1")


def test_the_same_status_that_still_waits_is_merged_and_the_newest_fields_win(office: Office) -> None:
    _, ours = order_there_and_here(office)
    report_of(ours, 0, "450", invoice_number="OLD", tracking_number="T")
    report_of(ours, 0, "450", invoice_number="NEW")
    office.forget_requests()

    status_reports.report(ours.pk)

    pk = ours.items.order_by("id")[0].omnitron_id
    assert sent(office) == [[{"id": pk, "status": "450", "invoice_number": "NEW", "tracking_number": "T"}]]
    assert states(ours) == ["sent", "sent"]


def test_two_statuses_of_one_item_are_two_calls_in_order(office: Office) -> None:
    _, ours = order_there_and_here(office)
    for position, status in ((0, "450"), (0, "500"), (1, "450"), (0, "450"), (0, "550")):
        report_of(ours, position, status)
    office.forget_requests()

    status_reports.report(ours.pk)

    assert [[body["status"] for body in call] for call in sent(office)] == [
        ["450", "450"],
        ["500"],
        ["450"],
        ["550"],
    ]


def test_not_more_than_a_hundred_items_in_one_call(monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    _, ours = order_there_and_here(office, 3)
    monkeypatch.setattr(status_reports, "MOST_ITEMS", 2)
    for position in range(3):
        report_of(ours, position, "450")
    office.forget_requests()

    status_reports.report(ours.pk)

    assert [len(call) for call in sent(office)] == [2, 1]


def test_a_row_that_waits_for_its_invoice_holds_back_its_item_alone(office: Office) -> None:
    _, ours = order_there_and_here(office)
    soon = clock.now() + timedelta(seconds=8)
    report_of(ours, 0, "450", not_before=soon)
    report_of(ours, 0, "500")
    report_of(ours, 1, "450")
    office.forget_requests()

    status_reports.report(ours.pk)
    assert states(ours) == ["waiting", "waiting", "sent"]
    assert waiting_jobs("omnitron.sync_order_status") == [{"order_id": ours.pk}]

    with clock.frozen(soon):
        status_reports.report(ours.pk)
    assert states(ours) == ["sent", "sent", "sent"]
    assert [[body["status"] for body in call] for call in sent(office)] == [["450"], ["450"], ["500"]]


# Refusals


def test_a_refused_call_is_halved_until_the_bad_item_stands_alone(office: Office) -> None:
    _, ours = order_there_and_here(office, 3)
    bad = ours.items.order_by("id")[1]
    for position, status in ((0, "450"), (1, "999"), (1, "500"), (2, "450"), (2, "500")):
        report_of(ours, position, status)

    status_reports.report(ours.pk)

    assert states(ours) == ["sent", "refused", "waiting", "sent", "sent"]
    entry = ExceptionEntry.objects.get()
    assert (entry.kind, entry.subject, entry.action) == ("omnitron_status", f"order_item/{bad.pk}", "retry")
    assert "999" in entry.detail["answer"]
    there = office.items(ours.omnitron_id)
    assert [there[item.omnitron_id]["status"] for item in ours.items.order_by("id")] == [
        "450",
        "400",
        "500",
    ]


def test_a_refused_row_goes_on_by_hand(office: Office) -> None:
    _, ours = order_there_and_here(office)
    row = report_of(ours, 0, "999")
    report_of(ours, 0, "500")
    status_reports.report(ours.pk)
    StatusReport.objects.filter(pk=row.pk).update(status="450")

    assert status_reports.retry(row.order_item_id) == 1
    work()

    assert states(ours) == ["sent", "sent"]
    assert not ExceptionEntry.objects.filter(resolved_date=None).exists()


def test_an_item_that_is_not_there_is_parked(office: Office) -> None:
    _, ours = order_there_and_here(office)
    item = ours.items.order_by("id")[0]
    item.omnitron_id = 99_999_999
    item.save()
    report_of(ours, 0, "450")
    report_of(ours, 1, "450")

    status_reports.report(ours.pk)

    assert states(ours) == ["parked", "sent"]


@pytest.mark.parametrize(
    ("ours", "theirs", "there"),
    [
        ("450", "450", True),
        ("450", "500", True),
        ("500", "450", False),
        ("450", "600", True),
        ("450", "100", False),
        ("450", "50", False),
        ("100", "100", True),
        ("100", "450", False),
        ("550", "500", False),
    ],
)
def test_there_or_further(ours: str, theirs: str, there: bool) -> None:
    assert is_there(ours, theirs) is there


def test_refused_because_it_is_there_already_is_done(db: None) -> None:
    endpoints.forget()
    configure("https://omnitron.example.com")
    order = an_order(items=1)
    report_of(order, 0, "450")
    item = order.items.get()
    no = {"orderitem_set": [{"status": ["no"]}], "code": "invalid"}

    with far(
        bulk_status_update=httpx.Response(400, json=no),
        **{f"order_items/{item.omnitron_id}": {"pk": item.omnitron_id, "status": "500"}},
    ):
        status_reports.report(order.pk)

    assert states(order) == ["sent"]
    assert not ExceptionEntry.objects.exists()


# Silence


def test_a_silent_back_office_is_waited_for(office: Office) -> None:
    _, ours = order_there_and_here(office)
    report_of(ours, 0, "450")
    office.faults(error_rate={"503": 1}, paths=["bulk_status_update"])

    with pytest.raises(TemporaryFailure):
        status_reports.report(ours.pk)

    row = StatusReport.objects.get()
    assert (row.state, row.tries) == ("waiting", 1)
    office.calm()
    status_reports.report(ours.pk)
    assert states(ours) == ["sent"]


def test_after_48_hours_it_is_parked_and_a_person_told(office: Office) -> None:
    _, ours = order_there_and_here(office)
    report_of(ours, 0, "450", created_date=clock.now() - timedelta(hours=49))
    office.faults(error_rate={"503": 1}, paths=["bulk_status_update"])

    status_reports.report(ours.pk)

    assert states(ours) == ["parked"]
    assert ExceptionEntry.objects.get().action == "retry"


def test_rows_nobody_cares_for_are_woken(office: Office) -> None:
    _, forgotten = order_there_and_here(office)
    _, queued = order_there_and_here(office)
    _, refused = order_there_and_here(office)
    old = clock.now() - timedelta(minutes=3)
    report_of(forgotten, 0, "450", created_date=old)
    report_of(queued, 0, "450", created_date=old)
    StatusReport.objects.filter(pk=report_of(refused, 0, "450", created_date=old).pk).update(state="refused")
    report_of(refused, 0, "500", created_date=old)
    with transaction.atomic():
        outbox.enqueue([SyncOrderStatus(order_id=queued.pk)])

    assert status_reports.wake_forgotten() == 1

    assert waiting_jobs("omnitron.sync_order_status") == [
        {"order_id": queued.pk},
        {"order_id": forgotten.pk},
    ]


def test_without_a_back_office_rows_wait(db: None) -> None:
    settings_store.forget()
    order = an_order(items=1)
    report_of(order, 0, "450")

    status_reports.report(order.pk)

    assert states(order) == ["waiting"]


def test_a_packing_is_told(office: Office) -> None:
    _, ours = order_there_and_here(office)
    package = a_package(order=ours, state=PackageStatus.WAITING)

    complete(package)
    work()

    there = office.items(ours.omnitron_id)
    assert {row["status"] for row in there.values()} == {"450"}
    assert office.order(ours.omnitron_id)["status"] == "450"


def test_a_fault_of_the_answer_is_tried_again(office: Office) -> None:
    endpoints.forget()
    configure("https://omnitron.example.com")
    order = an_order(items=1)
    report_of(order, 0, "450")
    with far(bulk_status_update=in_turn(httpx.Response(502), {"orderitem_set": []})) as side:
        status_reports.report(order.pk)

    assert len(side.paths()) == 2
    assert states(order) == ["sent"]
