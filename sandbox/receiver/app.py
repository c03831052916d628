"""The receiver as a bare ASGI application: a benchmark sends it thousands of messages a second."""

from __future__ import annotations

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.control import ENTRY, Control, ControlError, json_object
from sandbox.json_text import parse_json
from sandbox.receiver.ledger import Ledger
from sandbox.signatures import is_signed

NOTE = "webhook"
"""Key of a recorded request under which stands what the receiver made of it."""
PRESETS = {"silent-webhooks": {"silent": True}}
ANY_PATH = "*"


class ReceiverSandbox:
    """`secret`, when given, holds for every path that has none of its own; `app` is what to serve.

    A message is answered 200; 401 when a secret is known and no signature fits, 400 when it is no event.
    Without a secret nothing is checked and `verified` is null.
    """

    def __init__(self, *, secret: str | None = None, control: bool = True) -> None:
        self._initial = {ANY_PATH: [secret]} if secret else {}
        self.secrets: dict[str, list[str]] = dict(self._initial)
        self.ledger = Ledger()
        routes = [
            Route("/received/", self._received),
            Route("/report/", self._report),
            Route("/secrets/", self._secrets_call, methods=["GET", "PUT"]),
        ]
        self.control = Control(reset=self._reset, routes=routes, enabled=control, presets=PRESETS)
        self.app: ASGIApp = self.control.wrap(self._take)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["method"] != "POST":
            await _send(send, 405, b'{"detail": "Webhooks are POSTed here; see /_sandbox/received/."}')
            return
        message = await receive()
        status, answer = self._judge(scope, message)
        await _send(send, status, answer)

    def _judge(self, scope: Scope, message: Message) -> tuple[int, bytes]:
        entry: dict[str, Any] = scope[ENTRY]
        body: bytes = message.get("body", b"")
        path: str = entry["path"]
        note: dict[str, Any] = {"verified": self._verified(path, entry["headers"], body)}
        entry[NOTE] = note
        if note["verified"] is False:
            self.ledger.bad_signature += 1
            return 401, b'{"detail": "No signature that fits this body and path."}'
        event = _event_of(body)
        if event is None:
            self.ledger.unreadable += 1
            return (
                400,
                b'{"detail": "The body is not {\\"event\\": {\\"type\\", \\"uuid\\"}, \\"payload\\"}."}',
            )
        note.update({key: event.get(key) for key in ("type", "uuid", "id", "subject", "sequence")})
        note.update(self.ledger.note(path, event, body))
        return 200, b'{"received": true}'

    def _verified(self, path: str, headers: dict[str, str], body: bytes) -> bool | None:
        secrets = self.secrets.get(path) or self.secrets.get(ANY_PATH)
        return is_signed(headers, body, secrets, time.time()) if secrets else None

    def _reset(self) -> None:
        self.secrets = dict(self._initial)
        self.ledger = Ledger()

    # Control calls

    async def _received(self, request: Request) -> Response:
        wanted = {
            key: request.query_params[key] for key in ("type", "subject") if key in request.query_params
        }
        rows = [{**row[NOTE], **row} for row in self.control.requests if NOTE in row]
        for row in rows:
            del row[NOTE]
        return JSONResponse([row for row in rows if all(row.get(k) == v for k, v in wanted.items())])

    async def _report(self, _request: Request) -> Response:
        return JSONResponse(self.ledger.report())

    async def _secrets_call(self, request: Request) -> Response:
        if request.method == "PUT":
            self.secrets = _checked_secrets(await json_object(request))
        return JSONResponse({path: len(secrets) for path, secrets in self.secrets.items()})


def _event_of(body: bytes) -> dict[str, Any] | None:
    try:
        envelope = parse_json(body)
    except ValueError:
        return None
    event = envelope.get("event") if isinstance(envelope, dict) and "payload" in envelope else None
    return event if isinstance(event, dict) and event.get("type") and event.get("uuid") else None


def _checked_secrets(body: dict[str, Any]) -> dict[str, list[str]]:
    secrets: dict[str, list[str]] = {}
    for path, value in body.items():
        if path != ANY_PATH and not path.startswith("/"):
            raise ControlError(f"'{path}' is neither a path with a leading slash nor '*'.", field=path)
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(each, str) and each for each in values):
            raise ControlError("A secret is a text, or a list of texts of which any may fit.", field=path)
        secrets[path] = values
    return secrets


async def _send(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
