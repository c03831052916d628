"""From a request to an answer: keys, JSON in and out, refusals, and the transaction around a handler."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from sandbox.omnitron.auth import user_of
from sandbox.omnitron.box import Box, log
from sandbox.omnitron.errors import ApiError, MethodNotAllowed, NotFound, plain_error
from sandbox.omnitron.hooks.changes import Changes
from sandbox.omnitron.rules.cleaning import objects
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store
from sandbox.omnitron.values import BadValue, as_integer

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Answer:
    """A status and the JSON beside it."""

    body: Any = None
    status: int = 200


@dataclass
class Call:
    """One request, read: `path` parameters, `query` pairs in order, JSON `body` (null when there was none), `url`
    without the query."""

    box: Box
    path: Mapping[str, str]
    query: list[tuple[str, str]]
    body: Any
    url: str
    prefix: str
    user: Row
    changes: Changes = field(default_factory=Changes)

    @property
    def store(self) -> Store:
        """The store."""
        return self.box.store

    def parameter(self, name: str) -> str:
        """The last value of a query parameter, empty when it is not there."""
        return next((value for key, value in reversed(self.query) if key == name), "")

    def id(self, name: str = "id") -> int:
        """A path parameter that names a row. Raises NotFound when it is no number."""
        try:
            return as_integer(self.path[name])
        except BadValue:
            raise NotFound() from None

    def channel(self) -> Row:
        """The channel in the path. Raises NotFound."""
        found = self.store.get(TABLES["channel"], self.id("channel"))
        if found is None:
            raise NotFound()
        return found

    def object_body(self) -> dict[str, Any]:
        """The body as an object; an absent one is empty. Raises BadRequest."""
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise plain_error(f"Invalid data. Expected a dictionary, but got {type(self.body).__name__}.")
        return self.body

    def list_body(self, name: str) -> list[dict[str, Any]]:
        """A list of objects in the body, under `name`. Raises BadRequest naming it."""
        return objects(self.object_body().get(name), name)


Handler = Callable[[Call], Any]


class Endpoint:
    """One path as an ASGI application: the handler of each method. With `public` no key is asked for."""

    def __init__(
        self, box: Box, prefix: str, handlers: Mapping[str, Handler], *, public: bool = False
    ) -> None:
        self._box = box
        self._prefix = prefix
        self._handlers = handlers
        self._public = public

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except ApiError as refusal:
            answer = Answer(refusal.body, refusal.status)
        except ClientDisconnect:
            return
        except Exception:  # noqa: BLE001  (never a 5xx: the public clients sleep for minutes on one)
            log.exception("could not answer %s %s", request.method, request.url.path)
            body = {
                "non_field_errors": ["The sandbox could not make sense of this."],
                "code": "sandbox_error",
            }
            answer = Answer(body, 400)
        await self._response(answer)(scope, receive, send)

    async def _answer(self, request: Request) -> Answer:
        method = "GET" if request.method == "HEAD" else request.method
        user = {} if self._public else user_of(self._box.store, request.headers.get("authorization", ""))
        if method == "OPTIONS":
            return Answer({"name": request.url.path, "methods": sorted(self._handlers)})
        handler = self._handlers.get(method)
        if handler is None:
            raise MethodNotAllowed(request.method)
        call = Call(
            box=self._box,
            path=request.path_params,
            query=request.query_params.multi_items(),
            body=_read_json(await request.body()),
            url=f"{request.url.replace(query='')}/",
            prefix=self._prefix,
            user=user,
        )
        return await self._handle(handler, call, method)

    async def _handle(self, handler: Handler, call: Call, method: str) -> Answer:
        if inspect.iscoroutinefunction(handler):
            result = await handler(call)
        elif method in SAFE_METHODS:
            result = handler(call)
        else:
            with self._box.unit() as call.changes:
                result = handler(call)
        return result if isinstance(result, Answer) else Answer(result)

    def _response(self, answer: Answer) -> Response:
        if answer.status == 204:
            return Response(status_code=204)
        headers = {"WWW-Authenticate": "Token"} if answer.status == 401 else None
        if answer.status == 405:
            headers = {"Allow": ", ".join(sorted(self._handlers))}
        return JSONResponse(answer.body, answer.status, headers=headers)


def _read_json(raw: bytes) -> Any:
    if not raw.strip():
        return None
    try:
        body = json.loads(raw, parse_constant=_refuse_constant)
        if b"\\u" in raw:
            json.dumps(body, ensure_ascii=False).encode()  # half of a surrogate pair is no text
        return body
    except (ValueError, RecursionError) as error:
        raise plain_error(f"JSON parse error - {error}", "parse_error") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
