"""The client (page 70, A1 to A3): settings, login, prefixes, pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from django.db import connection

from packhouse.integrations.failures import BadAnswer, Refused, Unavailable
from packhouse.integrations.omnitron import conf, endpoints, tokens
from packhouse.integrations.omnitron.client import Omnitron
from packhouse.integrations.omnitron.failures import AuthFailed, ConnectorStopped
from packhouse.integrations.omnitron.models import Connection, EndpointMemory, Token
from packhouse.kernel import clock, settings_store
from packhouse.kernel.errors import InvalidParameter, NotConfigured
from packhouse.kernel.models import ExceptionEntry
from tests.integrations.omnitron.conftest import configure
from tests.integrations.omnitron.far import far, in_turn
from tests.integrations.omnitron.office import Office

pytestmark = pytest.mark.django_db
BASE = "https://omnitron.example.com"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
UNAUTHORIZED = httpx.Response(401, json={"detail": "Invalid token.", "code": "not_authenticated"})


@pytest.fixture(autouse=True)
def _configured(db: None) -> None:
    endpoints.forget()
    configure(BASE)


def authorization(side: Any) -> list[str]:
    return [
        request.headers["authorization"] for request in side.requests if "authorization" in request.headers
    ]


# Settings


def test_without_settings_calls_say_so() -> None:
    settings_store.reset("OMNITRON_CLIENT_SETTINGS")
    settings_store.forget()

    with far(), pytest.raises(NotConfigured, match="OMNITRON_CLIENT_SETTINGS"):
        Omnitron().listing("orders")


def test_a_bare_host_milliseconds_and_missing_slashes_are_understood() -> None:
    settings_store.put(
        "OMNITRON_CLIENT_SETTINGS",
        {
            "auth": {"token": "t"},
            "urls": {"oms_url": "oms.example.com", "base_url": "https://omnitron.example.com/"},
            "timeouts": {"read": 6000, "connect": 2},
        },
    )
    settings_store.forget()

    settings = conf.settings()

    assert settings.oms_url == "https://oms.example.com/api/v1"
    assert settings.default.base_url == "https://omnitron.example.com/api/v1"
    assert (settings.default.read, settings.default.connect) == (6, 2)


def test_an_unknown_endpoint_is_refused_with_the_list_of_names() -> None:
    with pytest.raises(InvalidParameter, match="order_item_bulk_update"):
        configure(BASE, endpoint_conf=[{"endpoint": "orderz", "base_url": BASE}])


def test_an_override_takes_its_own_address_auth_and_path() -> None:
    configure(
        BASE,
        endpoint_conf=[
            {
                "endpoint": "orders",
                "base_url": "https://seller.example.com/api/v1/applications/oms",
                "auth": {"token": "t"},
                "path": "sales/",
            },
            {"endpoint": "discount_items", "enabled": False},
        ],
    )
    client = Omnitron()

    with far(**{"sales": {"results": []}, "sales/5": {"pk": 5}}) as side:
        client.listing("orders")
        client.row("orders", pk=5)
        with pytest.raises(NotConfigured, match="switched off"):
            client.listing("discount_items")

    assert side.paths() == [
        "GET /api/v1/applications/oms/sales/",
        "GET /api/v1/applications/oms/sales/5/",
    ]
    assert authorization(side) == ["Token t", "Token t"]
    assert not client.offers("order_detailed")


@pytest.mark.parametrize(("token", "header"), [("abc", "Token abc"), ("Bearer abc", "Bearer abc")])
def test_a_token_with_a_blank_names_its_scheme(token: str, header: str) -> None:
    configure(BASE, auth={"token": token})

    with far(orders=[]) as side:
        Omnitron().listing("orders")

    assert authorization(side) == [header]


# Login


def test_the_token_is_kept_encrypted_and_used_again() -> None:
    with far(orders=[]) as side:
        Omnitron().listing("orders")
        Omnitron().listing("orders")

    assert side.keys == 1
    assert authorization(side) == ["Token key-1", "Token key-1"]
    assert "key-1" not in Token.objects.get().value


def test_an_expired_token_is_renewed_once_and_the_call_repeated() -> None:
    with far(orders=in_turn([], UNAUTHORIZED, [])) as side:
        Omnitron().listing("orders")
        Omnitron().listing("orders")

    assert side.keys == 2
    assert authorization(side) == ["Token key-1", "Token key-1", "Token key-2"]


def test_a_second_401_is_final() -> None:
    with far(orders=UNAUTHORIZED) as side, pytest.raises(AuthFailed) as failure:
        Omnitron().listing("orders")

    assert (failure.value.code, side.keys) == ("auth_failed", 2)
    assert len(side.paths()) == 2


def test_a_fixed_token_is_not_renewed() -> None:
    configure(BASE, auth={"token": "abc"})

    with far(orders=UNAUTHORIZED) as side, pytest.raises(AuthFailed):
        Omnitron().listing("orders")

    assert side.paths(login=True) == ["GET /api/v1/orders/"]


def test_a_caller_with_an_older_token_takes_the_newer_one() -> None:
    with far(orders=[]) as side:
        Omnitron().listing("orders")
        target = conf.settings().default
        header = tokens.renewed(target, used="Token an-older-one")

    assert (header, side.keys) == ("Token key-1", 1)


def test_not_more_than_three_logins_in_six_minutes() -> None:
    target = conf.settings().default
    with far(), clock.frozen(NOON):
        for n in range(1, 4):
            assert tokens.renewed(target, used=f"Token key-{n - 1}") == f"Token key-{n}"
        with pytest.raises(Unavailable) as failure:
            tokens.renewed(target, used="Token key-3")
    assert failure.value.retry_after == 360

    with far(), clock.frozen(NOON + timedelta(minutes=6)):
        assert tokens.renewed(target, used="Token key-3") == "Token key-1"


def test_one_login_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "LOGIN_SECONDS", 0.05)
    target = conf.settings().default
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            key = tokens.advisory._key(f"omnitron/1 login {target.login.name}", 0)
            cursor.execute("SELECT pg_advisory_lock(%s)", [key])
            with far() as side, pytest.raises(Unavailable, match="logging in"):
                tokens.renewed(target, used=None)
    finally:
        other.close()

    assert side.keys == 0


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refused_login_stops_the_connector_until_the_settings_change(status: int) -> None:
    refusal = httpx.Response(status, json={"non_field_errors": ["Unable to log in."]})
    with far(**{"auth/login": refusal}) as side:
        for _ in range(3):
            with pytest.raises(ConnectorStopped):
                Omnitron().listing("orders")

    assert side.paths(login=True) == ["POST /api/v1/auth/login/"]
    assert ExceptionEntry.objects.get(resolved_date=None).kind == "omnitron_login"

    configure(BASE, auth={"username": "oms", "password": "another"})
    with far(orders=[]) as side:
        Omnitron().listing("orders")

    assert Connection.objects.get().stopped_for == ""
    assert not ExceptionEntry.objects.filter(resolved_date=None).exists()


def test_a_busy_login_is_waited_for() -> None:
    busy = httpx.Response(429, headers={"Retry-After": "30"})
    with far(**{"auth/login": busy}), pytest.raises(Unavailable) as failure:
        Omnitron().listing("orders")

    assert failure.value.retry_after == 30
    assert not Connection.objects.exclude(stopped_for="").exists()


# Prefixes


@pytest.mark.parametrize("status", [404, 405])
def test_the_other_prefix_is_tried_once_and_remembered(status: int) -> None:
    def answer(request: httpx.Request) -> Any:
        return [] if request.url.path.startswith("/api/i1/") else httpx.Response(status)

    with far(channels=answer) as side:
        Omnitron().listing("channels")
        Omnitron().listing("channels")
        endpoints.forget()  # as another process, which reads what is remembered
        Omnitron().listing("channels")

    assert side.paths() == ["GET /api/v1/channels/", *["GET /api/i1/channels/"] * 3]
    assert EndpointMemory.objects.get().prefix == "i1"


def test_where_a_prefix_is_known_a_404_is_an_answer() -> None:
    with far(orders=[]) as side:
        Omnitron().listing("orders")
        with pytest.raises(Refused):
            Omnitron().row("orders", pk=77)

    assert side.paths() == ["GET /api/v1/orders/", "GET /api/v1/orders/77/"]


def test_nothing_under_either_prefix() -> None:
    with far() as side, pytest.raises(Refused):
        Omnitron().listing("channels")

    assert side.paths() == ["GET /api/v1/channels/", "GET /api/i1/channels/"]
    assert not EndpointMemory.objects.exists()


# Pages


def rows_of(*pages: Any) -> tuple[list[int], int]:
    with far(orders=in_turn(*pages)) as side:
        rows = [row["pk"] for row in Omnitron().rows("orders")]
    return rows, len(side.paths())


def page(*pks: int, **more: Any) -> dict[str, Any]:
    return {"results": [{"pk": pk} for pk in pks], **more}


@pytest.mark.parametrize(
    ("pages", "pks", "calls"),
    [
        ([page(1, 2, next="x"), page(3, next=None)], [1, 2, 3], 2),
        ([page(1, 2, next="x"), page(3)], [1, 2, 3], 2),
        ([page(1, next="x"), page(next="x")], [1], 2),
        ([[{"pk": 1}, {"pk": 2}]], [1, 2], 1),
        ([page(1, 2, next="x"), page(1, 2, next="x")], [1, 2], 2),
        ([page(1, 2, next="x"), page(2, 3, next="x"), page(3, 1, next="x")], [1, 2, 2, 3], 3),
        ([page()], [], 1),
    ],
)
def test_pages_are_read_until_they_end(pages: list[Any], pks: list[int], calls: int) -> None:
    assert rows_of(*pages) == (pks, calls)


def test_pages_are_asked_for_by_number_and_the_link_is_not_followed() -> None:
    with far(orders=in_turn(page(1, next="https://evil.example.com/"), page(2))) as side:
        list(Omnitron().rows("orders", {"sort": "id"}))

    assert [str(request.url.query, "ascii") for request in side.requests if not request.content] == [
        "sort=id&page=1&limit=100",
        "sort=id&page=2&limit=100",
    ]


@pytest.mark.parametrize("answer", [{"detail": "x"}, {"results": None}, "text", None, 5])
def test_what_is_no_list_is_no_page(answer: Any) -> None:
    with far(orders=httpx.Response(200, json=answer)), pytest.raises(BadAnswer):
        list(Omnitron().rows("orders"))


# Against the sandbox


def test_expired_keys_of_the_sandbox_are_renewed(office: Office) -> None:
    client = Omnitron()
    assert client.listing("active_user")["username"] == "oms"
    office.control("POST", "expire-tokens/")

    assert len(client.listing("channels")["results"]) == 3


def test_every_named_endpoint_answers(office: Office) -> None:
    order = office.place()
    item = order["orderitem_set"][0]
    client = Omnitron()
    for name, endpoint in endpoints.ENDPOINTS.items():
        if endpoint.many and "bulk" not in endpoint.many:
            assert client.listing(name, {"limit": 1}, channel=1) is not None
    assert client.row("orders", pk=order["pk"])["pk"] == order["pk"]
    assert client.row("order_detailed", pk=order["pk"])["customer"]["pk"]
    assert client.row("order_number", number=order["number"])["pk"] == order["pk"]
    assert client.row("order_items", pk=item["pk"])["order"] == order["pk"]
    assert client.row("customers", pk=order["customer"]["pk"])["pk"]
    assert client.row("addresses", channel=1, pk=order["shipping_address"]["pk"])["line"]
    assert client.row("products", pk=item["product"]["pk"])["sku"]
    assert client.row("payment_options", pk=order["payment_option"])["slug"]
    assert client.row("retail_stores", pk=101)["township"]["city"]["country"]["code"] == "tr"
