"""Asking for invoices: what each answer leads to, what is retried, what a person sees."""

import json
from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import JSONResponse

from packhouse.commands.invoicing.retry_invoice import retry_invoice
from packhouse.integrations.invoicing.course import request_invoice
from packhouse.integrations.invoicing.document_fetching import fetch_document
from packhouse.integrations.invoicing.overdue import report_overdue
from packhouse.invoicing.models import Document, Invoice, InvoiceKind
from packhouse.kernel import clock, engine, secrets
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.errors import NotFound, TransitionRefused
from packhouse.kernel.models import Event, Transition
from packhouse.kernel.version import raise_version
from packhouse.orders.models import StatusReport
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from sandbox.invoice.gate import Gate
from sandbox.signatures import is_signed
from tests.builders import a_package, an_order
from tests.integrations.invoicing.conftest import Service
from tests.integrations.invoicing.world import (
    asked,
    configure,
    exceptions_of,
    invoice_of,
    pack,
    seconds_until_next_try,
    setting,
)
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def package(service: Service) -> Package:
    """Packed; its invoice is asked for and nobody has called yet."""
    configure(service.configuration())
    made = a_package()
    pack(made)
    made.refresh_from_db()
    return made


def events() -> list[str]:
    return [event.type for event in Event.objects.order_by("cursor") if "invoice" in event.type]


def answer(service: Service, body: object, status: int = 201) -> None:
    """Let the service answer this body."""

    def answered(*_arguments: Any) -> Any:
        return JSONResponse(body, status)

    service.sandbox.__dict__["_answer"] = answered


@pytest.fixture(autouse=True)
def _own_answers(service: Service) -> Any:
    yield
    service.sandbox.__dict__.pop("_answer", None)


def test_an_invoice_is_kept_and_told(service: Service, package: Package) -> None:
    invoice = asked(package)

    made = service.sandbox.book.by_request[str(invoice.request_id)]
    assert (invoice.state, invoice.number, invoice.ettn) == ("received", made.number, made.ettn)
    assert invoice.e_archive_url == made.answer["e_archive_url"]
    assert invoice.date is not None
    assert events() == ["package.invoice.received"]
    assert exceptions_of(package) == {}
    assert waiting_jobs("invoicing.fetch_document") == [{"invoice_id": invoice.pk}]


def test_the_document_behind_the_address_is_fetched_once_from_the_service_itself(
    service: Service, package: Package
) -> None:
    invoice = asked(package)

    fetch_document(invoice.pk)
    fetch_document(invoice.pk)

    copy = Document.objects.get(invoice=invoice)
    assert bytes(copy.content or b"").startswith(b"%PDF-")
    assert (copy.document_type, copy.number, copy.url) == ("pdf", invoice.number, invoice.e_archive_url)
    gets = [entry for entry in service.sandbox.control.requests if entry["method"] == "GET"]
    assert len(gets) == 1


def test_a_document_in_the_answer_is_kept(service: Service, package: Package) -> None:
    service.sandbox.mode["answer"] = "document"

    invoice = asked(package)

    assert bytes(Document.objects.get(invoice=invoice).content or b"").startswith(b"%PDF-")
    assert (invoice.document_type, invoice.e_archive_url) == ("pdf", None)
    assert "document" not in invoice.answer
    assert waiting_jobs("invoicing.fetch_document") == []


def test_accepted_is_waited_for_and_missed_in_the_end(service: Service, package: Package) -> None:
    service.sandbox.mode["answer"] = "accepted"

    invoice = asked(package)

    assert invoice.state == "awaited"
    request_invoice(invoice.pk)
    assert len(service.requests) == 1
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert report_overdue() == 1
        assert report_overdue() == 0
    assert "has not come within 24 hours" in exceptions_of(package)["invoice_awaited"]


def test_made_already_is_success(service: Service, package: Package) -> None:
    service.sandbox.mode["repeat"] = 409
    service.sandbox.control.set_faults({"drop_answer": 1.0})
    seconds_until_next_try(package)
    service.sandbox.control.set_faults({})

    with clock.frozen(clock.now() + timedelta(minutes=1)):
        invoice = asked(package)

    assert (invoice.state, invoice.tries) == ("received", 2)
    assert exceptions_of(package) == {}


def test_a_conflict_without_an_invoice_is_a_failure(service: Service, package: Package) -> None:
    answer(service, {"errors": [{"field": "order", "message": "locked"}]}, 409)

    assert asked(package).state == "failed"


def test_a_rejection_is_shown_in_the_services_words_and_not_repeated(
    service: Service, package: Package
) -> None:
    service.sandbox.mode["answer"] = "reject"

    invoice = asked(package)
    request_invoice(invoice.pk)

    package.refresh_from_db()
    assert package.state == PackageStatus.PACKED
    assert (invoice.state, invoice.last_error) == (
        "failed",
        "billing_address.tax_no: No taxpayer has this number.",
    )
    assert len(service.requests) == 1
    assert events() == ["package.invoice.failed"]
    assert "No taxpayer has this number." in exceptions_of(package)["invoice_failed"]


GOOD = {
    "invoice_number": "A1",
    "invoice_date": "2026-01-05T10:00:00Z",
    "e_archive_url": "https://a.example/1",
}
UNFIT = {
    "no number": ({**GOOD, "invoice_number": None}, "The answer has no invoice_number."),
    "long number": ({**GOOD, "invoice_number": "1" * 65}, "invoice_number:"),
    "number as a number": ({**GOOD, "invoice_number": 5}, "invoice_number:"),
    "no date": ({**GOOD, "invoice_date": None}, "The answer has no invoice_date."),
    "date in words": ({**GOOD, "invoice_date": "soon"}, "invoice_date:"),
    "date to come": ({**GOOD, "invoice_date": "2199-01-01"}, "lies in the future"),
    "neither": ({**GOOD, "e_archive_url": None}, "neither e_archive_url nor document"),
    "no address": ({**GOOD, "e_archive_url": "file:///etc/passwd"}, "e_archive_url:"),
    "no base64": ({**GOOD, "document": "%%%"}, "document: it is not base64."),
    "no document": ({**GOOD, "document": "aGVsbG8="}, "neither PDF, PNG, XML nor HTML"),
    "another type": ({**GOOD, "document": "JVBERi0xLjQ=", "document_type": "png"}, "it says png and is pdf"),
    "a list": ([GOOD], "not a JSON object"),
}


@pytest.mark.parametrize(("body", "text"), UNFIT.values(), ids=UNFIT.keys())
def test_an_answer_that_does_not_fit_fails(
    service: Service, package: Package, body: object, text: str
) -> None:
    answer(service, body)

    invoice = asked(package)

    assert invoice.state == "failed"
    assert text in invoice.last_error
    assert not Document.objects.exists()


def test_a_document_over_the_limit_is_refused(
    service: Service, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("packhouse.integrations.invoicing.answer.LARGEST", 4)
    answer(service, {**GOOD, "document": "JVBERi0xLjQ="})

    assert "larger than" in asked(package).last_error


@pytest.mark.parametrize("nonsense", ["html", "endless"])
def test_nonsense_is_bounded_and_visible(service: Service, package: Package, nonsense: str) -> None:
    service.sandbox.control.set_faults({"answer": nonsense})

    invoice = asked(package)

    assert invoice.state == "failed"
    assert "invoice_failed" in exceptions_of(package)


@pytest.mark.parametrize(
    "fault",
    [
        {"error_rate": {"503": 1.0}},
        {"error_rate": {"429": 1.0}},
        {"drop_connection": 1.0},
        {"answer": "truncated"},
    ],
)
def test_what_may_go_well_later_is_repeated_with_the_same_bytes(
    service: Service, package: Package, fault: dict[str, Any]
) -> None:
    service.sandbox.control.set_faults(fault)
    start = clock.now()
    assert seconds_until_next_try(package) == 10
    assert "invoice_failed" in exceptions_of(package)
    assert seconds_until_next_try(package) > 5
    service.sandbox.control.set_faults({})

    with clock.frozen(start + timedelta(minutes=1)):
        invoice = asked(package)

    first, last = service.requests
    assert first["body"] == last["body"]
    assert first["headers"]["idempotency-key"] == last["headers"]["idempotency-key"] == invoice.request_id
    assert (invoice.state, invoice.tries) == ("received", 2)
    assert exceptions_of(package) == {}


def test_the_ladder_ends_after_a_day(service: Service, package: Package) -> None:
    service.sandbox.control.set_faults({"error_rate": {"500": 1.0}})
    start, waits, passed = clock.now(), [], 0.0
    for _ in range(6):
        with clock.frozen(start + timedelta(seconds=passed)):
            waits.append(seconds_until_next_try(package))
        passed += waits[-1] + 30
    assert waits == [10, 60, 300, 900, 3600, 3600]

    with clock.frozen(start + timedelta(hours=25)):
        invoice = asked(package)

    assert (invoice.state, events()) == ("failed", ["package.invoice.failed"])


def test_the_service_asks_for_more_time(service: Service, package: Package) -> None:
    service.sandbox.control.set_faults({"error_rate": {"429": 1.0}, "retry_after": 120})

    assert seconds_until_next_try(package) == 120


def test_an_open_circuit_uses_up_no_try(service: Service) -> None:
    configure(service.configuration())
    service.sandbox.control.set_faults({"error_rate": {"500": 1.0}})
    for _ in range(5):
        made = a_package()
        pack(made)
        seconds_until_next_try(made)
    last = a_package()
    pack(last)

    assert 5 <= seconds_until_next_try(last) <= 30

    assert (invoice_of(last).tries, len(service.requests)) == (0, 5)


@pytest.mark.parametrize(
    ("auth", "gate"),
    [
        ({"request_type": "basic_auth", "username": "u", "password": "p"}, Gate("basic_auth", "u", "p")),
        (
            {"request_type": "token", "token": "t", "token_prefix": "Key"},
            Gate("token", token="t", token_prefix="Key"),
        ),
    ],
)
def test_it_logs_in_with_secrets_that_are_stored_encrypted(
    service: Service, auth: dict[str, str], gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.sandbox, "gate", gate)
    sealed = secrets.seal(service.configuration(auth=auth), secrets.by_name())
    assert {"p", "t"}.isdisjoint(sealed["auth"].values())
    configure(sealed)
    made = a_package()
    pack(made)

    assert asked(made).state == "received"


def test_a_wrong_login_is_final(service: Service, package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.sandbox, "gate", Gate("basic_auth"))

    invoice = asked(package)

    assert invoice.state == "failed"
    assert "Wrong or missing HTTP Basic" in invoice.last_error


def test_the_body_is_signed(service: Service, package: Package) -> None:
    setting("OMS_INVOICE_SIGNING_SECRET", "s3cret")

    asked(package)

    request = service.requests[0]
    signature = {"x-whisperer-signature": request["headers"]["x-whisperer-signature"]}
    assert is_signed(signature, request["body"].encode(), ["s3cret"], 0)


class TestBackOffice:
    def test_in_time_the_status_carries_the_invoice(self, service: Service, package: Package) -> None:
        waiting = StatusReport.objects.filter(order=package.order)
        assert all(report.not_before for report in waiting)

        invoice = asked(package)

        assert {(row.status, row.not_before) for row in waiting.all()} == {("450", None)}
        assert all(row.fields["invoice_number"] == invoice.number for row in waiting.all())
        assert waiting.count() == 2
        assert len(waiting_jobs("omnitron.sync_order_status")) == 2

    def test_later_it_follows_in_a_row_of_its_own(self, service: Service, package: Package) -> None:
        StatusReport.objects.update(state="sent")

        invoice = asked(package)

        late = StatusReport.objects.filter(state="waiting")
        assert [row.status for row in late] == ["450", "450"]
        assert {row.fields["e_archive_url"] for row in late} == {invoice.e_archive_url}

    def test_a_refused_invoice_lets_the_status_go(self, service: Service, package: Package) -> None:
        service.sandbox.mode["answer"] = "reject"

        asked(package)

        assert {(row.not_before, str(row.fields)) for row in StatusReport.objects.all()} == {(None, "{}")}

    def test_items_that_are_told_nothing_about_stay_so(self, service: Service, package: Package) -> None:
        StatusReport.objects.all().delete()

        asked(package)

        assert not StatusReport.objects.exists()


class TestOwnNumbers:
    def test_they_are_allotted_without_gaps_and_kept_on_retry(self, service: Service) -> None:
        configure(service.configuration(generate_invoice_number=True))
        first, second = a_package(), a_package()
        for made in (first, second):
            made.stock_location.conf = {"invoice_prefix": "ABC"}
            made.stock_location.save(update_fields=["conf"])
            pack(made)
        service.sandbox.control.set_faults({"error_rate": {"500": 1.0}})
        seconds_until_next_try(first)
        service.sandbox.control.set_faults({})

        second_invoice = asked(second)
        with clock.frozen(clock.now() + timedelta(minutes=1)):
            first_invoice = asked(first)

        year = clock.now().year
        assert (first_invoice.number, second_invoice.number) == (f"ABC{year}000000001", f"ABC{year}000000002")
        assert json.loads(service.requests[0]["body"])["invoice_number"] == first_invoice.number

    def test_another_number_in_the_answer_is_ignored(self, service: Service) -> None:
        configure(service.configuration(generate_invoice_number=True))
        made = a_package()
        pack(made)
        answer(service, GOOD)

        invoice = asked(made)

        assert invoice.number == f"INV{clock.now().year}000000001"
        assert invoice.e_archive_url == GOOD["e_archive_url"]

    def test_with_number_and_address_of_our_own_an_empty_answer_is_enough(self, service: Service) -> None:
        configure(service.configuration(generate_invoice_number=True, generate_invoice_url=True))
        made = a_package()
        pack(made)
        service.sandbox.mode["answer"] = "empty"

        invoice = asked(made)

        assert invoice.state == "received"
        assert str(invoice.e_archive_url).endswith(f"/d/{invoice.public_key}/")
        assert len(str(invoice.public_key)) == 32


class TestCancelled:
    def cancel(self, package: Package) -> None:
        engine.execute("package", Call(package.pk, slug="CancelPackageCommand"), SYSTEM)

    def test_before_it_was_asked_for_nobody_is_asked(self, service: Service, package: Package) -> None:
        self.cancel(package)

        assert asked(package).state == "none"
        assert service.requests == []

    def test_meanwhile_the_invoice_is_kept_and_a_person_told(
        self, service: Service, package: Package
    ) -> None:
        service.sandbox.control.set_faults({"drop_answer": 1.0})
        seconds_until_next_try(package)
        service.sandbox.control.set_faults({})
        self.cancel(package)

        with clock.frozen(clock.now() + timedelta(minutes=1)):
            invoice = asked(package)

        assert invoice.state == "received"
        assert str(invoice.number) in exceptions_of(package)["invoice_of_cancelled"]

    def test_afterwards_it_is_cancelled_at_the_service(self, service: Service, package: Package) -> None:
        setting("INVOICE_CANCELLATION_CALL", True)
        invoice = asked(package)
        self.cancel(package)

        cancellation = invoice_of(package, InvoiceKind.CANCELLATION)
        request_invoice(cancellation.pk)

        cancellation.refresh_from_db()
        assert cancellation.state == "received"
        body = json.loads(service.requests[-1]["body"])
        assert (body["kind"], body["invoice_number"]) == ("invoice_cancellation", invoice.number)
        assert service.sandbox.book.by_request[str(invoice.request_id)].status == "cancelled"


def test_shipping_notifies_the_service_and_takes_an_empty_answer(service: Service, package: Package) -> None:
    configure(service.configuration(), "ShipThePackageCommand")
    asked(package)
    engine.execute("package", Call(package.pk, slug="ShipThePackageCommand"), SYSTEM)

    notification = invoice_of(package, InvoiceKind.NOTIFICATION)
    request_invoice(notification.pk)

    notification.refresh_from_db()
    assert (notification.state, notification.number) == ("received", None)
    assert json.loads(service.requests[-1]["body"])["kind"] == "invoice_notification"
    assert events() == ["package.invoice.received"]


def test_a_bill_goes_to_the_channels_service(service: Service) -> None:
    order = an_order()
    order.channel.configuration = {"bill_service": service.configuration()}
    order.channel.save()
    made = a_package(order=order)
    Transition.objects.filter(command="CompletePackagingWithoutShipmentCommand").update(
        configuration={"remote_bill_fulfillment_call": True}
    )
    raise_version()
    pack(made)

    bill = invoice_of(made, InvoiceKind.BILL)
    request_invoice(bill.pk)

    bill.refresh_from_db()
    assert bill.state == "received"
    assert not Invoice.objects.filter(kind=InvoiceKind.INVOICE).exists()


def test_a_configuration_that_cannot_be_read_is_named(service: Service, package: Package) -> None:
    Invoice.objects.update(configuration={"remote_url": "nowhere"})

    assert "remote_url" in asked(package).last_error


class TestRetry:
    def test_what_failed_is_asked_for_again_under_the_same_id(
        self, service: Service, package: Package
    ) -> None:
        service.sandbox.mode["answer"] = "reject"
        failed = asked(package)
        service.sandbox.mode["answer"] = "url"

        assert retry_invoice(package.pk) == failed.pk

        invoice = asked(package)
        assert (invoice.state, invoice.request_id, invoice.tries) == ("received", failed.request_id, 1)
        assert exceptions_of(package) == {}

    def test_anything_else_is_refused(self, service: Service, package: Package) -> None:
        with pytest.raises(TransitionRefused):
            retry_invoice(package.pk)
        with pytest.raises(NotFound):
            retry_invoice(package.pk, InvoiceKind.BILL)
