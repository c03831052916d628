"""Stock over HTTP: lists, feeds, the published availability question."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from packhouse.inventory.models import Stock
from packhouse.kernel import clock
from packhouse.kernel.models import Role
from packhouse.locations.models import Tag
from packhouse.packages.states import PackageStatus
from tests.api.callers import Caller, a_caller
from tests.api.objects.answers import grows, ids
from tests.builders import a_location, a_package, a_product, an_order, some_stock
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db


def on_hand(sku: str = "A") -> Decimal:
    return Stock.objects.get(sku=sku).on_hand


def test_a_row_and_its_filters(admin: Caller) -> None:
    location = a_location(erp_code="W1")
    stock = some_stock(
        stock_location=location, sku="A", on_hand=Decimal("12.500"), reserved=2, safety_stock=1
    )
    some_stock(stock_location=a_location(), sku="B")

    (row,) = admin.get("stocks/?sku=A").json["results"]

    assert {
        key: row[key] for key in ("id", "sku", "erp_code", "on_hand", "reserved", "safety_stock", "available")
    } == {
        "id": stock.pk,
        "sku": "A",
        "erp_code": "W1",
        "on_hand": 12.5,
        "reserved": 2,
        "safety_stock": 1,
        "available": 9.5,
    }
    for query in ("sku__in=A,C", "erp_code=W1", "erp_code__in=W1,W2", "available__lt=10"):
        assert ids(admin.get(f"stocks/?{query}")) == [stock.pk], query
    assert admin.get("stocks/?available__lt=x").status == 400
    assert admin.get("stocks/?format=csv").content.startswith(b"id,sku,erp_code")


def test_reservations_and_their_filters(admin: Caller) -> None:
    package, _other = a_package(items=1), a_package(items=1)
    sku = package.items.get().order_item.product.sku

    (row,) = admin.get(f"reservations/?package={package.pk}").json["results"]

    assert {key: row[key] for key in row if key not in ("id", "created_date")} == {
        "sku": sku,
        "quantity": 1,
        "unit_type": "quantity",
        "stock_location": package.stock_location_id,
        "package": package.pk,
        "package_item": package.items.get().pk,
        "transfer_item": None,
    }
    for query in (
        f"sku={sku}",
        f"erp_code={package.stock_location.erp_code}",
        f"order_number={package.order.number}",
    ):
        assert ids(admin.get(f"reservations/?{query}")) == [row["id"]], query
    assert grows(admin, "reservations/", lambda: a_package(items=1)) == 0


def test_a_feed_keeps_the_good_rows_and_names_the_bad(integration: Caller) -> None:
    a_location(erp_code="W1")
    a_product(sku="SHIRT")
    later = (clock.now() + timedelta(days=1)).isoformat()
    rows: list[Any] = [
        {"sku": "A", "erp_code": "W1", "quantity": 5},
        {"sku": "A", "erp_code": "W1", "delta": "-1.5", "unit_type": "kg"},
        {"sku": "B", "erp_code": "W1", "quantity": "7.250", "safety_stock": 1, "version": 3},
        {"sku": "B", "erp_code": "W1", "quantity": 9, "version": 2},
        {"sku": "C", "erp_code": "NOWHERE", "quantity": 1},
        {"sku": "D", "erp_code": "W1"},
        {"sku": "D", "erp_code": "W1", "quantity": 1, "delta": 1},
        {"sku": "D", "erp_code": "W1", "quantity": -1},
        {"sku": "D", "erp_code": "W1", "quantity": "many"},
        {"sku": "D", "erp_code": "W1", "quantity": True},
        {"sku": "D", "erp_code": "W1", "quantity": "0.0001"},
        {"sku": "D", "erp_code": "W1", "quantity": 10**15},
        {"sku": "D", "erp_code": "W1", "quantity": 1, "counted_at": later},
        {"sku": "D", "erp_code": "W1", "quantity": 1, "counted_at": "soon"},
        {"sku": "D", "erp_code": "W1", "quantity": 1, "version": 2**70},
        {"sku": "D", "erp_code": "W1", "quantity": 1, "colour": "red"},
        {"sku": "", "erp_code": "W1", "quantity": 1},
        {"sku": 7, "erp_code": ["W1"], "quantity": 1},
        "no object",
        None,
        {"sku": "D", "erp_code": "W1", "quantity": 0.5, "unit_type": "quantity"},
        {"sku": "SHIRT", "erp_code": "W1", "delta": 0.5},
        {"sku": "D", "erp_code": "W1", "quantity": "NaN"},
        {"sku": "B", "erp_code": "W1", "delta": 900_000_000},
        {"sku": "B", "erp_code": "W1", "delta": 900_000_000},
    ]

    answer = integration.post("stocks/bulk/", rows)

    assert answer.status == 200, answer.content
    assert (answer.json["accepted"], answer.json["ignored"]) == (4, 1)
    errors = {error["index"]: error for error in answer.json["errors"]}
    assert sorted(errors) == [*range(4, 23), 24]
    assert errors[20]["error"].startswith("what is counted in whole units")
    assert errors[24]["error"] == "with this the count would have more than nine digits"
    assert errors[4] == {
        "index": 4,
        "sku": "C",
        "erp_code": "NOWHERE",
        "error": "There is no location NOWHERE.",
    }
    assert errors[5]["error"] == "send quantity or delta, one of them"
    assert errors[15]["error"].startswith("colour: ")
    assert errors[18]["sku"] is None
    assert (on_hand("A"), on_hand("B")) == (Decimal("3.500"), Decimal("900000007.250"))
    assert not Stock.objects.filter(sku="D").exists()


@pytest.mark.parametrize("body", [{}, None, "x", b"[", [{}] * 10_001])
def test_what_is_no_list_is_400(admin: Caller, body: Any) -> None:
    answer = admin.post("stocks/bulk/", body)

    assert answer.status == 400
    assert set(answer.json) & {"non_field_errors", "detail"}


def test_an_empty_feed_changes_nothing(admin: Caller) -> None:
    assert admin.post("stocks/bulk/", []).json == {"accepted": 0, "ignored": 0, "errors": []}


def test_a_repeated_feed_counts_once(integration: Caller) -> None:
    some_stock(stock_location=a_location(erp_code="W1"), sku="A", on_hand=1)
    body = [{"sku": "A", "erp_code": "W1", "delta": 4}]

    first = integration.post("stocks/bulk/", body, Idempotency_Key="feed-1")
    second = integration.post("stocks/bulk/", body, Idempotency_Key="feed-1")

    assert (first.json, second.headers["Idempotent-Replayed"]) == (second.json, "true")
    assert on_hand() == 5


def test_what_lacked_it_is_planned_again(integration: Caller) -> None:
    location = a_location(erp_code="W1")
    package = a_package(
        order=an_order(products=[a_product(sku="A")]),
        stock_location=location,
        state=PackageStatus.OUT_OF_STOCK,
    )

    integration.post("stocks/bulk/", [{"sku": "A", "erp_code": "W1", "quantity": 3}])

    assert [job["package_id"] for job in waiting_jobs("packages.reschedule")] == [package.pk]


def test_who_may_feed() -> None:
    own, foreign = a_location(erp_code="OWN"), a_location(erp_code="FOREIGN")
    rows = [{"sku": "A", "erp_code": code, "quantity": 1} for code in ("OWN", "FOREIGN")]
    narrow = a_caller(Role.INTEGRATION, user_scopes=["stock"], location_ids=[own.pk])

    assert a_caller(Role.OPERATOR).post("stocks/bulk/", rows).status == 403
    assert a_caller(Role.STORE, locations=[own]).post("stocks/bulk/", rows).status == 403
    answer = narrow.post("stocks/bulk/", rows).json
    assert (answer["accepted"], [error["erp_code"] for error in answer["errors"]]) == (1, ["FOREIGN"])
    some_stock(stock_location=foreign, sku="A")
    assert {row["erp_code"] for row in narrow.get("stocks/").json["results"]} == {"OWN"}


# query-stock-availability


def a_market() -> None:
    full, half = a_location(erp_code="FULL"), a_location(erp_code="HALF")
    full.tags.add(Tag.objects.create(name="mall"))
    for sku in ("A", "B"):
        some_stock(stock_location=full, sku=sku, on_hand=3, reserved=1)
    some_stock(stock_location=half, sku="A", on_hand=3)
    a_location(erp_code="CLOSED", is_active=False)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sku=A", {"FULL": True, "HALF": True}),
        ("sku=A&sku=B", {"FULL": True, "HALF": False}),
        ("sku=A&sku=A&sku=A", {"FULL": False, "HALF": True}),
        ("sku=A&erp_code=FULL", {"FULL": True}),
        ("sku=A&erp_code=FULL&erp_code=UNKNOWN", {"FULL": True}),
        ("sku=B&tag=mall&tag=other", {"FULL": True}),
        ("sku=UNKNOWN", {"FULL": False, "HALF": False}),
    ],
)
def test_a_location_says_yes_only_if_all_fit(admin: Caller, query: str, expected: dict[str, bool]) -> None:
    a_market()

    assert admin.get(f"query-stock-availability?{query}").json == expected
    assert admin.get(f"query-stock-availability/?{query}").json == expected


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("", 422, "sku"),
        ("sku=", 422, "sku"),
        ("sku=%00", 422, "sku"),
        ("&".join(["sku=A"] * 101), 422, "sku"),
        ("sku=A&" + "&".join(["erp_code=A"] * 51), 422, "erp_code"),
        ("sku=A&" + "&".join(["tag=A"] * 21), 422, "tag"),
        ("sku=A&colour=red", 422, "colour"),
        ("sku=A&erp_code=UNKNOWN", 400, None),
        ("sku=A&erp_code=CLOSED", 400, None),
    ],
)
def test_what_cannot_be_answered(admin: Caller, query: str, status: int, field: str | None) -> None:
    a_market()

    answer = admin.get(f"query-stock-availability?{query}")

    assert (answer.status, answer.json["code"]) == (status, status)
    assert {"error", "message", "timestamp"} <= set(answer.json)
    if field:
        assert field in answer.json["errors"]


def test_a_store_asks_for_its_own_locations() -> None:
    a_market()
    own = a_location(erp_code="OWN")
    store = a_caller(Role.STORE, locations=[own])

    assert store.get("query-stock-availability?sku=A").json == {"OWN": False}
    assert store.get("query-stock-availability?sku=A&erp_code=FULL").status == 400


# Files of counts


def test_a_file_keeps_the_good_rows_and_names_the_bad_by_line(integration: Caller) -> None:
    a_location(erp_code="W1")
    file = b"sku,erp_code,quantity,version\nA,W1,5,3\nB,W9,1,\nA,W1,7,2\n"

    tried = integration.call("POST", "stocks/import/?dry_run=true", file, content_type="text/csv")
    assert not Stock.objects.exists()
    taken = integration.call("POST", "stocks/import/", file, content_type="text/csv")

    expected = {
        "accepted": 1,
        "ignored": 1,
        "errors": [{"line": 3, "sku": "B", "erp_code": "W9", "error": "There is no location W9."}],
    }
    assert [tried.json, taken.json] == [expected, expected]
    assert on_hand() == 5


@pytest.mark.parametrize("file", [b"", b"sku\n", b"sku,erp_code,colour\n", b"\xff", b'sku,erp_code\n"'])
def test_what_is_no_such_file_is_400(admin: Caller, file: bytes) -> None:
    answer = admin.call("POST", "stocks/import/", file, content_type="text/csv")

    assert (answer.status, answer.json["code"]) == (400, "invalid_parameter")
    assert not Stock.objects.exists()
