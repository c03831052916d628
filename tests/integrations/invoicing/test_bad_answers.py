"""An invoice service, or something before it, that answers nonsense: bounded, logged, seen, asked again."""

import pytest

from packhouse.integrations.invoicing import call
from packhouse.integrations.invoicing.course import request_invoice
from packhouse.integrations.models import FailedCall
from packhouse.invoicing.models import InvoiceKind
from packhouse.kernel import remedies
from packhouse.kernel.models import ExceptionEntry
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from tests.builders import a_package, an_invoice
from tests.integrations.invoicing.conftest import Service
from tests.integrations.invoicing.world import (
    asked,
    configure,
    exceptions_of,
    invoice_of,
    pack,
    seconds_until_next_try,
)

pytestmark = pytest.mark.django_db

TOKEN = "t0ken-of-the-service"


@pytest.fixture
def package(service: Service, monkeypatch: pytest.MonkeyPatch) -> Package:
    """Packed; its invoice is asked for and nobody has called yet."""
    monkeypatch.setattr(call, "LARGEST_ANSWER", 100_000)
    auth = {"request_type": "token", "token": TOKEN}
    configure({"remote_url": f"{service.url}/invoices?api_key={TOKEN}", "auth": auth})
    made = a_package()
    pack(made)
    return made


def answering(service: Service, answer: str | None) -> None:
    service.sandbox.control.set_faults({"answer": answer} if answer else {})


def assert_logged(text: str, package: Package) -> None:
    kept = FailedCall.objects.latest("id")
    assert text in kept.error
    assert len(kept.answer_body) <= 4000
    customer = package.order.customer
    assert customer is not None
    for secret in (TOKEN, customer.email, customer.last_name):
        assert secret not in f"{kept.url} {kept.request_body} {kept.answer_body} {kept.error}"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("html", "The answer is not JSON"),
        ("endless", "The answer is longer than 100000 bytes"),
        ("error_in_200", "The answer holds an error"),
    ],
)
def test_what_is_no_answer_fails_and_is_asked_for_again_by_hand(
    service: Service, package: Package, answer: str, text: str
) -> None:
    answering(service, answer)

    invoice = asked(package)

    assert invoice.state == "failed"
    assert text in invoice.last_error
    assert text in exceptions_of(package)["invoice_failed"]
    assert_logged(text, package)
    answering(service, None)
    remedies.try_again(ExceptionEntry.objects.get(kind="invoice_failed").pk)
    assert asked(package).state == "received"
    assert exceptions_of(package) == {}


def test_an_answer_that_breaks_off_is_asked_for_again_by_itself(service: Service, package: Package) -> None:
    answering(service, "truncated")

    assert seconds_until_next_try(package) == 10

    assert "RemoteProtocolError" in exceptions_of(package)["invoice_failed"]
    assert_logged("RemoteProtocolError", package)


@pytest.mark.parametrize("answer", ["html", "error_in_200"])
def test_an_answer_that_may_be_empty_may_not_be_an_error(service: Service, answer: str) -> None:
    configure(service.configuration(generate_invoice_number=True, generate_invoice_url=True))
    package = a_package()
    pack(package)
    answering(service, answer)

    assert asked(package).state == "failed"


@pytest.mark.parametrize("answer", ["html", "error_in_200"])
def test_no_page_counts_as_a_cancellation(service: Service, answer: str) -> None:
    package = a_package(state=PackageStatus.CANCELLED)
    cancellation = an_invoice(
        package=package,
        state="pending",
        kind=InvoiceKind.CANCELLATION,
        configuration=service.configuration(),
    )
    answering(service, answer)

    request_invoice(cancellation.pk)

    assert invoice_of(package, InvoiceKind.CANCELLATION).state == "failed"
