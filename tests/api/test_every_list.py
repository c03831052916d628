"""What page 50 says of every list: pages, sorts and filters by id and dates, and nothing passed over in silence."""

import pytest

from packhouse.api import throttling
from tests.api.callers import Answer, Caller
from tests.api.test_statements import lists

pytestmark = pytest.mark.django_db

LISTS = sorted(lists())
DATES = ("created_date", "modified_date")
# Rows that keep no such date.
WITHOUT = {"content_types/": DATES, "users/": ("modified_date",)}
EMPTY_PAGE = {"count", "next", "previous", "results"}


def get(caller: Caller, address: str, query: str) -> Answer:
    throttling.forget()
    return caller.get(f"{address}?{query}")


def columns(address: str) -> list[str]:
    return ["id", *(name for name in DATES if name not in WITHOUT.get(address, ()))]


@pytest.mark.parametrize("address", LISTS)
def test_id_and_dates_sort_and_filter(admin: Caller, address: str) -> None:
    queries = [f"sort={sign}{name}" for name in columns(address) for sign in ("", "-")]
    queries += [
        f"{name}__{how}={1 if name == 'id' else '2026-03-02T09:00:00Z'}"
        for name in columns(address)
        for how in ("gt", "gte", "lt", "lte")
    ]

    answers = {query: get(admin, address, query) for query in [*queries, "pk__in=1,2", "_=1"]}

    assert {query: answer.content for query, answer in answers.items() if answer.status != 200} == {}


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("query", ["limit=999", "page_size=5", "page=1&limit=5"])
def test_a_page_has_its_four_keys(admin: Caller, address: str, query: str) -> None:
    answer = get(admin, address, query)

    assert answer.status == 200, answer.content
    assert answer.json.keys() >= EMPTY_PAGE


@pytest.mark.parametrize("address", LISTS)
def test_what_is_not_known_is_named(admin: Caller, address: str) -> None:
    for query, name in (("colour=1", "colour"), ("sort=colour", "sort"), ("limit=some", "limit")):
        answer = get(admin, address, query)
        assert (answer.status, name in answer.json) == (400, True), (query, answer.content)
    assert get(admin, address, "page=99").status == 404
    assert get(admin, address, "format=pdf").status == 406
