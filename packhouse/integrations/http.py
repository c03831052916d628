"""Calls to outside systems, the same rules for all: time-outs, bounded answers, retries, circuit breaker, log.

    answer = send(Call("omnitron/1", "orders", "GET", url), IN_REQUEST)

Never inside a transaction (then RuntimeError), so that no row is locked while somebody else is waited for.
"""

import base64
import json
import logging
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import stamina
from django.db import transaction

from packhouse.integrations import advisory, circuit
from packhouse.integrations.failures import (
    BadAnswer,
    Busy,
    CircuitOpen,
    Refused,
    TemporaryFailure,
    Unreachable,
    of_status,
    retry_after,
)
from packhouse.integrations.masking import masked, masked_url
from packhouse.integrations.models import FailedCall
from packhouse.kernel import clock, tracing
from packhouse.kernel.configuration import CallAuth

logger = logging.getLogger(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)  # it would say every call a second time

MEGABYTE = 1024 * 1024
FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
SERVER_ERROR = 500
FAILURES_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often one call is tried, and for how many seconds in all."""

    tries: int
    within: float


ONCE = Patience(tries=1, within=120)
IN_REQUEST = Patience(tries=3, within=10)
IN_BACKGROUND = Patience(tries=3, within=60)
"""A job goes on where this ends: it comes back later (`packhouse.integrations.patience`)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `system` is whom we call (`omnitron/1`): circuit, log and the limit `parallel` go by it.

    `body` is sent as JSON, `content` as it stands. Seconds for `connect` and `read`; an answer longer than
    `largest` bytes is an error.
    """

    system: str
    endpoint: str
    method: str
    url: str
    params: tuple[tuple[str, str], ...] = ()
    body: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    connect: float = 5
    read: float = 20
    largest: int = 20 * MEGABYTE
    parallel: int | None = None

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc.rpartition("@")[2]

    def sent(self) -> bytes | None:
        """The bytes of the body."""
        return json.dumps(self.body).encode() if self.body is not None else self.content


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer, read to its end. `call`: what it answers."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    call: Call | None = field(default=None, repr=False, compare=False)

    def json(self) -> Any:
        """The body as JSON; nothing: None. Raises BadAnswer (an error page of something in between)."""
        if not self.content.strip():
            return None
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            raise self.unfit("The answer is not JSON.") from None

    def unfit(self, text: str) -> BadAnswer:
        """The error to raise for an answer that is not what the protocol says; kept among the failed calls."""
        error = BadAnswer(text, status=self.status, content=self.content)
        if self.call is not None:
            _note_failure(self.call, error, 0, self)
        return error


class _Clients:
    """One pool of connections per process."""

    shared: httpx.Client | None = None


def _client() -> httpx.Client:
    if _Clients.shared is None:
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=16, keepalive_expiry=30)
        _Clients.shared = httpx.Client(follow_redirects=False, limits=limits)
    return _Clients.shared


@contextmanager
def using(client: httpx.Client) -> Iterator[None]:
    """Send everything through this client within the block (tests put a transport of theirs here)."""
    before, _Clients.shared = _Clients.shared, client
    try:
        yield
    finally:
        _Clients.shared = before


def send(call: Call, patience: Patience = IN_REQUEST) -> Answer:
    """Send, and try again what may be tried again, within `patience`.

    Raises TemporaryFailure (Unreachable, Unavailable, CircuitOpen, Busy, BadAnswer) for what may go well later,
    Refused for every other answer that is not 2xx.
    """
    with transaction.atomic(durable=True):
        pass  # raises RuntimeError inside of a transaction
    backoff = _Backoff(patience)
    for attempt in stamina.retry_context(on=backoff, attempts=patience.tries, timeout=patience.within):
        with attempt:
            return _try(call, backoff)
    raise AssertionError("stamina gives the last error or the answer")


class _Backoff:
    """Which failures are tried again at once, and after how many seconds: exponential, full jitter."""

    def __init__(self, patience: Patience) -> None:
        self._deadline = time.monotonic() + patience.within
        self._failures = 0

    @property
    def left(self) -> float:
        return self._deadline - time.monotonic()

    def __call__(self, error: Exception) -> bool | float:
        if not isinstance(error, TemporaryFailure) or isinstance(error, CircuitOpen):
            return False
        self._failures += 1
        wait = error.retry_after
        if wait is None:
            wait = full_jitter(self._failures)
        return wait if wait < self.left else False


def full_jitter(failures: int) -> float:
    """Seconds to wait after the n-th failure in a row: 0 up to 1, 2, 4 … 300."""
    return random.uniform(0, min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(failures - 1, 16)))  # noqa: S311


def _try(call: Call, backoff: _Backoff) -> Answer:
    """One attempt, in one of the places that the system's limit allows."""
    if call.parallel is None:
        return _guarded(call, backoff)
    try:
        with advisory.held(f"calls to {call.system}", wait=max(0.0, backoff.left), places=call.parallel):
            return _guarded(call, backoff)
    except advisory.NotFree:
        raise Busy(f"{call.system} has {call.parallel} calls under way already.") from None


def _guarded(call: Call, backoff: _Backoff) -> Answer:
    key = f"{call.system} {call.host}"
    try:
        circuit.enter(key)
    except circuit.Open as error:
        seconds = max(0.0, (error.until - clock.now()).total_seconds())
        raise CircuitOpen(f"{call.system} does not answer at present.", retry_after=seconds) from None
    started = time.monotonic()
    try:
        response = _exchange(call, max(0.1, backoff.left))
    except TemporaryFailure as error:
        if isinstance(error, Unreachable):
            circuit.failed(key)
        _note_failure(call, error, _milliseconds(started))
        raise
    if response.status >= SERVER_ERROR:
        circuit.failed(key)
    else:
        circuit.succeeded(key)
    return _judged(call, response, started)


def _exchange(call: Call, left: float) -> Answer:
    """Send and read; every fault of the network, and an answer too long, as one of ours."""
    timeouts = httpx.Timeout(min(call.read, left), connect=min(call.connect, left))
    deadline = time.monotonic() + min(2 * call.read + call.connect, left)
    try:
        with _client().stream(
            call.method,
            call.url,
            params=call.params or None,
            content=call.sent(),
            headers=_headers(call),
            timeout=timeouts,
        ) as response:
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > call.largest:
                    raise BadAnswer(
                        f"The answer is longer than {call.largest} bytes.", status=response.status_code
                    )
                if time.monotonic() > deadline:
                    raise Unreachable("The answer did not end in time.")
            return Answer(response.status_code, dict(response.headers), bytes(content), call)
    except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL) as error:
        raise Unreachable(
            f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        ) from None


def _headers(call: Call) -> dict[str, str]:
    headers = {"Accept": "application/json", "User-Agent": "packhouse"}
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    headers[tracing.HEADER] = tracing.request_id() or tracing.new_request_id()
    return {**headers, **call.headers}


def _judged(call: Call, answer: Answer, started: float) -> Answer:
    error = of_status(
        answer.status, f"{call.system} answered {answer.status}.", answer.content, retry_after(answer.headers)
    )
    if error is not None:
        _note_failure(call, error, _milliseconds(started), answer)
        raise error
    logger.info(
        "%s %s %s %s in %d ms, request %s",
        call.system,
        call.endpoint,
        call.method,
        answer.status,
        _milliseconds(started),
        tracing.request_id(),
    )
    return answer


def _note_failure(
    call: Call, error: TemporaryFailure | Refused, milliseconds: int, answer: Answer | None = None
) -> None:
    """Bodies are kept of failures only, without secrets and personal data."""
    logger.warning(
        "%s %s %s failed in %d ms, request %s: %s",
        call.system,
        call.endpoint,
        call.method,
        milliseconds,
        tracing.request_id(),
        error,
    )
    FailedCall.objects.create(
        system=call.system,
        endpoint=call.endpoint,
        method=call.method,
        url=masked_url(call.url),
        status=answer.status if answer else None,
        milliseconds=milliseconds,
        request_id=tracing.request_id() or "",
        error=str(error),
        request_body=masked(call.sent()),
        answer_body=masked(answer.content if answer else None),
    )


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def login_headers(auth: CallAuth) -> dict[str, str]:
    """How a customer's service is logged in to: nothing, HTTP Basic, or a token."""
    if auth.request_type == "basic_auth":
        login = base64.b64encode(f"{auth.username}:{auth.password}".encode()).decode()
        return {"Authorization": f"Basic {login}"}
    if auth.request_type == "token":
        return {"Authorization": f"{auth.token_prefix} {auth.token}".strip()}
    return {}


def with_headers(call: Call, headers: Mapping[str, str]) -> Call:
    """The same call with more headers."""
    return replace(call, headers={**call.headers, **headers})


def at(call: Call, url: str) -> Call:
    """The same call to another address."""
    return replace(call, url=url)


def forget_failures() -> int:
    """Delete failed calls that nobody looks at any more; how many."""
    deleted, _ = FailedCall.objects.filter(created_date__lt=clock.now() - FAILURES_KEPT).delete()
    return deleted
