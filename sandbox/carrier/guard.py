"""What every call must bring: HTTP Basic and the two mandatory headers."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.carrier.contract import API_VERSION, REQUEST_ID, error_response
from sandbox.credentials import basic_fits
from sandbox.schema_check import Problem

OPEN_PATH = "/track/"


class Guard:
    """Refuses with 401 or 400 before the service sees the call; the public tracking page is open."""

    def __init__(self, service: ASGIApp, *, username: str, password: str) -> None:
        self._service, self._username, self._password = service, username, password

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if len(scope["path"]) > 1 and scope["path"].endswith("/"):
                scope = {**scope, "path": scope["path"].rstrip("/")}
            request = Request(scope)
            refused = self._refusal(request)
            if refused is not None:
                status, headers, problems = refused
                await error_response(request, status, problems, headers)(scope, receive, send)
                return
        await self._service(scope, receive, send)

    def _refusal(self, request: Request) -> tuple[int, dict[str, str], list[Problem]] | None:
        if request.url.path.startswith(OPEN_PATH):
            return None
        if not basic_fits(request.headers.get("authorization"), self._username, self._password):
            problem = Problem(
                "Authorization", "unauthorized", "Wrong or missing HTTP Basic user and password."
            )
            return 401, {"WWW-Authenticate": 'Basic realm="carrier"'}, [problem]
        missing = [
            Problem(name, "required", "is missing")
            for name in (REQUEST_ID, API_VERSION)
            if not request.headers.get(name, "").strip()
        ]
        return (400, {}, missing) if missing else None
