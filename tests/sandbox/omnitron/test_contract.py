"""What every call keeps: prefixes, slashes, paging, keys, the shape of refusals."""

from __future__ import annotations

import httpx
import pytest

from tests.sandbox.omnitron.conftest import Api, Json

LISTS = ["orders/", "order_items/", "channel/1/customers/", "retail_stores/", "products/", "whisperer/hooks/"]


@pytest.mark.parametrize("prefix", ["v1", "i1"])
@pytest.mark.parametrize(
    "path", ["orders/1001", "orders/1001/", "channels", "channels/", "whisperer/hooks/registry"]
)
def test_both_prefixes_answer_with_and_without_the_last_slash(
    address: str, api: Api, prefix: str, path: str
) -> None:
    response = httpx.get(f"{address}/api/{prefix}/{path}", headers=api.http.headers)

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"


def test_plans_are_also_served_without_a_version(address: str, api: Api) -> None:
    bare = httpx.get(f"{address}/api/channel/1/cancellation_plans/", headers=api.http.headers).json()

    assert bare["results"] == api.get("channel/1/cancellation_plans/")["results"]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_an_envelope_that_always_has_next(api: Api, path: str) -> None:
    page = api.get(path)

    assert list(page) == ["count", "next", "previous", "results"]


def test_pages_follow_one_another_until_next_is_null(api: Api) -> None:
    seen: list[int] = []
    url: str | None = "orders/?limit=70&sort=-date_placed"
    while url:
        page = api.get(url)
        seen += [row["pk"] for row in page["results"]]
        url = page["next"]

    assert len(seen) == len(set(seen)) == page["count"] == 200
    assert page["previous"].endswith("limit=70&sort=-date_placed&page=2")


def test_ten_rows_are_the_default_and_a_thousand_the_most(api: Api) -> None:
    assert len(api.get("products/")["results"]) == 10
    assert len(api.get("channel/1/integration_actions/", limit=99999)["results"]) == 300
    assert api.get("products/", limit=0)["results"] == api.get("products/")["results"]
    assert api.get("channel/1/products/", page="x", limit="y")["results"] == api.get("products/")["results"]


@pytest.mark.parametrize("page", [3, 999, 10**9, 10**30])
def test_a_page_past_the_end_is_empty(api: Api, page: int) -> None:
    answer = api.get("channels/", page=page, limit=2)

    assert answer["results"] == [] or page == 10**30
    assert answer["count"] == 3


def test_rows_are_sorted_by_id_or_as_asked(api: Api) -> None:
    rows = api.rows("orders/")
    by_number = api.rows("orders/", sort="-number")
    by_amount = [float(row["amount"]) for row in api.rows("orders/", sort="amount")]

    assert [row["pk"] for row in rows] == sorted(row["pk"] for row in rows)
    assert [row["number"] for row in by_number] == sorted((row["number"] for row in rows), reverse=True)
    assert by_amount == sorted(by_amount)
    assert api.rows("orders/", sort="nonsense") == rows


def test_a_channel_that_is_not_there_is_404(api: Api) -> None:
    assert api.get("channel/99/orders/", expect=404) == {"detail": "Not found.", "code": "not_found"}
    assert api.get("channel/x/countries/", expect=404)["code"] == "not_found"


def test_a_path_that_is_not_there_is_404_in_json(api: Api) -> None:
    assert set(api.get("no_such_thing/", expect=404)) == {"detail", "code"}
    assert set(httpx.get(f"{api.url}/nowhere").json()) == {"detail", "code"}


def test_a_method_that_is_not_offered_is_405(api: Api) -> None:
    response = api.http.delete("orders/1001/")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, PATCH"
    assert response.json() == {"detail": 'Method "DELETE" not allowed.', "code": "method_not_allowed"}


@pytest.mark.parametrize("body", [b"{", b"nonsense", b'{"a": NaN}', b'"\\ud800"', b"\xff\xfe", b"9" * 5000])
def test_a_body_that_is_no_json_is_400(api: Api, body: bytes) -> None:
    answer = api.call("POST", "channel/1/customers/", 400, content=body)

    assert answer["code"] == "parse_error"
    assert answer["non_field_errors"]


# Keys


def test_login_gives_the_same_key_until_it_expires(api: Api) -> None:
    credentials = {"username": "oms", "password": "oms-sandbox"}
    keys = {api.post("auth/login/", credentials, status=200)["key"] for _ in range(3)}

    assert len(keys) == 1
    assert api.get("active_user/") == {
        "pk": 1,
        "username": "oms",
        "email": "oms@example.com",
        "is_superuser": True,
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "oms", "password": "wrong"}, "non_field_errors"),
        ({"username": "nobody", "password": "oms-sandbox"}, "non_field_errors"),
        ({"username": "oms"}, "password"),
        ({}, "username"),
    ],
)
def test_wrong_credentials_are_400(api: Api, body: Json, field: str) -> None:
    answer = api.post("auth/login/", body, status=400)

    assert isinstance(answer[field], list)
    assert "code" in answer


@pytest.mark.parametrize("header", [None, "", "Token", "Token nonsense", "Bearer x", "Basic b21zOm9tcw=="])
def test_no_key_or_a_wrong_one_is_401(address: str, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    response = httpx.get(f"{address}/api/v1/orders/", headers=headers)

    assert response.status_code == 401
    assert set(response.json()) == {"detail", "code"}
    assert response.headers["www-authenticate"] == "Token"


def test_keys_can_be_made_worthless(address: str) -> None:
    other = Api(address)

    other.control("POST", "expire-tokens/")

    assert other.get("active_user/", expect=401)["code"] == "authentication_failed"
    other.login()
    assert other.get("active_user/")["username"] == "oms"


@pytest.fixture(autouse=True)
def _logged_in(api: Api) -> None:
    api.login()


# Input


@pytest.mark.parametrize(
    "query",
    ["pk=x", "pk=" + "9" * 40, "modified_date__gte=soon", "is_send=perhaps", "amount__gt=NaN", "channel=x"],
)
def test_a_filter_value_that_cannot_be_read_is_400_naming_it(api: Api, query: str) -> None:
    answer = api.get(f"orders/?{query}", expect=400)

    assert answer[query.partition("=")[0]]


def test_lenient_input(api: Api, order: Json) -> None:
    item = order["orderitem_set"][0]["pk"]

    assert api.patch(f"orders/{order['pk']}/", {"is_send": "True"})["is_send"] is True
    assert api.patch(f"orders/{order['pk']}/", {"is_send": 0})["is_send"] is False
    written = api.patch(f"order_items/{item}/", {"invoice_date": "2026-01-05 10:00:00", "status": 450})
    assert written["invoice_date"] == "2026-01-05T10:00:00.000000Z"
    assert written["status"] == "450"
    assert api.patch(f"order_items/{item}/", {"invoice_date": "2026-01-05T10:00:00+03:00"})[
        "invoice_date"
    ] == ("2026-01-05T07:00:00.000000Z")


def test_every_write_makes_modified_date_rise(api: Api, order: Json) -> None:
    path = f"orders/{order['pk']}/"
    dates = [
        order["modified_date"],
        *(api.patch(path, {"is_send": True})["modified_date"] for _ in range(20)),
    ]

    assert dates == sorted(set(dates))
    assert all(len(each) == len("2026-03-02T00:00:00.000000Z") for each in dates)
