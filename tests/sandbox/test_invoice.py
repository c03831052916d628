"""The invoice service keeps the protocol: every status, every kind, every way to answer."""

from __future__ import annotations

import base64
import copy
import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from sandbox.invoice.app import InvoiceSandbox
from sandbox.invoice.checks import SCHEMA
from sandbox.invoice.gate import Gate
from sandbox.serve import Running
from sandbox.signatures import whisperer_signature
from tests.sandbox.conftest import Runner

YEAR = datetime.now(UTC).year
ADDRESS = {
    "first_name": "Ada", "last_name": "Yilmaz", "line": "1 Example St", "district": "Kizilay",
    "township": "Çankaya", "city": "Ankara", "country": "TR", "postcode": "06000",
    "phone_number": "05000000000", "company_name": None, "tax_office": None, "tax_no": None,
    "identity_number": None, "e_bill_taxpayer": False,
}  # fmt: skip
ITEM: dict[str, Any] = {
    "package_item": 41, "order_item": 77, "omnitron_id": 31, "external_code": None, "sku": "SKU-1",
    "barcode": "8690000000012", "name": "Şişli ayakkabı 42", "quantity": "1.000", "unit_type": "quantity",
    "unit_price": "119.90", "price": "119.90", "discount_amount": "10.00", "gross_amount": "109.90",
    "tax_rate": "20.00", "tax_amount": "18.32", "net_amount": "91.58", "attributes": {},
}  # fmt: skip
REQUEST: dict[str, Any] = {
    "request_id": "inv-4711-1", "kind": "invoice", "test": False, "command": "CompletePackagingCommand",
    "package": {
        "id": 4711, "number": "1001P1", "state": "500", "packed_date": "2026-01-05T09:58:00Z",
        "package_count": 1, "package_index": 1,
        "stock_location": {"id": 8, "erp_code": "369", "name": "Store 8"},
    },
    "order": {
        "id": 77, "omnitron_id": 1883, "number": "1001", "channel": {"id": 1, "name": "Web shop"},
        "date_placed": "2026-01-04T20:11:00Z", "currency": "TRY", "payment_type": "credit_card",
        "installment_count": 1, "delivery_type": "standard", "notes": None, "extra_field": {},
    },
    "customer": {
        "id": 9, "omnitron_id": 232, "erp_code": None, "email": "ada@example.com", "first_name": "Ada",
        "last_name": "Yilmaz", "phone_number": "05000000000",
    },
    "shipping_address": ADDRESS, "billing_address": ADDRESS, "items": [ITEM],
    "amounts": {
        "items_gross": "109.90", "items_net": "91.58", "shipping": "0.00", "shipping_tax_rate": "20.00",
        "installment_interest": "0.00", "gift_box": "0.00", "total": "109.90", "tax_total": "18.32",
        "pay_on_delivery": None,
    },
    "shipment": {"cargo_company": "yurtici-kargo", "tracking_number": "T1", "desi": "2.0"},
    "invoice_number": None, "e_archive_url": None,
}  # fmt: skip


def a_request(request_id: str = "inv-4711-1", **changes: Any) -> dict[str, Any]:
    return copy.deepcopy({**REQUEST, "request_id": request_id, **changes})


def ask(
    client: httpx.Client, body: dict[str, Any], path: str = "/invoices", **headers: str
) -> httpx.Response:
    return client.post(path, json=body, headers={"Idempotency-Key": body["request_id"], **headers})


@pytest.fixture(scope="module")
def running(run: Runner) -> httpx.Client:
    return run(InvoiceSandbox().app)


@pytest.fixture
def client(running: httpx.Client) -> httpx.Client:
    running.post("/_sandbox/reset/")
    return running


def made(client: httpx.Client) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get("/_sandbox/invoices/").json()
    return rows


def errors(answer: httpx.Response) -> dict[str, str]:
    return {row["field"]: row["code"] for row in answer.json()["errors"]}


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_first_request_gets_number_date_and_a_url_that_is_served(client: httpx.Client) -> None:
    answer = ask(client, a_request())

    body = answer.json()
    assert answer.status_code == 201
    assert body["invoice_number"] == f"SBX{YEAR}000000001"
    age = datetime.now(UTC) - datetime.fromisoformat(body["invoice_date"])
    assert abs(age.total_seconds()) < 60
    document = client.get(body["e_archive_url"])
    assert document.headers["content-type"] == "application/pdf"
    assert document.content.startswith(b"%PDF-")
    assert document.content.rstrip().endswith(b"%%EOF")
    assert body["lines"] == []
    assert len(body["ettn"]) == 36


def test_the_same_key_gets_the_same_answer(client: httpx.Client) -> None:
    first = ask(client, a_request())
    second = ask(client, a_request())
    client.put("/_sandbox/mode/", json={"repeat": 409})
    third = ask(client, a_request())

    assert [answer.status_code for answer in (first, second, third)] == [201, 200, 409]
    assert first.json() == second.json() == third.json()
    [row] = made(client)
    assert row["repeats"] == 2
    assert row["package"] == "1001P1"


def test_numbers_have_no_gaps(client: httpx.Client) -> None:
    bad = a_request("inv-2-1", items=[])
    numbers = []
    for body in (a_request("inv-1-1"), bad, a_request("inv-3-1", kind="bill"), a_request("inv-4-1")):
        answer = ask(client, body)
        numbers.append(answer.json().get("invoice_number"))

    assert numbers == [f"SBX{YEAR}{number:09d}" if number else None for number in (1, 0, 2, 3)]


@pytest.mark.parametrize("path", ["/invoices", "/bills", "/despatches", "/any/where/", "/"])
def test_any_path_will_do(client: httpx.Client, path: str) -> None:
    assert ask(client, a_request(), path).status_code == 201
    assert made(client)[0]["path"] == path


class TestAnswers:
    def test_document(self, client: httpx.Client) -> None:
        client.put("/_sandbox/mode/", json={"answer": "document"})

        body = ask(client, a_request()).json()

        assert body["document_type"] == "pdf"
        assert base64.b64decode(body["document"], validate=True).startswith(b"%PDF-")
        assert "e_archive_url" not in body

    def test_accepted_comes_later(self, client: httpx.Client) -> None:
        client.put("/_sandbox/mode/", json={"answer": "accepted"})
        accepted = [ask(client, a_request()).status_code for _ in range(2)]
        client.put("/_sandbox/mode/", json={"answer": "url"})

        completed = client.post("/_sandbox/invoices/inv-4711-1/complete/").json()

        assert accepted == [202, 202]
        assert ask(client, a_request()).json() == completed
        assert completed["invoice_number"] == f"SBX{YEAR}000000001"
        assert client.get(completed["e_archive_url"]).status_code == 200
        assert client.post("/_sandbox/invoices/other/complete/").status_code == 404

    def test_reject_keeps_nothing(self, client: httpx.Client) -> None:
        client.put("/_sandbox/mode/", json={"answer": "reject"})
        refused = ask(client, a_request())
        client.put("/_sandbox/mode/", json={"answer": "url"})
        after = ask(client, a_request())

        assert refused.status_code == 422
        assert errors(refused) == {"billing_address.tax_no": "rejected"}
        assert after.status_code == 201

    def test_empty_and_unfit(self, client: httpx.Client) -> None:
        client.put("/_sandbox/mode/", json={"answer": "empty"})
        empty = ask(client, a_request("a"))
        client.put("/_sandbox/mode/", json={"answer": "unfit"})
        unfit = ask(client, a_request("b"))

        assert (empty.status_code, empty.json()) == (200, {})
        assert (unfit.status_code, unfit.json()["invoice_number"]) == (201, None)

    @pytest.mark.parametrize(("body", "field"), [({"answer": "poem"}, "answer"), ({"colour": 1}, "colour")])
    def test_an_unknown_mode_names_the_key(
        self, client: httpx.Client, body: dict[str, Any], field: str
    ) -> None:
        answer = client.put("/_sandbox/mode/", json={"repeat": 409, **body})

        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert client.get("/_sandbox/mode/").json() == {"answer": "url", "repeat": 200}


class TestKinds:
    def test_a_number_the_caller_allotted_is_kept(self, client: httpx.Client) -> None:
        body = ask(client, a_request(invoice_number="ABC2026000000007")).json()

        assert body["invoice_number"] == "ABC2026000000007"

    def test_despatch_without_an_order(self, client: httpx.Client) -> None:
        body = {"request_id": "des-1-1", "kind": "despatch", "test": True, "items": [ITEM]}

        answer = ask(client, body, "/despatches")

        assert answer.status_code == 201
        assert answer.json()["despatch_number"] == f"SBD{YEAR}000000001"
        assert answer.json()["despatch_date"].endswith("Z")
        assert client.get(answer.json()["e_archive_url"]).status_code == 200

    def test_notification_is_answered_empty(self, client: httpx.Client) -> None:
        answer = ask(client, a_request(kind="invoice_notification", invoice_number="SBX1"))

        assert (answer.status_code, answer.json()) == (201, {})

    def test_cancellation_marks_its_invoice(self, client: httpx.Client) -> None:
        number = ask(client, a_request()).json()["invoice_number"]

        answer = ask(client, a_request("can-1", kind="invoice_cancellation", invoice_number=number))

        assert answer.json()["invoice_number"] == number
        assert [row["status"] for row in made(client)] == ["cancelled", "made"]

    def test_a_cancellation_must_name_it(self, client: httpx.Client) -> None:
        answer = ask(client, a_request(kind="invoice_cancellation", invoice_number=None))

        assert answer.status_code == 400
        assert errors(answer) == {"invoice_number": "invalid"}


class TestRefusals:
    @pytest.mark.parametrize(
        ("place", "value", "field", "code"),
        [
            ("order.currency", "try", "order.currency", "invalid"),
            ("items.0.price", 119.9, "items.0.price", "invalid"),
            ("items.0.price", "119.9", "items.0.price", "invalid"),
            ("items.0.sku", "", "items.0.sku", "invalid"),
            ("items.0.gross_amount", "100.00", "items.0.gross_amount", "sum"),
            ("items.0.tax_amount", "18.33", "items.0.net_amount", "sum"),
            ("amounts.items_gross", "110.00", "amounts.items_gross", "sum"),
            ("kind", "receipt", "kind", "invalid"),
            ("items", [], "items", "invalid"),
            ("package.stock_location", None, "package.stock_location", "invalid"),
            ("order.date_placed", "4.1.2026", "order.date_placed", "invalid"),
        ],
    )
    def test_what_does_not_fit_is_named(
        self, client: httpx.Client, place: str, value: Any, field: str, code: str
    ) -> None:
        body = a_request()
        *steps, last = (int(step) if step.isdecimal() else step for step in place.split("."))
        target: Any = body
        for step in steps:
            target = target[step]
        target[last] = value

        answer = ask(client, body)

        assert answer.status_code == 400
        assert errors(answer)[field] == code
        assert made(client) == []

    @pytest.mark.parametrize("key", sorted(set(REQUEST) - {"request_id"}))
    def test_every_key_is_needed(self, client: httpx.Client, key: str) -> None:
        body = a_request()
        del body[key]

        answer = ask(client, body)

        assert (answer.status_code, errors(answer)[key]) == (400, "required")

    def test_the_idempotency_key_is_needed_and_is_the_request_id(self, client: httpx.Client) -> None:
        without = client.post("/invoices", json=a_request())
        wrong = client.post("/invoices", json=a_request(), headers={"Idempotency-Key": "other"})

        assert (without.status_code, errors(without)) == (400, {"Idempotency-Key": "required"})
        assert (wrong.status_code, errors(wrong)) == (400, {"Idempotency-Key": "invalid"})

    def test_form_of_the_body(self, client: httpx.Client) -> None:
        headers = {"Idempotency-Key": "a", "Content-Type": "application/json"}

        malformed = client.post("/invoices", content=b"{", headers=headers)
        listed = client.post("/invoices", content=b"[]", headers=headers)
        form = client.post("/invoices", data={"a": "b"}, headers={"Idempotency-Key": "a"})

        assert [answer.status_code for answer in (malformed, listed, form)] == [400, 400, 415]
        assert all(answer.json()["errors"] for answer in (malformed, listed, form))

    def test_no_such_document_and_no_such_method(self, client: httpx.Client) -> None:
        assert client.get("/documents/nothing.pdf").status_code == 404
        answer = client.get("/invoices")
        assert answer.status_code == 405
        assert answer.json()["errors"][0]["message"] == "Method Not Allowed"


class TestGate:
    @pytest.mark.parametrize(
        ("gate", "headers"),
        [
            (
                Gate("basic_auth", "u", "pä"),
                {"Authorization": "Basic " + base64.b64encode("u:pä".encode()).decode()},
            ),
            (Gate("token", token="t", token_prefix="Token"), {"Authorization": "Token t"}),
            (Gate("token", token="t", token_prefix=""), {"Authorization": "t"}),
        ],
    )
    def test_credentials(self, run: Runner, gate: Gate, headers: dict[str, str]) -> None:
        client = run(InvoiceSandbox(gate=gate).app)

        without = ask(client, a_request())
        wrong = ask(client, a_request(), Authorization="Basic !")
        right = ask(client, a_request(), **headers)

        assert [answer.status_code for answer in (without, wrong, right)] == [401, 401, 201]
        assert without.headers["www-authenticate"]
        assert client.get(right.json()["e_archive_url"]).status_code == 200

    def test_signature(self, run: Runner) -> None:
        client = run(InvoiceSandbox(gate=Gate(signing_secret="s")).app)
        body = json.dumps(a_request()).encode()
        headers = {"Idempotency-Key": "inv-4711-1", "Content-Type": "application/json"}

        def statuses(*signatures: str) -> list[int]:
            signed = [{**headers, "X-Whisperer-Signature": signature} for signature in signatures]
            return [client.post("/", content=body, headers=each).status_code for each in signed]

        assert client.post("/", content=body, headers=headers).status_code == 401
        assert statuses("sha256=0", whisperer_signature("t", body), whisperer_signature("s", body)) == [
            401,
            401,
            201,
        ]


def test_a_dropped_answer_is_found_again(client: httpx.Client) -> None:
    client.put("/_sandbox/faults/", json={"drop_answer": 1})
    with pytest.raises(httpx.TransportError):
        ask(client, a_request())
    client.delete("/_sandbox/faults/")

    answer = ask(client, a_request())

    assert answer.status_code == 200
    assert answer.json()["invoice_number"] == f"SBX{YEAR}000000001"


def test_a_restart_forgets(run: Runner) -> None:
    with Running(InvoiceSandbox(answer="document").app) as running:
        assert (
            httpx.post(running.url, json=REQUEST, headers={"Idempotency-Key": "inv-4711-1"}).status_code
            == 201
        )
    again = run(InvoiceSandbox().app)

    assert made(again) == []


def test_a_long_invoice_fits_its_page(client: httpx.Client) -> None:
    items = [{**ITEM, "name": "Uzun bir ürün adı " * 20} for _ in range(60)]
    amounts = {**REQUEST["amounts"], "items_gross": "6594.00", "items_net": "5494.80"}

    answer = ask(client, a_request(items=items, amounts=amounts))

    assert answer.status_code == 201
    assert client.get(answer.json()["e_archive_url"]).content.count(b"/Type /Page\n") == 1
