"""Every address of the house with every method: without a key 401, and nothing a caller sends ends in a 5xx.

The addresses are read from the resolver, so a new one is tried as soon as it is mounted.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from packhouse.api import throttling
from packhouse.kernel.models import Role
from tests.api.callers import Caller, a_caller

pytestmark = pytest.mark.django_db

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
WRITING = ("POST", "PUT", "PATCH", "DELETE")
# What answers without a key: the door, its description, what monitoring asks, a customer's own document.
OPEN = (
    "api/v1/auth/login",
    "api/v1/oms/auth/login",
    "api/v1/oms/schema",
    "api/v1/oms/docs",
    "healthz",
    "readyz",
    "metrics",
    "d/connection",
)
# What the back office calls says that it takes POST alone, whoever asks.
INBOUND = ("-webhook", "cancellation_plan")
WORDS = ("connection", "1", "%00", "%ED%A0%80", "x" * 300)
JSON_BODIES = (
    b"{",
    b"[]",
    b"{}",
    b"7",
    b"null",
    b"[[null]]",
    b'{"id": NaN}',
    b'{"name": "\\ud800", "slug": "\\u0000"}',
    b'{"transition": 99999999999999999999999999, "name": {"a": 1}, "ids": ["x"], "key": []}',
    b"\xff\xfe",
    b"[" * 3000 + b"]" * 3000,
)
OTHER_BODIES = (
    ("text/plain", b"hello"),
    ("application/x-www-form-urlencoded", b"a=%00&name=%ED%A0%80&id=" + b"9" * 5000),
    ("multipart/form-data; boundary=cut", b'--cut\r\nContent-Disposition: form-data; name="a"\r\n\r\n\x00'),
    ("multipart/form-data", b"no boundary"),
    ("text/csv", b"a;b\n1;2;3"),
    ("application/json; charset=nothing", b"{}"),
)
BODIES = (*(("application/json", body) for body in JSON_BODIES), *OTHER_BODIES)
QUERIES = ("a=%00", "format=nothing", "page=99999999999999999999", "sort=%00", "id=%00", "id__in=,", "_=1")
HEADERS: tuple[dict[str, str], ...] = (
    {"accept": "image/png"},
    {"accept": ";;q=x,,"},
    {"accept_language": "q=9;;-"},
    {"idempotency_key": "x" * 256},
    {"idempotency_key": "ç"},
    {"if_match": '"x", W/"y"'},
    {"x_request_id": "x" * 300},
    {"x_forwarded_for": "not an address"},
)


def addresses(resolver: Any = None, above: str = "") -> Iterator[str]:
    """Every route below, as it is written."""
    for found in (resolver or get_resolver()).url_patterns:
        route = above + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from addresses(found, route)
        elif isinstance(found, URLPattern):
            yield route


def filled(route: str, ids: str = "1", word: str = "connection") -> str:
    """The route with a value for each of its parameters."""
    address = ""
    for part in route.split("<"):
        name, closed, rest = part.rpartition(">")
        if not closed:
            address += part
            continue
        kind = name.partition(":")[0]
        address += (ids if kind in ("id", "int") else word) + rest
    return address


# Carriers log in to it with an account of their own, which no key is; its tests stand with theirs.
NO_KEYS = ("api/v1/oms/shipments/tracking",)
ROUTES = sorted({route.rstrip("/") for route in addresses()} - set(NO_KEYS))
CLOSED = [route for route in ROUTES if filled(route) not in OPEN]
# The same view at a second address is tried at its first one; `readyz` may say 503.
ALIASES = ("whisperer/", "api/v1/auth/", "api/v1/package-item", "api/v1/active_user", "readyz")
BELOW = ("stock_locations", "cargo_companies", "transfer_items", "package-item")
TRIED = [
    route
    for route in ROUTES
    if not route.startswith((*ALIASES, *(f"api/v1/oms/{name}" for name in BELOW)))
    and not route.endswith("auth/logout")
]


# So many that one failure hides few others, so few that their making takes no time.
SHARES = [TRIED[start : start + 12] for start in range(0, len(TRIED), 12)]


def tried(caller: Caller, method: str, address: str, body: bytes = b"", **headers: str) -> int:
    """The status of an answer that is no failure of ours."""
    throttling.forget()
    answer = caller.call(method, f"/{address}", body, **headers)
    assert answer.status < 500, (method, address, headers, body[:80], answer.content[:300])
    return answer.status


def test_there_are_as_many_as_the_page_says() -> None:
    assert len(ROUTES) > 180


def test_without_a_key_nothing_is_told(nobody: Caller) -> None:
    for route in CLOSED:
        for method, body in (("GET", b""), ("POST", b"{"), ("DELETE", b"")):
            answer = nobody.call(method, f"/{filled(route)}", body)
            if answer.status == 405 and route.endswith(INBOUND):
                continue
            assert answer.status == 401, (method, route, answer.status, answer.content[:200])
            assert answer.headers["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("routes", SHARES)
def test_no_method_and_no_body_fails(admin: Caller, routes: list[str]) -> None:
    for route in routes:
        _try_methods_and_bodies(admin, route)


def _try_methods_and_bodies(admin: Caller, route: str) -> None:
    address = filled(route, "9" * 18)
    for method in METHODS:
        offered = tried(admin, method, address) != 405
        for content_type, body in BODIES if offered and method in WRITING else ():
            assert tried(admin, method, address, body, content_type=content_type) != 401


def test_no_parameter_fails(admin: Caller) -> None:
    for route in TRIED:
        offered = not route.endswith("/schema") and tried(admin, "GET", filled(route)) != 405
        for query in QUERIES if offered else ():
            tried(admin, "GET", f"{filled(route)}?{query}")


def test_no_word_in_an_address_fails(admin: Caller) -> None:
    for route in TRIED:
        ids = ("9" * 40, "%00") if "<id:" in route or "<int:" in route else ()
        words = WORDS if "<" in route.replace("<id:", "").replace("<int:", "") else ()
        for address in (*(filled(route, key) for key in ids), *(filled(route, word=word) for word in words)):
            assert tried(admin, "GET", address) in (200, 400, 404, 405, 406)


@pytest.mark.parametrize(
    "address",
    [
        "api/v1/oms/products/",
        "api/v1/oms/products/1/",
        "api/v1/oms/packages/1/command/",
        "api/v1/oms/packages/commands/",
        "api/v1/oms/orders/import/",
        "api/v1/oms/setup/",
        "api/v1/oms/orders-webhook/",
        "whisperer/hooks/",
        "healthz",
        "api/v1/auth/login/",
    ],
)
def test_no_header_fails(admin: Caller, address: str) -> None:
    for headers in HEADERS:
        for method in ("GET", "POST"):
            tried(admin, method, address, b"" if method == "GET" else b"{}", **headers)


def test_a_key_without_scopes_changes_nothing() -> None:
    bare = a_caller(Role.INTEGRATION, user_scopes=[])

    for route in CLOSED:
        for method in () if route.endswith("logout") else WRITING:
            status = tried(bare, method, filled(route, "9" * 18), b"{}")
            assert status in (403, 405), (method, route, status)


@pytest.mark.parametrize("key", ["0" * 40, "a.b.c", "ç", " ", "x" * 5000])
def test_no_other_key_opens_anything(key: str) -> None:
    for address in (
        "api/v1/oms/products/",
        "api/v1/oms/setup/",
        "whisperer/hooks/",
        "api/v1/oms/orders-webhook/",
    ):
        for scheme in ("Token", "Bearer", "Basic", ""):
            caller = Caller(authorization=f"{scheme} {key}")
            method = "POST" if address.endswith(INBOUND) or "webhook" in address else "GET"
            assert tried(caller, method, address, b"{}" if method == "POST" else b"") == 401
