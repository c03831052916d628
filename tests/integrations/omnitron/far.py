"""A back office made of answers, for what the sandbox never does."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from packhouse.integrations import http

Answer = Callable[[httpx.Request], Any]


class Far:
    """Answers by (method, path below the prefix); what it was sent, in order."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.requests: list[httpx.Request] = []
        self.keys = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        name = request.url.path
        for suffix, answer in self.answers.items():
            if name.rstrip("/").endswith(suffix):
                given = answer(request) if callable(answer) else answer
                return given if isinstance(given, httpx.Response) else httpx.Response(200, json=given)
        if name.endswith("/auth/login/"):
            self.keys += 1
            return httpx.Response(200, json={"key": f"key-{self.keys}"})
        return httpx.Response(404, json={"detail": "Not found.", "code": "not_found"})

    def paths(self, *, login: bool = False) -> list[str]:
        shown = [f"{request.method} {request.url.path}" for request in self.requests]
        return [path for path in shown if login or "/auth/login/" not in path]

    def bodies(self, suffix: str) -> list[Any]:
        return [json.loads(request.content) for request in self.requests if request.url.path.endswith(suffix)]


@contextmanager
def far(**answers: Any) -> Iterator[Far]:
    """Everything the connector sends within the block goes there. Keys are the ends of paths."""
    side = Far(**answers)
    with httpx.Client(transport=httpx.MockTransport(side)) as client, http.using(client):
        yield side


def in_turn(*answers: Any) -> Answer:
    """One answer after the other, the last one again and again."""
    left = list(answers)

    def answer(_request: httpx.Request) -> Any:
        return left.pop(0) if len(left) > 1 else left[0]

    return answer
