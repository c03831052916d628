"""The bad answers themselves: ASGI applications that fail the way neighbours fail in the wild."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus

from starlette.types import Message, Receive, Scope, Send

from sandbox.faults import Decision

TRANSPORT = "sandbox.transport"
"""Key under `scope["state"]` where `sandbox.serve` leaves the connection, so that it can be cut."""
CLOSING = "sandbox.closing"
"""Key of an `asyncio.Event` there: set when the server ends, so that nobody is kept waiting then."""
ENDLESS_BYTES = 16 * 1024 * 1024
SILENCE_SECONDS = 600.0
_CHUNK = b"0" * 65536


async def wait_for_disconnect(receive: Receive) -> None:
    """Return when the other side has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def drop_connection(scope: Scope, receive: Receive) -> None:
    """Cut the TCP connection without an answer; the client sees a reset."""
    transport = scope.get("state", {}).get(TRANSPORT)
    if transport is None:
        raise ConnectionAbortedError("only under sandbox.serve can a sandbox cut its connections")
    transport.abort()
    await wait_for_disconnect(receive)


async def pause(scope: Scope, seconds: float) -> bool:
    """Wait; False, and earlier, when the server ends meanwhile."""
    closing = scope.get("state", {}).get(CLOSING) or asyncio.Event()
    try:
        await asyncio.wait_for(closing.wait(), seconds)
    except TimeoutError:
        return True
    return False


async def stay_silent(scope: Scope, receive: Receive) -> None:
    """Answer nothing until the client gives up; cut after SILENCE_SECONDS, or when the server ends."""
    gone = asyncio.create_task(wait_for_disconnect(receive))
    over = asyncio.create_task(pause(scope, SILENCE_SECONDS))
    await asyncio.wait((gone, over), return_when=asyncio.FIRST_COMPLETED)
    for each in (gone, over):
        each.cancel()
    if not gone.done():
        await drop_connection(scope, receive)


async def answer_badly(decision: Decision, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the injected status of `decision`, its nonsense body under status 200, or both."""
    status = decision.status or 200
    match decision.answer:
        case "html":
            await _whole(send, status, "text/html; charset=utf-8", _page(status))
        case "error_in_200":
            body = {"status": "error", "error": {"code": "sandbox_fault", "message": "Something went wrong"}}
            await _whole(send, 200, "application/json", json.dumps(body).encode())
        case "truncated":
            await _truncated(status, scope, receive, send)
        case "endless":
            await _endless(status, send)
        case _:
            await _injected(decision, send)


async def _injected(decision: Decision, send: Send) -> None:
    status = decision.status or 500
    body = {"detail": f"Injected by the sandbox: {_phrase(status)}", "code": "sandbox_fault"}
    extra = [] if decision.retry_after is None else [(b"retry-after", str(decision.retry_after).encode())]
    await _whole(send, status, "application/json", json.dumps(body).encode(), extra)


async def _whole(
    send: Send, status: int, content_type: str, body: bytes, extra: list[tuple[bytes, bytes]] | None = None
) -> None:
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send(_start(status, headers + (extra or [])))
    await send({"type": "http.response.body", "body": body})


async def _truncated(status: int, scope: Scope, receive: Receive, send: Send) -> None:
    await send(_start(status, [(b"content-type", b"application/json"), (b"content-length", b"4096")]))
    await send({"type": "http.response.body", "body": b'{"results": [{"id": 1, "na', "more_body": True})
    transport = scope.get("state", {}).get(TRANSPORT)
    if transport is not None:
        transport.close()
        await wait_for_disconnect(receive)


async def _endless(status: int, send: Send) -> None:
    await send(_start(status, [(b"content-type", b"application/json")]))
    await send({"type": "http.response.body", "body": b'{"number": 1', "more_body": True})
    for _ in range(ENDLESS_BYTES // len(_CHUNK)):
        await send({"type": "http.response.body", "body": _CHUNK, "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b"}"})


def _start(status: int, headers: list[tuple[bytes, bytes]]) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _page(status: int) -> bytes:
    title = f"{status} {_phrase(status)}"
    head, body = f"<head><title>{title}</title></head>", f"<body><h1>{title}</h1></body>"
    return f"<!DOCTYPE html><html>{head}{body}</html>".encode()
