"""All paths, under both prefixes, with and without the last slash."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.omnitron.box import Box
from sandbox.omnitron.call import Endpoint
from sandbox.omnitron.errors import NotFound
from sandbox.omnitron.views import (
    accounts,
    cancellations,
    catalog,
    empty,
    integration,
    items,
    orders,
    people,
    reference,
    stores,
    whisperer,
)
from sandbox.omnitron.views.generic import Routes

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]
PREFIXES = ("v1", "i1")
_MODULES = (
    accounts,
    orders,
    items,
    reference,
    stores,
    people,
    catalog,
    cancellations,
    integration,
    whisperer,
    empty,
)


def build_wire(box: Box, lifespan: Lifespan) -> ASGIApp:
    """The wire of the sandbox as one ASGI application."""
    mounts = [Mount(f"/api/{prefix}", routes=_versioned(box, prefix)) for prefix in PREFIXES]
    unversioned = Mount("/api", routes=_routes(box, "v1", cancellations.PLAN_ROUTES))
    handlers = {HTTPException: _no_such_path}
    return _WithoutLastSlash(
        Starlette(routes=[*mounts, unversioned], lifespan=lifespan, exception_handlers=handlers)
    )


async def _no_such_path(request: Request, _error: Exception) -> Response:
    refusal = NotFound(f"There is nothing at {request.url.path}.")
    return JSONResponse(refusal.body, refusal.status)


def _versioned(box: Box, prefix: str) -> list[BaseRoute]:
    merged: Routes = {}
    for module in _MODULES:
        for path, handlers in module.ROUTES.items():
            merged[path] = {**merged.get(path, {}), **handlers}
    return [*_routes(box, prefix, accounts.PUBLIC, public=True), *_routes(box, prefix, merged)]


def _routes(box: Box, prefix: str, routes: Routes, *, public: bool = False) -> list[BaseRoute]:
    """Paths with words before paths with parameters, so that `updates` is no id."""
    ordered = sorted(routes, key=lambda path: [step.startswith("{") for step in path.split("/")])
    return [Route(path, Endpoint(box, prefix, routes[path], public=public)) for path in ordered]


class _WithoutLastSlash:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
        await self._app(scope, receive, send)
