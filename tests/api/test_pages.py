"""Pages, sorting, links."""

from urllib.parse import parse_qs, urlsplit

import pytest

from packhouse.api import pagination
from packhouse.catalog.models import PackageDenialReason
from tests.api.callers import Answer, Caller
from tests.builders import a_denial_reason

pytestmark = pytest.mark.django_db

LIST = "packages/package_denial_reason/"


def ids(answer: Answer) -> list[int]:
    return [row["id"] for row in answer.json["results"]]


def some_reasons(count: int) -> list[int]:
    return [a_denial_reason().pk for _ in range(count)]


def test_an_empty_list_has_all_four_keys(admin: Caller) -> None:
    assert admin.get(LIST).json == {"count": 0, "next": None, "previous": None, "results": []}


def test_twenty_a_page_the_newest_first(admin: Caller) -> None:
    made = some_reasons(21)

    first = admin.get(LIST)

    assert first.json["count"] == 21
    assert ids(first) == made[:0:-1]
    assert first.json["previous"] is None
    assert first.json["next"] == f"http://testserver/api/v1/oms/{LIST}?page=2"


def test_the_links_lead_through_all_pages_and_keep_the_other_parameters(admin: Caller) -> None:
    made = some_reasons(5)
    seen: list[int] = []
    address: str | None = f"{LIST}?limit=2&sort=id&is_active=true&_=17"

    while address:
        page = admin.get(address)
        seen += ids(page)
        if page.json["next"]:
            query = parse_qs(urlsplit(page.json["next"]).query)
            assert query["limit"] == ["2"]
            assert query["is_active"] == ["true"]
        address = page.json["next"] and page.json["next"].removeprefix("http://testserver")

    assert seen == made
    last = admin.get(f"{LIST}?limit=2&sort=id&page=3").json
    assert (last["count"], last["next"]) == (5, None)
    assert "page=2" in last["previous"]


def test_links_carry_the_slash_that_the_call_left_out(admin: Caller) -> None:
    some_reasons(2)

    assert "/package_denial_reason/?" in admin.get("packages/package_denial_reason?limit=1").json["next"]


def test_limit_counts_over_page_size(admin: Caller) -> None:
    some_reasons(4)

    assert len(ids(admin.get(f"{LIST}?page_size=3"))) == 3
    assert len(ids(admin.get(f"{LIST}?page_size=3&limit=2"))) == 2


def test_a_larger_page_is_cut_and_not_refused(admin: Caller) -> None:
    some_reasons(101)

    answer = admin.get(f"{LIST}?limit=999")

    assert answer.status == 200
    assert len(ids(answer)) == 100


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=two", "limit=0", "page_size=1.5", "limit=", "page=²"]
)
def test_an_unreadable_page_is_400_by_name(admin: Caller, query: str) -> None:
    answer = admin.get(f"{LIST}?{query}")

    assert answer.status == 400
    assert query.partition("=")[0] in answer.json


@pytest.mark.parametrize("page", ["2", "1000000", "99999999999999999", "9" * 19])
def test_a_page_past_the_end_is_404(admin: Caller, page: str) -> None:
    some_reasons(1)

    assert admin.get(f"{LIST}?page={page}").status == 404


def test_sorts_by_several_fields_the_id_last(admin: Caller) -> None:
    b1 = a_denial_reason(title="b1", priority=2).pk
    a1 = a_denial_reason(title="a1", priority=2).pk
    c1 = a_denial_reason(title="c1", priority=1).pk

    assert ids(admin.get(f"{LIST}?sort=priority")) == [c1, b1, a1]
    assert ids(admin.get(f"{LIST}?sort=-priority")) == [a1, b1, c1]
    assert ids(admin.get(f"{LIST}?sort=-priority,title")) == [a1, b1, c1]
    assert ids(admin.get(f"{LIST}?sort=title")) == [a1, b1, c1]
    assert ids(admin.get(f"{LIST}?sort=created_date")) == [b1, a1, c1]


@pytest.mark.parametrize("sort", ["password", "", "id;drop", "order__number", "-", "id,,title"])
def test_another_field_to_sort_by_is_400(admin: Caller, sort: str) -> None:
    answer = admin.get(f"{LIST}?sort={sort}")

    assert (answer.status, answer.json["code"]) == (400, "invalid_parameter")
    assert "created_date" in answer.json["sort"][0]


def test_a_reader_that_skips_nothing_goes_by_id(admin: Caller) -> None:
    made = some_reasons(3)

    assert ids(admin.get(f"{LIST}?sort=id&id__gt={made[0]}&limit=1")) == [made[1]]


def test_a_large_count_is_estimated_and_says_so(admin: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    some_reasons(8)
    monkeypatch.setattr(pagination, "COUNTED_EXACTLY", 5)

    answer = admin.get(f"{LIST}?limit=2")

    assert answer.headers["X-Count-Estimated"] == "true"
    assert answer.json["count"] >= 6
    assert answer.json["next"]
    last = admin.get(f"{LIST}?limit=2&page=4")
    assert "X-Count-Estimated" not in last.headers
    assert (last.json["count"], last.json["next"]) == (8, None)


def test_a_small_count_is_exact(admin: Caller) -> None:
    some_reasons(3)

    assert "X-Count-Estimated" not in admin.get(f"{LIST}?limit=2").headers


def test_a_page_costs_the_same_whatever_its_size(
    admin: Caller, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    some_reasons(9)
    admin.get(LIST)

    for limit in (1, 8):
        with django_assert_num_queries(4):  # type: ignore[operator]  # key, ids, count, rows
            admin.get(f"{LIST}?limit={limit}")
    assert PackageDenialReason.objects.count() == 9
