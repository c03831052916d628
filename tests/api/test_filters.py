"""Filters: what they find, and what they refuse."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from packhouse.catalog.models import PackageDenialReason
from packhouse.kernel import clock, settings_store
from tests.api.callers import Caller
from tests.builders import a_denial_reason, a_product

pytestmark = pytest.mark.django_db

LIST = "packages/package_denial_reason/"


def titles(caller: Caller, query: str) -> list[str]:
    answer = caller.get(f"{LIST}?sort=id&{query}")
    assert answer.status == 200, answer.content
    return [row["title"] for row in answer.json["results"]]


@pytest.fixture
def three(db: None) -> list[PackageDenialReason]:
    made = []
    for day, title in ((1, "one"), (2, "two"), (3, "three")):
        with clock.frozen(datetime(2026, 3, day, 9, tzinfo=UTC)):
            made.append(a_denial_reason(title=title, priority=day, is_active=day != 2))
    return made


def test_compares_ids(admin: Caller, three: list[PackageDenialReason]) -> None:
    one, two, three_ = (row.pk for row in three)

    assert titles(admin, f"id={two}") == ["two"]
    assert titles(admin, f"id__gt={one}") == ["two", "three"]
    assert titles(admin, f"id__gte={two}&id__lt={three_}") == ["two"]
    assert titles(admin, f"id__lte={two}") == ["one", "two"]
    assert titles(admin, f"pk__in={one},{three_}") == ["one", "three"]
    assert titles(admin, f"id__in={one}, {two}") == ["one", "two"]
    assert titles(admin, "id__in=0") == []


def test_compares_times_naive_ones_in_the_installations_zone(
    admin: Caller, three: list[PackageDenialReason]
) -> None:
    assert titles(admin, "created_date__gt=2026-03-02T09:00:00Z") == ["three"]
    assert titles(admin, "created_date__gte=2026-03-02T09:00:00Z") == ["two", "three"]
    assert titles(admin, "created_date__lt=2026-03-02T12:00:00") == ["one"]
    assert titles(admin, "created_date__lte=2026-03-02T12:00:00") == ["one", "two"]
    assert titles(admin, "created_date__gte=2026-03-02T12:00:00%2B03:00") == ["two", "three"]
    assert titles(admin, "created_date__gte=2026-03-02T12:00:00+03:00") == ["two", "three"]
    assert titles(admin, "modified_date__gte=2026-03-03") == ["three"]


def test_filters_of_the_list_itself(admin: Caller, three: list[PackageDenialReason]) -> None:
    assert titles(admin, "is_active=false") == ["two"]
    assert titles(admin, "is_active=True") == ["one", "three"]
    assert titles(admin, "title=T") == ["two", "three"]
    assert titles(admin, "priority=3") == ["three"]
    assert titles(admin, "priority=3&is_active=0") == []


def test_any_barcode_of_a_product_finds_it(admin: Caller) -> None:
    product = a_product(barcodes=["111", "222"])
    a_product(barcodes=["333"])

    answer = admin.get("products/?barcode=222")

    assert [row["id"] for row in answer.json["results"]] == [product.pk]


@pytest.mark.parametrize("name", ["foo", "state", "titel", "title__icontains", "id__contains", "pk"])
def test_an_unknown_filter_is_refused_with_the_allowed_names(admin: Caller, name: str) -> None:
    answer = admin.get(f"{LIST}?{name}=1")

    assert answer.status == 400
    assert answer.json["code"] == "unknown_filter"
    assert "created_date__gte" in answer.json[name][0]


@pytest.mark.parametrize("address", ["channels/", "products/", "states/", "cities/", "content_types/"])
def test_every_list_is_strict(admin: Caller, address: str) -> None:
    assert admin.get(f"{address}?colour=red").json["code"] == "unknown_filter"


def test_names_with_an_underscore_first_are_ignored(admin: Caller) -> None:
    assert titles(admin, "_=1772445900&_cache=no") == []


def test_the_setting_turns_the_rule_off(admin: Caller, three: list[PackageDenialReason]) -> None:
    settings_store.put("API", {"strict_query_parameters": False})
    settings_store.forget()

    assert titles(admin, "foo=1&priority=1") == ["one"]


@pytest.mark.parametrize(
    "query",
    [
        "id=seven",
        "id=1.5",
        "id=99999999999999999999999",
        "id__in=1,x",
        "id__in=1,,2",
        "id__in=" + ",".join(["1"] * 1001),
        "id=",
        "title=",
        "title=%20",
        "title=%00",
        "is_active=maybe",
        "is_active=2",
        "created_date__gt=yesterday",
        "created_date__gt=2026-02-30",
        "created_date__gt=0001-01-01",
        "id=1&id=2",
        "title=" + "x" * 1001,
    ],
)
def test_an_unreadable_value_is_400_by_name(admin: Caller, query: str) -> None:
    answer = admin.get(f"{LIST}?{query}")

    assert (answer.status, answer.json["code"]) == (400, "invalid_parameter")
    assert answer.json[query.partition("=")[0]]


def test_what_is_wrong_is_named_all_at_once(admin: Caller) -> None:
    answer = admin.get(f"{LIST}?id=x&is_active=maybe")

    assert set(answer.json) == {"id", "is_active", "code"}


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE catalog_packagedenialreason; --", "%", "_", "\\", "ğüşİ", "💥"]
)
def test_odd_text_is_only_text(admin: Caller, three: list[PackageDenialReason], text: str) -> None:
    assert titles(admin, f"title={quote(text)}") == []
    assert PackageDenialReason.objects.count() == 3
