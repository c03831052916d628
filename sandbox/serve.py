"""Running a sandbox: as a process of its own (`serve`) or in a thread of a test (`Running`)."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp

from sandbox.faulty_answers import CLOSING, TRANSPORT

START_SECONDS = 60.0
STOP_SECONDS = 10.0
_GRACE_SECONDS = 1


@dataclass(frozen=True)
class Listener:
    """One more port of the same application; https when it has a certificate."""

    port: int
    certfile: str | None = None
    keyfile: str | None = None


class ServeError(Exception):
    """The sandbox could not start; the text says why."""


class _Server(uvicorn.Server):
    """uvicorn without its signal handling: several of these share one process and end together."""

    def __init__(self, config: uvicorn.Config, closing: asyncio.Event) -> None:
        super().__init__(config)
        self._closing = closing

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._closing.set()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class _Endpoint:
    """A bound socket and the server that will accept on it."""

    def __init__(self, app: ASGIApp, host: str, listener: Listener, *, lifespan: bool) -> None:
        self.socket = _bind(host, listener.port)
        port = self.socket.getsockname()[1]
        scheme = "https" if listener.certfile else "http"
        self.url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
        closing = asyncio.Event()
        config = _config(app, listener, lifespan=lifespan)
        config.http_protocol_class = _with_state(config.http_protocol_class, closing)
        self.server = _Server(config, closing)

    async def run(self) -> None:
        try:
            await self.server.serve(sockets=[self.socket])
        except SystemExit:  # uvicorn's way to say that the application's start-up failed
            raise ServeError(f"{self.url}: the application did not start") from None


def serve(
    app: ASGIApp,
    *,
    name: str,
    host: str,
    port: int,
    ssl_certfile: str | None = None,
    ssl_keyfile: str | None = None,
    extra_ports: Sequence[Listener] = (),
) -> None:
    """Serve until SIGTERM or SIGINT, then end cleanly. Raises ServeError, for example for a port in use.

    Once everything answers, the first line on stdout is `<name> sandbox at <url>`; port 0 takes a free one.
    `extra_ports` serves the same application on further ports, for example https beside http.
    """
    listeners = [Listener(port, ssl_certfile, ssl_keyfile), *extra_ports]
    endpoints = _endpoints(app, host, listeners)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _stop, endpoints)
        await _serve_all(endpoints, lambda: _announce(name, endpoints))

    with asyncio.Runner(loop_factory=endpoints[0].server.config.get_loop_factory()) as runner:
        runner.run(main())


class Running:
    """A sandbox in a thread of this process, for tests: `with Running(app) as it: httpx.get(it.url)`.

    `url` has no path. Give the `port` of an earlier one to have it come back at the same address.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        ssl_certfile: str | None = None,
        ssl_keyfile: str | None = None,
    ) -> None:
        self._endpoints = _endpoints(app, host, [Listener(port, ssl_certfile, ssl_keyfile)])
        self.url = self._endpoints[0].url
        self.port: int = self._endpoints[0].socket.getsockname()[1]
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"sandbox {self.url}", daemon=True)

    def start(self) -> Self:
        """Start and wait until it answers. Raises ServeError."""
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise ServeError(f"{self.url} did not start within {START_SECONDS:.0f} s")
        if self._failure is not None:
            raise ServeError(f"{self.url} did not start: {self._failure}") from self._failure
        return self

    def stop(self) -> None:
        """Stop and wait for the end; what is still being answered is cut off after a second."""
        _stop(self._endpoints)
        self._thread.join(STOP_SECONDS)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def _run(self) -> None:
        factory = self._endpoints[0].server.config.get_loop_factory()
        try:
            with asyncio.Runner(loop_factory=factory) as runner:
                runner.run(_serve_all(self._endpoints, self._ready.set))
        except Exception as error:  # noqa: BLE001  (handed to whoever waits in start())
            self._failure = error
            self._ready.set()


async def _serve_all(endpoints: Sequence[_Endpoint], ready: Any) -> None:
    """The first endpoint runs the application's start-up; the others follow once it is through."""
    tasks: list[asyncio.Task[None]] = []
    for endpoint in endpoints:
        tasks.append(asyncio.create_task(endpoint.run()))
        while not endpoint.server.started:
            if tasks[-1].done():
                _stop(endpoints)
                await asyncio.gather(*tasks)
                return
            await asyncio.sleep(0.005)
    ready()
    await asyncio.gather(*tasks)


def _endpoints(app: ASGIApp, host: str, listeners: Sequence[Listener]) -> list[_Endpoint]:
    return [_Endpoint(app, host, each, lifespan=index == 0) for index, each in enumerate(listeners)]


def _stop(endpoints: Sequence[_Endpoint]) -> None:
    for endpoint in endpoints:
        endpoint.server.should_exit = True


def _announce(name: str, endpoints: Sequence[_Endpoint]) -> None:
    for index, endpoint in enumerate(endpoints):
        print(f"{name} sandbox {'also ' if index else ''}at {endpoint.url}", flush=True)


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol must be named: asyncio switches Nagle's delay off only where it reads TCP here.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except (OSError, OverflowError) as error:
        bound.close()
        raise ServeError(f"cannot listen on {host}:{port}: {error}") from error
    return bound


def _config(app: ASGIApp, listener: Listener, *, lifespan: bool) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        lifespan="auto" if lifespan else "off",
        ws="none",
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ssl_certfile=listener.certfile,
        ssl_keyfile=listener.keyfile,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=30,
    )
    config.load()
    return config


def _with_state(protocol: Any, closing: asyncio.Event) -> type[asyncio.Protocol]:
    """The protocol class, leaving its connection and `closing` in `scope["state"]` for faults to use."""

    class WithState(protocol):
        app_state: dict[str, Any]

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.app_state = {**self.app_state, TRANSPORT: transport, CLOSING: closing}
            super().connection_made(transport)

    return WithState
