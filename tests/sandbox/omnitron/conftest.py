"""An Omnitron sandbox per test file, on a real socket, and a client that is logged in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from sandbox.omnitron.app import Omnitron, create
from sandbox.omnitron.seeding.plan import SeedPlan
from sandbox.serve import Running

DAY = date(2026, 3, 2)
CREDENTIALS = {"username": "oms", "password": "oms-sandbox"}
Json = Any


class Api:
    """Calls below `/api/v1/`; each checks the status it expects and returns the JSON."""

    def __init__(self, url: str, prefix: str = "v1") -> None:
        self.url = url
        self.http = httpx.Client(base_url=f"{url}/api/{prefix}/", timeout=10)
        self.login()

    def login(self) -> None:
        key = self.http.post("auth/login/", json=CREDENTIALS).json()["key"]
        self.http.headers["Authorization"] = f"Token {key}"

    def call(self, method: str, path: str, status: int, **options: Any) -> Json:
        response = self.http.request(method, path, **options)
        assert response.status_code == status, f"{response.status_code} {response.text[:500]}"
        return response.json() if response.content else None

    def get(self, path: str, *, expect: int = 200, **query: Any) -> Json:
        return self.call("GET", path, expect, params=query or None)

    def rows(self, path: str, **query: Any) -> list[Json]:
        return list(self.get(path, **{"limit": 1000, **query})["results"])

    def post(self, path: str, body: Any, *, status: int = 201) -> Json:
        return self.call("POST", path, status, json=body)

    def patch(self, path: str, body: Any, *, status: int = 200) -> Json:
        return self.call("PATCH", path, status, json=body)

    def control(self, method: str, path: str, body: Any = None, *, status: int | None = None) -> Json:
        """A call below `/_sandbox/`."""
        response = self.http.request(method, f"{self.url}/_sandbox/{path}", json=body)
        assert response.status_code == status if status else response.is_success, response.text[:500]
        return response.json() if response.content else None

    def place(self, **body: Any) -> Json:
        """A fresh order of the usual mix, all approved; returns it with its items."""
        placed = self.control("POST", "orders/", {"status": "400", **body})["placed"]
        return self.order(placed[0]["pk"])

    def order(self, pk: int) -> Json:
        order = self.get(f"orders/{pk}/")
        return {**order, "orderitem_set": self.rows("order_items/", order=pk)}


def sandbox(**options: Any) -> Omnitron:
    """A small one, seeded up to a fixed day."""
    return create(SeedPlan(day=DAY), **options)


@pytest.fixture(scope="module")
def omnitron() -> Omnitron:
    return sandbox()


@pytest.fixture(scope="module")
def address(omnitron: Omnitron) -> Iterator[str]:
    with Running(omnitron.app) as running:
        yield running.url


@pytest.fixture(scope="module")
def api(address: str) -> Iterator[Api]:
    api = Api(address)
    yield api
    api.http.close()


@pytest.fixture(scope="module")
def i1(address: str) -> Iterator[Api]:
    api = Api(address, "i1")
    yield api
    api.http.close()


@pytest.fixture
def order(api: Api) -> Json:
    """A fresh approved order of channel 1 with two items at least."""
    while len((order := api.place(channel=1))["orderitem_set"]) < 2:
        pass
    return order
