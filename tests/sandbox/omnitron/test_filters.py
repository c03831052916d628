"""Filters and what they fold, join and ignore."""

from __future__ import annotations

import logging

import pytest

from sandbox.omnitron.app import Omnitron
from sandbox.omnitron.folding import fold
from tests.sandbox.omnitron.conftest import Api, Json


def _names(rows: list[Json]) -> list[str]:
    return [row["name"] for row in rows]


@pytest.mark.parametrize("name", ["İstanbul", "istanbul", "ISTANBUL", "ıstanbul", "İSTANBUL"])
def test_iexact_takes_every_turkish_i_for_the_same_letter(api: Api, name: str) -> None:
    assert _names(api.rows("channel/1/cities/", name__iexact=name)) == ["İstanbul"]


@pytest.mark.parametrize("name", ["ÇANKAYA", "Cankaya", "çankaya"])
def test_iexact_takes_accents_off(api: Api, name: str) -> None:
    assert _names(api.rows("channel/1/townships/", name__iexact=name, city=6)) == ["Çankaya"]


def test_folding_is_the_same_both_ways() -> None:
    assert fold("ISPARTA") == fold("ısparta") == fold("İsparta") == "isparta"
    assert fold("Şişli") == "sisli"
    assert fold("Muğla") == fold("MUGLA")


def test_exact_keeps_case(api: Api) -> None:
    assert len(api.rows("channel/1/cities/", name__exact="Ankara")) == 1
    assert api.rows("channel/1/cities/", name__exact="ankara") == []
    email = api.rows("channel/1/customers/")[0]["email"]
    assert len(api.rows("channel/1/customers/", email=email)) == 1
    assert api.rows("channel/1/customers/", email=email.upper()) == []


def test_the_plain_field_and_in_and_repeated_keys(api: Api) -> None:
    approved, waiting = (api.get("orders/", status=code)["count"] for code in ("400", "300"))

    assert approved > waiting > 0
    assert api.get("orders/", status__in="400,300")["count"] == approved + waiting
    assert api.get("orders/?status=400&status=300")["count"] == approved + waiting
    assert api.get("orders/?status__in=400&status__in=300")["count"] == approved + waiting
    assert [row["pk"] for row in api.rows("orders/", pk__in="1003,1001, 7")] == [1001, 1003]
    assert api.rows("orders/", id=1001) == api.rows("orders/", pk="1001")


def test_different_keys_mean_and(api: Api) -> None:
    rows = api.rows("orders/", status="400", channel_id=1)

    assert rows
    assert {(row["status"], row["channel"]) for row in rows} == {("400", 1)}


def test_startswith(api: Api) -> None:
    numbers = [row["number"] for row in api.rows("orders/", number__startswith="3000000010")]

    assert numbers
    assert all(number.startswith("3000000010") for number in numbers)
    assert api.rows("products/", sku__startswith="sku") == []


def test_comparisons_of_times(api: Api) -> None:
    dates = sorted(row["date_placed"] for row in api.rows("orders/"))
    middle = dates[100]

    assert api.get("orders/", date_placed__gt=middle)["count"] == 99
    assert api.get("orders/", date_placed__gte=middle)["count"] == 100
    assert api.get("orders/", date_placed__lt=middle)["count"] == 100
    assert api.get("orders/", date_placed__lte=middle.replace("T", " ").rstrip("Z"))["count"] == 101
    assert api.get(f"orders/?date_placed__lte={middle.rstrip('Z')}+00:00")["count"] == 101
    days = [date for date in dates if date.startswith(middle[:10])]
    assert api.get("orders/", date_placed__date=middle[:10])["count"] == len(days)


def test_comparisons_of_amounts_are_of_numbers(api: Api) -> None:
    rows = api.rows("orders/", amount__gte="1000", amount__lt=2000.0)

    assert rows
    assert all(1000 <= float(row["amount"]) < 2000 for row in rows)
    assert api.get("orders/", amount=rows[0]["amount"].rstrip("0"))["count"] >= 1


def test_relations_by_id(api: Api) -> None:
    order = api.rows("order_items/")[0]["order"]
    by_id = api.rows("order_items/", order=order)

    assert by_id == api.rows("order_items/", order_id=order) == api.rows("order_items/", order__pk=order)
    assert by_id == api.rows("order_items/", order__number=api.get(f"orders/{order}/")["number"])
    assert api.rows("order_items/", order__pk__in=f"{order}") == by_id
    assert {
        row["product"] for row in api.rows("channel/1/product_prices/", product__pk__in="20001,20002")
    } == {
        20001,
        20002,
    }
    assert api.get("channel/1/townships/", country=1, city=34)["count"] == 6


def test_flags_in_every_spelling(api: Api) -> None:
    counts = {api.get("orders/", is_send=word)["count"] for word in ("False", "false", "0")}

    assert len(counts) == 1
    assert counts.pop() + api.get("orders/", is_send="True")["count"] == 200


def test_keys_within_json(api: Api) -> None:
    red = api.rows("products/", attributes__color="navy", attributes__size__in="S,M")

    assert red
    assert {row["attributes"]["color"] for row in red} == {"navy"}
    assert {row["attributes"]["size"] for row in red} == {"S", "M"}
    assert api.get("orders/", extra_field__id=1001)["count"] == 1
    assert api.get("products/", attributes__barcode__startswith="200")["count"] == 300


def test_orders_by_the_cancel_status_of_any_item(api: Api) -> None:
    waiting = api.rows("orders/", cancel_status="waiting")

    assert waiting
    assert {row["status"] for row in waiting} == {"50"}


def test_places_by_the_mapping_of_a_channel(api: Api) -> None:
    found = api.rows(
        "channel/3/cities/", mapping__code__exact="3_34", mapping__integration_type="sales_channel"
    )

    assert _names(found) == ["İstanbul"]
    assert api.rows("channel/3/cities/", mapping__code__exact="3_34", mapping__integration_type="web") == []
    assert api.rows("channel/3/cities/", mapping__code__exact="3_99") == []


def test_an_unknown_filter_is_ignored_and_counted(
    api: Api, omnitron: Omnitron, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "sandbox.omnitron"):
        for _ in range(3):
            assert api.get("orders/", no_such_field=1, status__no_such_operator=4)["count"] == 200

    assert omnitron.box.unknown_filters["order?no_such_field"] == 3
    assert api.control("GET", "state/")["unknown_filters"]["order?status__no_such_operator"] == 3
    assert [record.args for record in caplog.records].count(("order?no_such_field",)) == 1


def test_what_is_hidden_cannot_be_filtered_by(api: Api) -> None:
    assert api.get("order_items/", reserved=1)["count"] == api.get("order_items/")["count"]
    assert api.get("order_items/", sort="reserved")["results"] == api.get("order_items/")["results"]


@pytest.mark.parametrize("query", ["status='; DROP TABLE x;--", 'attributes__a"b=1', "attributes__a'b=1"])
def test_quotes_do_no_harm(api: Api, query: str) -> None:
    assert api.get(f"products/?{query}")["count"] in (0, 300)
    assert api.get("products/")["count"] == 300
