"""`orders/import/`: JSON in its forms, CSV, repeats, dry runs, large ones (page 70, C)."""

from typing import Any

import pytest

from packhouse.api.v1 import order_imports
from packhouse.commands.orders import large_imports
from packhouse.kernel.models import Role
from packhouse.orders.models import Order, OrderImport
from tests.api.callers import Caller, a_caller
from tests.builders import a_channel
from tests.commands.orders.documents import import_document
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db

ADDRESS = "orders/import/"
FILE = b"""channel;number;city;line;sku;quantity;price
Market;C-1;Ankara;1 Side St;A-1;2;100.00
Market;C-2;Ankara;2 Side St;A-1;1;x
Market;C-1;Ankara;1 Side St;A-2;1;50.00
"""


def test_one_order_is_made_known_and_refused(operator: Caller) -> None:
    document = import_document(number="M-1")

    made = operator.post(ADDRESS, document)
    again = operator.post(ADDRESS, document)
    refused = operator.post(ADDRESS, {**document, "number": "M-2", "items": [{"sku": "A-1"}]})

    order = Order.objects.get()
    assert made.status == 201
    assert made.json == {
        "index": 0,
        "channel": "Market",
        "number": "M-1",
        "id": order.pk,
        "result": "created",
        "error": None,
    }
    assert (again.status, again.json["result"], again.json["id"]) == (200, "unchanged", order.pk)
    assert refused.status == 400
    assert refused.json == {"items.0.price": ["This field is required."], "code": "invalid_parameter"}
    assert waiting_jobs("planning.plan_order") == [{"order_id": order.pk, "previous_package_id": None}]


@pytest.mark.parametrize("form", [lambda rows: rows, lambda rows: {"orders": rows}])
def test_several_are_answered_one_by_one(operator: Caller, form: Any) -> None:
    good, bad = import_document(number="M-1"), {**import_document(number="M-2"), "items": []}

    answer = operator.post(ADDRESS, form([good, bad, good, 7]))

    assert answer.status == 200
    results = answer.json["results"]
    assert [row["result"] for row in results] == ["created", "refused", "unchanged", "refused"]
    assert results[1]["error"] == {
        "items": ["An order has at least one line."],
        "code": "invalid_parameter",
    }
    assert Order.objects.count() == 1


def test_the_form_of_clients_is_taken_too(operator: Caller) -> None:
    document = import_document(number="M-1")
    lines = document.pop("items")

    answer = operator.post(ADDRESS, {"order": document, "order_item": lines})

    assert (answer.status, answer.json["number"]) == (201, "M-1")


@pytest.mark.parametrize("how", ["body", "form"])
def test_a_file_is_answered_by_line(operator: Caller, how: str) -> None:
    if how == "body":
        answer = operator.call("POST", ADDRESS, FILE, content_type="text/csv; charset=utf-8")
    else:
        answer = operator.call(
            "POST", ADDRESS, multipart(FILE), content_type="multipart/form-data; boundary=cut"
        )

    assert answer.status == 200, answer.content
    first, second = answer.json["results"]
    assert (first["number"], first["result"]) == ("C-1", "created")
    assert (second["number"], second["result"]) == ("C-2", "refused")
    assert list(second["error"]) == ["lines.3.price", "code"]
    assert Order.objects.get().items.count() == 2


def multipart(content: bytes) -> bytes:
    head = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="orders.csv"\r\n\r\n'
    return head + content + b"\r\n--cut--\r\n"


@pytest.mark.parametrize(
    ("body", "content_type", "field"),
    [
        (b"channel,number\n", "text/csv", "lines.1.sku"),
        (b"\xff", "text/csv", "detail"),
        (b"a\x00b", "text/csv", "detail"),
        (b"--cut--\r\n", "multipart/form-data; boundary=cut", "file"),
        (b"[]", "application/json", "detail"),
        (b"7", "application/json", "detail"),
    ],
)
def test_what_is_no_order_is_refused(operator: Caller, body: bytes, content_type: str, field: str) -> None:
    answer = operator.call("POST", ADDRESS, body, content_type=content_type)

    assert answer.status == 400, answer.content
    assert field in answer.json
    assert answer.json["code"] == "invalid_parameter"
    assert operator.call("POST", ADDRESS, b"x", content_type="text/plain").status == 415


def test_a_dry_run_answers_the_same_and_writes_nothing(operator: Caller) -> None:
    document = import_document(number="M-1")

    answer = operator.post(f"{ADDRESS}?dry_run=true", document)

    assert (answer.status, answer.json["result"], answer.json["id"]) == (201, "created", None)
    assert not Order.objects.exists()
    assert operator.post(f"{ADDRESS}?dry_run=perhaps", document).json["dry_run"]
    assert operator.post(f"{ADDRESS}?dryrun=true", document).json["code"] == "unknown_filter"


def test_nothing_is_made_where_that_is_not_wanted(operator: Caller) -> None:
    answer = operator.post(f"{ADDRESS}?create_missing=false", import_document(channel="Nowhere"))

    assert answer.json == {"channel": ["There is no channel Nowhere."], "code": "invalid_parameter"}


def test_a_large_one_goes_on_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_imports, "LARGE_FROM", 1)
    sender = a_caller(Role.INTEGRATION, user_scopes=["orders"])
    other = a_caller(Role.INTEGRATION, user_scopes=["orders"])

    started = sender.post(ADDRESS, [import_document(), import_document()])
    address = f"orders/imports/{started.json['id']}/"
    before = sender.get(address).json
    large_imports.work_off(started.json["id"])

    assert started.status == 202
    assert waiting_jobs("orders.import") == [{"import_id": started.json["id"]}]
    assert (before["state"], before["done"], before["total"], before["results"]) == ("waiting", 0, 2, [])
    after = sender.get(address).json
    assert (after["state"], after["done"]) == ("finished", 2)
    assert [row["result"] for row in after["results"]] == ["created", "created"]
    assert other.get(address).status == 404
    assert OrderImport.objects.get().user == sender.user


def test_more_lines_than_allowed_are_refused(operator: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_imports, "MOST_LINES", 1)
    document = import_document()

    answer = operator.post(ADDRESS, {**document, "items": document["items"] * 2})

    assert (answer.status, answer.json["detail"]) == (400, "At most 1 lines.")


def test_a_repeat_under_its_key_is_answered_the_same(operator: Caller) -> None:
    document = import_document()

    first = operator.post(ADDRESS, document, idempotency_key="till-1")
    again = operator.post(ADDRESS, document, idempotency_key="till-1")

    assert (first.status, again.status) == (201, 201)
    assert again.json == first.json
    assert again.headers["Idempotent-Replayed"] == "true"


def test_who_may_import(admin: Caller) -> None:
    mine = a_channel(name="Mine")
    store = a_caller(Role.STORE)
    reader = a_caller(Role.INTEGRATION, user_scopes=["read"])
    narrow = a_caller(Role.INTEGRATION, user_scopes=["orders"], channel_ids=[mine.pk])

    assert admin.post(ADDRESS, import_document()).status == 201
    assert store.post(ADDRESS, import_document()).status == 403
    assert reader.post(ADDRESS, import_document()).status == 403
    assert narrow.post(ADDRESS, import_document(channel="Mine")).status == 201
    assert narrow.post(ADDRESS, import_document(channel="Market")).json["code"] == "permission_denied"
