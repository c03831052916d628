"""A brand's stock service, at the far end of the wire."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from packhouse.integrations import http
from packhouse.kernel import settings_store

URL = "https://stock.example.com/api/query/"
LOGIN = "https://stock.example.com/authentication/"

Answer = Callable[[httpx.Request], httpx.Response]


class Service:
    """Answers by `answer`; remembers what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answer(request)

    @property
    def asked(self) -> list[list[str]]:
        """The SKUs of each question."""
        return [each.url.params.get_list("sku") for each in self.requests if str(each.url).startswith(URL)]


@contextmanager
def a_service(answer: Answer) -> Iterator[Service]:
    service = Service(answer)
    with httpx.Client(transport=httpx.MockTransport(service)) as client, http.using(client):
        yield service


def rows(*given: tuple[str, str, object]) -> Answer:
    """A list of rows: sku, erp_code, quantity."""
    body = [{"sku": sku, "erp_code": code, "quantity": units} for sku, code, units in given]
    return lambda _request: httpx.Response(200, json=body)


def configure(*engines: Mapping[str, Any]) -> None:
    settings_store.put("STOCK_INTEGRATION", [dict(each) for each in engines])


def an_engine(number: int = 2, kind: str = "multiple", **auth: str) -> dict[str, Any]:
    return {
        "engine": number,
        "name": f"Engine {number}",
        "auth": auth or {"type": "anonymous"},
        "service": {"url": URL, "type": kind},
    }
