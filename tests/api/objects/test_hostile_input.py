"""Nothing a caller sends ends in a 500: every parameter and every body of these addresses, taken from the schema."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from packhouse.api import throttling
from packhouse.api.filters import StrictFilterSet
from packhouse.api.v1 import schema
from tests.api.callers import Caller
from tests.builders import a_shipment, a_transfer

pytestmark = pytest.mark.django_db

BASE = "/api/v1/oms/"
FAMILIES = (
    "packages",
    "package-item",
    "transfer",
    "shipments",
    "orders",
    "order_items",
    "order-stock-info",
    "orderexecutionplans",
    "scenarios",
    "customer",
    "stock",
    "query-stock",
    "reservations",
    "transitions",
    "commands",
    "state-transition-logs",
    "exceptions",
)
VALUES = ("-1", "9" * 40, "1,,2", "\x00", "'; --")
# Every list has these; they are tried on one.
STANDARD = frozenset(StrictFilterSet.base_filters)
BODIES: tuple[Any, ...] = (
    [],
    {},
    "x",
    7,
    None,
    True,
    {"\u0000": 1},
    [[[]]],
    {"slug": {"a": 1}, "name": 10**40, "rules": {"a": []}, "address": "x", "transition": [1]},
    [{"package": {"a": 1}, "transfer": [], "sku": 1, "erp_code": {}, "quantity": "NaN"}],
    b"\xff\xfe",
    b'{"a": NaN}',
    b'{"a": ' + b"[" * 5000 + b"}",
)


def operations(*methods: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, found in schema.document()["paths"].items():
        rest = path.removeprefix(BASE)
        if path.startswith(BASE) and rest.startswith(FAMILIES):
            for method in methods:
                if method in found:
                    yield method, rest, found[method]


def filled(address: str, key: str) -> str:
    return re.sub(r"{\w+}", key, address)


READS = [(address, operation) for _method, address, operation in operations("get")]
WRITES = [(method, address) for method, address, _operation in operations("post", "put", "patch")]


@pytest.mark.parametrize(("address", "operation"), READS, ids=[address for address, _operation in READS])
def test_no_parameter_ends_in_a_500(admin: Caller, address: str, operation: dict[str, Any]) -> None:
    a_shipment()
    names = [found["name"] for found in operation.get("parameters", []) if found["in"] == "query"]

    tried = names if address == "packages/" else [name for name in names if name not in STANDARD]
    for name in [*tried, "colour"]:
        for value in VALUES:
            throttling.forget()
            answer = admin.get(f"{filled(address, '1')}?{name}={quote(value)}")
            assert answer.status < 500, (name, value)


@pytest.mark.parametrize(("method", "address"), WRITES)
def test_no_body_ends_in_a_500(admin: Caller, method: str, address: str) -> None:
    keys = [str(a_transfer().pk), "9" * 18]

    for key in keys:
        for body in BODIES:
            throttling.forget()
            answer = admin.call(method.upper(), filled(address, key), body)
            assert answer.status < 500, (key, body)


@pytest.mark.parametrize(("method", "address"), [("get", address) for address, _operation in READS] + WRITES)
def test_without_a_key_nothing_is_answered(nobody: Caller, method: str, address: str) -> None:
    answer = nobody.call(method.upper(), filled(address, "1"), {} if method != "get" else None)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("address", ["packages/commands/", "stocks/bulk/", "packages/1/command/"])
def test_an_oversize_body_is_413(admin: Caller, address: str) -> None:
    answer = admin.post(address, b'["' + b"x" * (20 * 1024 * 1024) + b'"]')

    assert answer.status == 413
