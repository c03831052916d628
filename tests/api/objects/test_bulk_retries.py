"""Retries in bulk: a result for each, in order; what cannot be retried stops nothing."""

from typing import Any

import pytest

from packhouse.api import throttling
from packhouse.api.v1 import bulk_retries
from packhouse.invoicing.models import Invoice, InvoiceKind, InvoiceState
from packhouse.kernel.models import Role
from packhouse.shipments.models import Shipment
from packhouse.shipments.states import Registration
from tests.api.callers import Caller, a_caller
from tests.builders import a_package, a_shipment, an_invoice
from tests.jobs import waiting_jobs
from tests.payloads.worlds import registered

pytestmark = pytest.mark.django_db

INVOICES, SHIPMENTS = "packages/invoice/retry/", "shipments/retry/"


def a_failed(**fields: Any) -> Invoice:
    return an_invoice(package=a_package(), state=InvoiceState.FAILED, **fields)


def test_failed_invoices_are_asked_for_again(operator: Caller) -> None:
    failed, received, other = a_failed(tries=9), an_invoice(package=a_package()), a_failed()
    bare = a_package()
    keys = [failed.request_id, other.request_id]

    answer = operator.post(
        INVOICES, {"packages": [failed.package_id, received.package_id, bare.pk, 999999, other.package_id]}
    )

    assert answer.status == 200
    assert [line["index"] for line in answer.json] == [0, 1, 2, 3, 4]
    assert [line["status_code"] for line in answer.json] == [202, 400, 404, 404, 202]
    assert [line["code"] for line in answer.json] == [
        None,
        "transition_error",
        "not_found",
        "not_found",
        None,
    ]
    assert answer.json[0] == {
        "index": 0,
        "package": failed.package_id,
        "invoice": failed.pk,
        "status_code": 202,
        "error": None,
        "code": None,
    }
    assert answer.json[1]["error"]["detail"]
    asked = Invoice.objects.filter(state=InvoiceState.PENDING).order_by("id")
    assert [invoice.request_id for invoice in asked] == keys
    jobs = waiting_jobs("invoicing.request_invoice")
    assert sorted(job["invoice_id"] for job in jobs) == [failed.pk, other.pk]


def test_another_kind_is_asked_for_by_name(operator: Caller) -> None:
    bill = a_failed(kind=InvoiceKind.BILL)
    body = {"packages": [bill.package_id]}

    assert operator.post(INVOICES, body).json[0]["status_code"] == 404
    assert operator.post(INVOICES, {**body, "kind": "bill"}).json[0]["invoice"] == bill.pk


def test_failed_shipments_are_registered_again(operator: Caller) -> None:
    failed = a_shipment(registration=Registration.FAILED, error="bad address")
    deleted = a_shipment(registration=Registration.DELETED)
    fine = registered(a_shipment())

    answer = operator.post(SHIPMENTS, {"shipments": [fine.pk, failed.pk, deleted.pk, 999999]})

    assert [line["status_code"] for line in answer.json] == [400, 202, 202, 404]
    assert [line["shipment"] for line in answer.json] == [fine.pk, failed.pk, deleted.pk, 999999]
    successor = Shipment.objects.get(package=deleted.package, is_current=True)
    assert [line["registered"] for line in answer.json] == [None, failed.pk, successor.pk, None]
    jobs = waiting_jobs("carriers.register_shipment")
    assert sorted(job["shipment_id"] for job in jobs) == [failed.pk, successor.pk]


def test_what_nobody_foresaw_is_one_lines_result(operator: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = a_failed(), a_failed()
    real = bulk_retries.retry_invoice

    def breaks(package: int, kind: InvoiceKind) -> int:
        asked = real(package, kind)
        if package == first.package_id:
            raise RuntimeError("broken")
        return asked

    monkeypatch.setattr(bulk_retries, "retry_invoice", breaks)

    answer = operator.post(INVOICES, {"packages": [first.package_id, second.package_id]})

    assert [line["status_code"] for line in answer.json] == [500, 202]
    first.refresh_from_db()
    assert first.state == InvoiceState.FAILED
    assert [job["invoice_id"] for job in waiting_jobs("invoicing.request_invoice")] == [second.pk]


def test_the_same_key_asks_once(operator: Caller) -> None:
    failed = a_failed()
    body = {"packages": [failed.package_id]}

    once = operator.post(INVOICES, body, idempotency_key="again-1")
    twice = operator.post(INVOICES, body, idempotency_key="again-1")

    assert once.json == twice.json
    assert len(waiting_jobs("invoicing.request_invoice")) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "{name}"),
        ({"{name}": []}, "{name}"),
        ({"{name}": None}, "{name}"),
        ({"{name}": 7}, "{name}"),
        ({"{name}": ["x"]}, "{name}"),
        ({"{name}": [True]}, "{name}"),
        ({"{name}": [0]}, "{name}"),
        ({"{name}": [10**18]}, "{name}"),
        ({"{name}": [3, 3]}, "{name}"),
        ({"{name}": list(range(1, 1002))}, "{name}"),
        ({"{name}": [1], "ids": [1]}, "ids"),
        ({"{name}": [1], "kind": "letter"}, "kind"),
    ],
)
@pytest.mark.parametrize(("address", "name"), [(INVOICES, "packages"), (SHIPMENTS, "shipments")])
def test_bad_input_names_the_field(
    operator: Caller, address: str, name: str, given: dict[str, Any], field: str
) -> None:
    throttling.forget()
    failed = a_failed()

    answer = operator.post(address, {key.format(name=name): value for key, value in given.items()})

    assert answer.status == 400
    assert field.format(name=name) in answer.json
    failed.refresh_from_db()
    assert failed.state == InvoiceState.FAILED


def test_admins_and_operators_alone_and_each_its_own(nobody: Caller) -> None:
    own, foreign = a_failed(), a_failed()
    sent = a_shipment(registration=Registration.FAILED)
    assert own.package
    for address, body in ((INVOICES, {"packages": [own.package_id]}), (SHIPMENTS, {"shipments": [sent.pk]})):
        assert nobody.post(address, body).status == 401
        assert a_caller(Role.STORE, locations=[own.package.stock_location]).post(address, body).status == 403
        assert a_caller(Role.INTEGRATION, user_scopes=["read", "commands"]).post(address, body).status == 403

    narrow = a_caller(Role.OPERATOR, channel_ids=[own.package.order.channel_id])
    answer = narrow.post(INVOICES, {"packages": [foreign.package_id, own.package_id]})
    assert [line["status_code"] for line in answer.json] == [403, 202]
    answer = narrow.post(SHIPMENTS, {"shipments": [sent.pk]})
    assert [line["status_code"] for line in answer.json] == [403]
