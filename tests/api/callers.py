"""Callers of the API in tests."""

import json
from typing import Any

from django.http import StreamingHttpResponse
from django.test import Client

from packhouse.kernel.accounts import issue_key
from packhouse.kernel.models import Role, User
from packhouse.locations.models import LocationUser, StockLocation
from tests.builders import a_user

BASE = "/api/v1/oms/"


class Answer:
    """Status, headers and body of an answer."""

    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.headers = response.headers
        streamed = isinstance(response, StreamingHttpResponse)
        self.content: bytes = b"".join(response) if streamed else response.content

    @property
    def json(self) -> Any:
        return json.loads(self.content)


class Caller:
    """Calls with a key (or without one). Addresses are below the base unless they begin with a slash."""

    def __init__(self, key: str | None = None, user: User | None = None, **headers: str) -> None:
        self.key = key
        self.user = user
        given = {"authorization": f"Token {key}"} if key else {}
        self._client = Client(raise_request_exception=False, headers={**given, **headers})

    def call(self, method: str, address: str, body: Any = None, **headers: Any) -> Answer:
        """`body`: bytes as they are, anything else as JSON; `headers` by name with `_` for `-`."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        content_type = headers.pop("content_type", "application/json")
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        where = address if address.startswith("/") else BASE + address
        return Answer(self._client.generic(method, where, content, content_type, headers=names))

    def get(self, address: str, **headers: Any) -> Answer:
        return self.call("GET", address, **headers)

    def post(self, address: str, body: Any = None, **headers: Any) -> Answer:
        return self.call("POST", address, body, **headers)

    def put(self, address: str, body: Any = None, **headers: Any) -> Answer:
        return self.call("PUT", address, body, **headers)

    def patch(self, address: str, body: Any = None, **headers: Any) -> Answer:
        return self.call("PATCH", address, body, **headers)

    def delete(self, address: str, **headers: Any) -> Answer:
        return self.call("DELETE", address, **headers)

    def options(self, address: str, **headers: Any) -> Answer:
        return self.call("OPTIONS", address, **headers)


def a_caller(
    role: Role = Role.ADMIN,
    *,
    locations: list[StockLocation] | None = None,
    user_scopes: list[str] | None = None,
    **narrowing: Any,
) -> Caller:
    """A user of this role with a key; `narrowing` as in `issue_key`."""
    user = a_user(role=role, scopes=user_scopes or [])
    for location in locations or []:
        LocationUser.objects.create(user=user, location=location)
    return Caller(issue_key(user, name="test", **narrowing), user)
