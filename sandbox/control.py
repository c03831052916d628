"""The control desk every sandbox has under `/_sandbox/`: what came in, what shall go wrong, start again.

`Control(reset=state.clear, routes=[Route("/shipments/", list_shipments)]).wrap(app)` gives the application to
serve.
"""

from __future__ import annotations

import inspect
import ipaddress
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.faults import Decision, Faults, FaultsError
from sandbox.faulty_answers import answer_badly, drop_connection, pause, stay_silent
from sandbox.json_text import parse_json

ROOT = "/_sandbox/"
ENTRY = "sandbox.request"
"""Key of the ASGI scope under which an application finds the record of the request it is answering."""
MAX_REQUESTS = 50_000
MAX_KEPT_BYTES = 128 * 1024 * 1024
MAX_BODY_BYTES = 32 * 1024 * 1024


class ControlError(Exception):
    """A control call that cannot be obeyed: answered with `status` and `{"detail", "field"}`."""

    def __init__(self, message: str, *, field: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.message, self.field, self.status = message, field, status


class Control:
    """Records requests, injects faults, serves `/_sandbox/`. One per sandbox app.

    `reset` empties the sandbox's own state; it may be a coroutine function. `routes` are further control
    calls, their paths relative to `/_sandbox` and ending in a slash. With `enabled` false nothing answers
    there. `presets` adds to, or replaces, the named sets of faults.
    """

    def __init__(
        self,
        *,
        reset: Callable[[], Awaitable[None] | None] | None = None,
        routes: Sequence[BaseRoute] = (),
        enabled: bool = True,
        presets: Mapping[str, dict[str, Any]] | None = None,
    ) -> None:
        self.requests: list[dict[str, Any]] = []
        self._kept_bytes = 0
        self._faults = Faults()
        self._presets = dict(presets or {})
        self._reset = reset
        self._enabled = enabled
        self._desk = self._build_desk(routes)

    @property
    def faults(self) -> dict[str, Any]:
        """The faults in force, the preset filled in; empty when there are none or `until` has passed."""
        if self._faults.expired(datetime.now(UTC)):
            self._faults = Faults()
        return self._faults.body

    def set_faults(self, body: object) -> dict[str, Any]:
        """Replace the faults; returns them with the preset filled in. Raises FaultsError naming the field."""
        self._faults = Faults.parse(body, self._presets)
        return self._faults.body

    def clear_requests(self) -> None:
        """Forget what was recorded."""
        self.requests.clear()
        self._kept_bytes = 0

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """The application with recording and faults around it and the control desk beside it."""

        async def controlled(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
            elif scope["path"].startswith(ROOT) or scope["path"] == ROOT[:-1]:
                await self._serve_desk(scope, receive, send)
            else:
                await self._serve_recorded(app, scope, receive, send)

        return controlled

    async def _serve_recorded(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        entry = _entry(scope)
        body = await _read_body(receive)
        if body is None:
            return
        too_big = len(body) > MAX_BODY_BYTES
        entry["body"] = "" if too_big else body.decode("utf-8", "backslashreplace")
        self._keep(entry)
        scope[ENTRY] = entry
        decision = self._faults.decide(scope["path"]) if self.faults else None

        async def send_noting_status(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry["status"] = message["status"]
            await send(message)

        if too_big:
            refusal = JSONResponse({"detail": f"The body is over {MAX_BODY_BYTES} bytes."}, 413)
            await refusal(scope, receive, send_noting_status)
        elif decision is None:
            await app(scope, _replay(body, receive), send_noting_status)
        else:
            await _suffer(decision, app, scope, _replay(body, receive), send_noting_status)

    def _keep(self, entry: dict[str, Any]) -> None:
        self.requests.append(entry)
        self._kept_bytes += len(entry["body"])
        while len(self.requests) > MAX_REQUESTS or self._kept_bytes > MAX_KEPT_BYTES:
            self._kept_bytes -= len(self.requests.pop(0)["body"])

    # The control desk

    def _build_desk(self, routes: Sequence[BaseRoute]) -> ASGIApp:
        common = [
            Route("/", self._index),
            Route("/requests/", self._list_requests, methods=["GET"]),
            Route("/requests/", self._forget_requests, methods=["DELETE"]),
            Route("/reset/", self._reset_all, methods=["POST"]),
            Route("/faults/", self._faults_call, methods=["GET", "PUT", "DELETE"]),
        ]
        handlers: dict[Any, Any] = {
            ControlError: _answer_bad_call,
            FaultsError: _answer_bad_faults,
            HTTPException: _answer_http,
        }
        self._calls = sorted({getattr(route, "path", "") for route in [*routes, *common]})
        return Starlette(routes=[Mount(ROOT[:-1], routes=[*routes, *common])], exception_handlers=handlers)

    async def _serve_desk(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        if not scope["path"].endswith("/"):
            scope = {**scope, "path": scope["path"] + "/", "raw_path": None}
        await self._desk(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        if not self._enabled:
            return JSONResponse({"detail": "The control calls of this sandbox are switched off."}, 404)
        client = scope.get("client")
        if client is None or not ipaddress.ip_address(client[0]).is_loopback:
            return JSONResponse({"detail": "Control calls are for clients on this machine only."}, 403)
        return None

    async def _index(self, _request: Request) -> Response:
        return JSONResponse({"calls": [ROOT[:-1] + path for path in self._calls], "faults": self.faults})

    async def _list_requests(self, request: Request) -> Response:
        prefix = request.query_params.get("path", "")
        return JSONResponse([each for each in self.requests if each["path"].startswith(prefix)])

    async def _forget_requests(self, _request: Request) -> Response:
        self.clear_requests()
        return Response(status_code=204)

    async def _reset_all(self, _request: Request) -> Response:
        if self._reset is not None:
            done = self._reset()
            if inspect.isawaitable(done):
                await done
        self._faults = Faults()
        self.clear_requests()
        return Response(status_code=204)

    async def _faults_call(self, request: Request) -> Response:
        if request.method == "PUT":
            self.set_faults(await json_object(request))
        elif request.method == "DELETE":
            self._faults = Faults()
        return JSONResponse(self.faults)


async def json_object(request: Request) -> dict[str, Any]:
    """The JSON object a control call carries; an empty body is an empty object. Raises ControlError."""
    raw = await request.body()
    if not raw.strip():
        return {}
    try:
        body = parse_json(raw)
    except ValueError as error:
        raise ControlError(f"The body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise ControlError("The body must be a JSON object.")
    return body


def _entry(scope: Scope) -> dict[str, Any]:
    """What is kept of a request: `headers` by lower-case name, `query` and `body` as text exactly as they
    came, `status` the answer's, null when none went out."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return {
        "at": datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode("latin-1"),
        "headers": headers,
        "body": "",
        "status": None,
    }


async def _read_body(receive: Receive) -> bytes | None:
    """The whole body, or as much as shows it too big; None when the client hung up within it."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        return message.get("body", b"")
    parts, size = [], 0
    while message["type"] == "http.request":
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body") or size > MAX_BODY_BYTES:
            return b"".join(parts)
        message = await receive()
    return None


def _replay(body: bytes, receive: Receive) -> Receive:
    first = True

    async def replayed() -> Message:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return replayed


async def _suffer(decision: Decision, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as decided. A dropped connection or an injected answer never reaches the application; a dropped
    answer is the answer of an application that did its work."""
    in_time = not decision.latency_s or await pause(scope, decision.latency_s)
    if decision.silent:
        await stay_silent(scope, receive)
    elif decision.drop_connection or not in_time:
        await drop_connection(scope, receive)
    elif decision.status is not None or decision.answer is not None:
        await answer_badly(decision, scope, receive, send)
    elif decision.drop_answer:
        await app(scope, receive, _swallow)
        await drop_connection(scope, receive)
    else:
        await app(scope, receive, send)


async def _swallow(message: Message) -> None:
    """Take an answer and send nothing."""


async def _answer_bad_call(_request: Request, error: ControlError) -> Response:
    return JSONResponse({"detail": error.message, "field": error.field}, error.status)


async def _answer_bad_faults(_request: Request, error: FaultsError) -> Response:
    return JSONResponse({"detail": str(error), "field": error.field}, 400)


async def _answer_http(_request: Request, error: HTTPException) -> Response:
    return JSONResponse({"detail": error.detail}, error.status_code, headers=error.headers)
