"""Calling the API as a user."""

import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from packhouse.kernel.accounts import Actor, issue_key
from packhouse.kernel.models import User

BASE = "/api/v1/oms/whisperer/"


class Caller:
    """The API with a user's key; `path` below `whisperer/` unless it begins with a slash."""

    def __init__(self, actor: Actor, **narrowed: Any) -> None:
        self.actor = actor
        key = issue_key(User.objects.get(pk=actor.user_id), name="test", **narrowed)
        self._client = Client(headers={"Authorization": f"Token {key}"})

    def get(self, path: str, **query: Any) -> Any:
        return self._client.get(_full(path), query)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer: HttpResponse = self._client.generic(
            method, _full(path), json.dumps(body), content_type="application/json", headers=headers
        )
        return answer

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, {} if body is None else body, **headers)


def _full(path: str) -> str:
    return path if path.startswith("/") else BASE + path
