"""The exceptions list: what mends an entry, tried again or done by a person."""

from datetime import timedelta

import pytest

from packhouse.integrations.omnitron import order_reads
from packhouse.integrations.omnitron.models import OrderRead
from packhouse.invoicing.models import InvoiceState
from packhouse.kernel import clock, exceptions
from packhouse.kernel.models import ExceptionEntry, Role
from packhouse.packages.states import PackageStatus
from packhouse.shipments.models import Shipment
from packhouse.shipments.states import Registration
from tests.api.callers import Caller, a_caller
from tests.api.objects.answers import grows, ids
from tests.builders import a_package, a_shipment, an_invoice, an_order
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db


def an_entry(kind: str, subject: str, **detail: object) -> ExceptionEntry:
    exceptions.report(kind, subject, "It went wrong.", detail=detail)
    return ExceptionEntry.objects.get(kind=kind, subject=subject)


def test_an_order_is_planned_again(operator: Caller) -> None:
    order = an_order()
    entry = an_entry("order_not_planned", f"order/{order.pk}")

    shown = operator.get(f"exceptions/{entry.pk}/").json
    answer = operator.post(f"exceptions/{entry.pk}/retry/")

    assert (shown["can_retry"], shown["link"]) == (True, f"/api/v1/oms/orders/{order.pk}/")
    assert shown["advice"].startswith("Mend what the reason names")
    assert (answer.status, answer.json["resolved_date"]) == (202, None)
    assert waiting_jobs("planning.plan_order") == [{"order_id": order.pk, "previous_package_id": None}]


def test_an_invoice_is_asked_for_again(operator: Caller) -> None:
    package = a_package(state=PackageStatus.PACKED)
    invoice = an_invoice(package=package, state=InvoiceState.FAILED)
    entry = an_entry("invoice_failed", f"package/{package.pk}", invoice=invoice.pk)

    assert operator.post(f"exceptions/{entry.pk}/retry/").status == 202

    invoice.refresh_from_db()
    assert invoice.state == InvoiceState.PENDING


def test_a_shipment_is_registered_or_asked_for_again(operator: Caller) -> None:
    failed, on_its_way = a_shipment(), a_shipment()
    Shipment.objects.filter(pk=failed.pk).update(registration=Registration.FAILED)
    Shipment.objects.filter(pk=on_its_way.pk).update(
        registration=Registration.REGISTERED,
        status="SHIPPING",
        next_poll_date=clock.now() + timedelta(days=1),
    )
    entries = [
        an_entry("carrier_failed", f"package/{shipment.package_id}", shipment=shipment.pk)
        for shipment in (failed, on_its_way)
    ]

    answers = [operator.post(f"exceptions/{entry.pk}/retry/") for entry in entries]

    assert [answer.status for answer in answers] == [202, 202]
    assert answers[0].json["resolved_date"]
    assert operator.user
    assert answers[0].json["resolved_by"] == operator.user.pk
    assert waiting_jobs("carriers.register_shipment") == [{"shipment_id": failed.pk}]
    on_its_way.refresh_from_db()
    assert on_its_way.next_poll_date
    assert on_its_way.next_poll_date <= clock.now()


def test_an_order_of_the_back_office_is_read_again(operator: Caller) -> None:
    entry = an_entry(order_reads.KIND, "omnitron_order/1883")

    assert operator.post(f"exceptions/{entry.pk}/retry/").status == 202

    assert OrderRead.objects.get(order_pk=1883).wanted == 1


def test_what_cannot_be_tried_again_says_why(operator: Caller) -> None:
    entry = an_entry("bill_service_missing", "package/1")
    unknown = an_entry("something_new", "package/1")
    nameless = an_entry("order_not_planned", "order")

    answer = operator.post(f"exceptions/{entry.pk}/retry/")

    assert (answer.status, answer.json["code"]) == (400, "transition_error")
    assert answer.json["kind"] == ["Give the channel a bill_service in its configuration."]
    assert operator.post(f"exceptions/{unknown.pk}/retry/").json["kind"]
    assert operator.post(f"exceptions/{nameless.pk}/retry/").json["subject"]
    assert not ExceptionEntry.objects.filter(resolved_date__isnull=False).exists()


def test_a_person_closes_an_entry_once(operator: Caller) -> None:
    entry = an_entry("bill_service_missing", "package/1")

    answer = operator.post(f"exceptions/{entry.pk}/resolve/")

    assert (answer.status, bool(answer.json["resolved_date"])) == (200, True)
    assert ids(operator.get("exceptions/")) == []
    assert ids(operator.get("exceptions/?is_resolved=true")) == [entry.pk]
    for rest in ("resolve/", "retry/"):
        assert operator.post(f"exceptions/{entry.pk}/{rest}").status == 400
        assert operator.post(f"exceptions/99999999/{rest}").status == 404


@pytest.mark.parametrize("role", [Role.STORE, Role.INTEGRATION])
def test_they_are_for_admins_and_operators(role: Role) -> None:
    entry = an_entry("bill_service_missing", "package/1")
    caller = a_caller(role, user_scopes=["read", "commands", "orders"])

    assert caller.get("exceptions/").status == 403
    assert caller.post(f"exceptions/{entry.pk}/retry/").status == 403


def test_statements_do_not_grow(admin: Caller) -> None:
    numbers = iter(range(100))

    assert grows(admin, "exceptions/", lambda: an_entry("order_not_planned", f"order/{next(numbers)}")) == 0
