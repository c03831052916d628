"""One request over one kept connection: the address checked before it is connected to, the answer bounded."""

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import httpcore
import httpx

from packhouse.kernel.addresses import Allowed, Place, RefusedTarget, literal, refusal

READ_BYTES: Final = 64 * 1024
KEPT_BYTES: Final = 4 * 1024
KEPT_HEADERS: Final = 50
IDLE_SECONDS: Final = 15.0
FAULT_STATUS: Final = 500

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `total` bounds an attempt as a whole."""

    connect: float
    read: float

    @property
    def total(self) -> float:
        return 1.5 * max(self.connect, self.read)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an attempt led to. `fault` names what went wrong on the way (None: an answer came); such an
    attempt has the status 500 and the fault's text as its content."""

    status: int
    content: str
    headers: Mapping[str, str]
    seconds: float
    fault: str | None = None

    @property
    def delivered(self) -> bool:
        return self.fault is None and 200 <= self.status <= 299


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request ready to go: `url` of the target, the headers in order, the exact body."""

    url: httpcore.URL
    headers: Headers
    body: bytes


@cache
def trust_store() -> ssl.SSLContext:
    """What certificates are verified against; reading it takes a while."""
    return httpx.create_ssl_context()


@dataclass(frozen=True)
class Network:
    """What connections are made with: the exceptions from the refusals, the trust store, threads for DNS."""

    allowed: Allowed
    tls: ssl.SSLContext
    resolvers: Executor

    async def connect(self, place: Place) -> "_Stream":
        """Connect to the first of the host's permitted addresses that answers.

        Raises RefusedTarget when none is permitted, OSError when none answers.
        """
        failure: OSError | None = None
        for address in await self._addresses(place):
            try:
                reader, writer = await asyncio.open_connection(
                    address,
                    place.port,
                    ssl=self.tls if place.scheme == "https" else None,
                    server_hostname=place.host if place.scheme == "https" else None,
                )
                return _Stream(reader, writer)
            except OSError as error:
                failure = failure or error
        raise failure or RefusedTarget(refusal(place.host))

    async def _addresses(self, place: Place) -> list[str]:
        given = literal(place.host)
        found = [str(given)] if given else await self._resolved(place)
        checked = [(text, literal(text)) for text in dict.fromkeys(found)]
        return [text for text, address in checked if address and self.allowed.permits(place.host, address)]

    async def _resolved(self, place: Place) -> list[str]:
        loop = asyncio.get_running_loop()
        rows = await loop.run_in_executor(
            self.resolvers, lambda: socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        )
        return [str(row[4][0]) for row in rows]


class _Stream(httpcore.AsyncNetworkStream):
    """asyncio's streams as httpcore wants them. What is written goes out in one piece when an answer is read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._unsent: list[bytes] = []

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            async with asyncio.timeout(timeout):
                if self._unsent:
                    pieces, self._unsent = self._unsent, []
                    self._writer.write(b"".join(pieces))
                    await self._writer.drain()
                return await self._reader.read(max_bytes)
        except TimeoutError:
            raise httpcore.ReadTimeout(f"No answer within {timeout:g} s.") from None
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._unsent.append(buffer)

    async def aclose(self) -> None:
        self._writer.transport.abort()

    def get_extra_info(self, info: str) -> Any:
        """`is_readable` of an idle connection: the other side has hung up, or sent what nobody asked for."""
        if info == "is_readable":
            return self._reader.at_eof() or self._writer.transport.is_closing()
        return None


class Line:
    """A connection to one place that is kept between requests and made again when it is gone."""

    def __init__(self, place: Place, network: Network, timeouts: Timeouts) -> None:
        self._place, self._network, self._timeouts = place, network, timeouts
        self._connection: httpcore.AsyncHTTP11Connection | None = None

    async def post(self, request: Outgoing) -> Answer:
        """Send, and read the answer as far as it is of interest. Never raises for what the network does."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._timeouts.total):
                status, headers, content = await self._exchange(request)
        except Exception as error:  # noqa: BLE001 - whatever a stranger's server does is an answer to be recorded
            await self.close()
            kind, text = fault_of(error, self._timeouts.total)
            return Answer(FAULT_STATUS, text, {}, time.perf_counter() - started, fault=kind)
        return Answer(status, _text(content), _kept(headers), time.perf_counter() - started)

    async def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with contextlib.suppress(Exception):
                await connection.aclose()

    async def _exchange(self, request: Outgoing) -> tuple[int, Headers, bytes]:
        was_kept = await self._ready()
        try:
            return await self._send(request)
        except (httpcore.RemoteProtocolError, httpcore.ReadError):
            # The other side may hang up just as the next request leaves; only a fresh connection tells.
            if not was_kept:
                raise
            await self.close()
            await self._ready()
            return await self._send(request)

    async def _ready(self) -> bool:
        """Have a connection; whether it is one that was kept."""
        if self._connection is not None and not self._connection.has_expired() and self._connection.is_idle():
            return True
        await self.close()
        try:
            async with asyncio.timeout(self._timeouts.connect):
                stream = await self._network.connect(self._place)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"No connection within {self._timeouts.connect:g} s.") from None
        place = self._place
        origin = httpcore.Origin(place.scheme.encode(), place.host.encode(), place.port)
        self._connection = httpcore.AsyncHTTP11Connection(origin, stream, keepalive_expiry=IDLE_SECONDS)
        return False

    async def _send(self, request: Outgoing) -> tuple[int, Headers, bytes]:
        assert self._connection is not None  # noqa: S101 - `_ready` made it
        response = await self._connection.handle_async_request(
            httpcore.Request(
                b"POST",
                request.url,
                headers=request.headers,
                content=request.body,
                extensions={"timeout": {"read": self._timeouts.read}},
            )
        )
        content = b""
        assert not isinstance(response.stream, bytes)  # noqa: S101
        async for chunk in response.aiter_stream():
            content += chunk
            if len(content) >= READ_BYTES:
                break
        await response.aclose()
        return response.status, list(response.headers), content


_KINDS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (RefusedTarget, "refused_target"),
    (httpcore.TimeoutException, "timeout"),
    (TimeoutError, "timeout"),
    (ssl.SSLError, "tls"),
    (socket.gaierror, "dns"),
    (httpcore.NetworkError, "network"),
    (httpcore.ProtocolError, "protocol"),
    (OSError, "connect"),
)


def fault_of(error: Exception, total: float) -> tuple[str, str]:
    """Kind and text of what went wrong."""
    kind = next((kind for type_, kind in _KINDS if isinstance(error, type_)), "network")
    text = str(error)
    if isinstance(error, TimeoutError) and not isinstance(error, httpcore.TimeoutException):
        text = f"Not done within {total:g} s."
    return kind, _clean(text or type(error).__name__)


def _text(content: bytes) -> str:
    return _clean(content[:KEPT_BYTES].decode("utf-8", "replace"))


def _clean(text: str) -> str:
    """A text that PostgreSQL can store."""
    return text.replace("\x00", "\ufffd")


def _kept(headers: Headers) -> dict[str, str]:
    return {
        name.decode("latin-1")[:128]: _clean(value.decode("latin-1"))[:1024]
        for name, value in headers[:KEPT_HEADERS]
    }
