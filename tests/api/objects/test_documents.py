"""Documents of packages and transfers; invoices asked for again."""

import base64

import pytest

from packhouse.invoicing.models import Document, Invoice, InvoiceKind, InvoiceState
from packhouse.kernel.models import Role
from packhouse.packages.states import PackageStatus
from tests.api.callers import Caller, a_caller
from tests.api.objects.answers import grows, ids
from tests.builders import a_package, a_transfer, an_invoice
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4 despatch"
DESPATCH = {"kind": "despatch", "number": "IRS-1", "date": "2026-03-02T09:00:00Z"}


def test_a_despatch_note_is_entered_by_hand(operator: Caller) -> None:
    package = a_package(state=PackageStatus.PACKED)
    address = f"packages/{package.pk}/documents/"

    first = operator.post(address, DESPATCH)
    second = operator.post(
        address, {**DESPATCH, "number": "IRS-2", "document": base64.b64encode(PDF).decode()}
    )

    assert (first.status, first.json["number"], first.json["url"]) == (201, "IRS-1", None)
    assert (second.status, second.json["document_type"], second.json["is_current"]) == (201, "pdf", True)
    assert ids(operator.get(address)) == [second.json["id"], first.json["id"]]
    assert ids(operator.get(f"{address}?is_current=true")) == [second.json["id"]]
    shown = operator.get(second.json["url"].removeprefix("http://testserver"))
    assert (shown.content, shown.headers["Content-Type"]) == (PDF, "application/pdf")
    kept = Invoice.objects.filter(kind=InvoiceKind.DESPATCH).order_by("id").values_list("number", "state")
    assert list(kept) == [("IRS-1", "replaced"), ("IRS-2", "received")]
    assert operator.get(f"packages/{package.pk}/document/?kind=despatch").content == PDF


def test_what_was_asked_for_is_waited_for_no_longer(operator: Caller) -> None:
    package = a_package(state=PackageStatus.PACKED)
    asked = an_invoice(package=package, kind=InvoiceKind.DESPATCH, state=InvoiceState.AWAITED, number=None)

    operator.post(f"packages/{package.pk}/documents/", DESPATCH)

    asked.refresh_from_db()
    assert (asked.state, asked.number) == (InvoiceState.RECEIVED, "IRS-1")


def test_a_transfer_has_its_own(operator: Caller) -> None:
    transfer = a_transfer()
    address = f"transfer_orders/{transfer.pk}/documents/"

    made = operator.post(address, {**DESPATCH, "document": base64.b64encode(PDF).decode()})

    assert made.status == 201
    assert ids(operator.get(address)) == [made.json["id"]]
    assert operator.get(f"{address}{made.json['id']}/").content == PDF
    assert operator.get(f"packages/{transfer.package_id}/documents/{made.json['id']}/").status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "kind"),
        ({**DESPATCH, "kind": "invoice"}, "kind"),
        ({**DESPATCH, "number": "x" * 65}, "number"),
        ({**DESPATCH, "date": "tomorrow"}, "date"),
        ({**DESPATCH, "document": "!"}, "document"),
        ({**DESPATCH, "document": base64.b64encode(b"MZ").decode()}, "document"),
        ({**DESPATCH, "colour": "red"}, "colour"),
    ],
)
def test_what_is_no_despatch_note_is_refused(operator: Caller, body: dict[str, str], field: str) -> None:
    package = a_package(state=PackageStatus.PACKED)

    answer = operator.post(f"packages/{package.pk}/documents/", body)

    assert answer.status == 400
    assert field in answer.json
    assert not Document.objects.exists()


def test_an_invoice_that_failed_is_asked_for_again(operator: Caller) -> None:
    package = a_package(state=PackageStatus.PACKED)
    invoice = an_invoice(package=package, state=InvoiceState.FAILED, number=None, tries=9)

    answer = operator.post(f"packages/{package.pk}/invoice/retry/")

    assert (answer.status, answer.json["state"]) == (202, "pending")
    assert answer.json["request_id"] == invoice.request_id
    assert waiting_jobs("invoicing.request_invoice") == [{"invoice_id": invoice.pk}]
    again = operator.post(f"packages/{package.pk}/invoice/retry/")
    assert (again.status, again.json["code"]) == (400, "transition_error")
    assert operator.post(f"packages/{package.pk}/invoice/retry/?kind=bill").status == 404
    assert operator.post(f"packages/{package.pk}/invoice/retry/?kind=song").json["kind"]
    assert operator.post(f"packages/{a_package().pk}/invoice/retry/").status == 404


def test_rights_and_statements(admin: Caller) -> None:
    package, foreign = a_package(state=PackageStatus.PACKED), a_package()
    store = a_caller(Role.STORE, locations=[package.stock_location])
    address = f"packages/{package.pk}/documents/"

    assert store.get(address).status == 200
    assert store.get(f"packages/{foreign.pk}/documents/").status == 403
    assert store.post(address, DESPATCH).status == 403
    assert store.post(f"packages/{package.pk}/invoice/retry/").status == 403

    def one_more() -> None:
        Document.objects.create(package=package, kind="packaging", document_type="pdf", content=PDF)

    assert grows(admin, address, one_more) == 0
