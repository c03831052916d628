"""Unit tests talk to this machine only; a forgotten fake fails instead of calling the world."""

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class NetworkClosed(RuntimeError):
    def __init__(self, host: object) -> None:
        super().__init__(
            f"A test tried to reach {host}. Only this machine is open to tests: "
            "put a fake at the port, or use a sandbox on 127.0.0.1."
        )


@contextmanager
def closed_network() -> Iterator[None]:
    """Let sockets of this process connect to loopback addresses and unix sockets only."""
    with pytest.MonkeyPatch.context() as patch:
        for method in ("connect", "connect_ex"):
            patch.setattr(socket.socket, method, _guarded_connect(getattr(socket.socket, method)))
        patch.setattr(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo))
        yield


def is_local(host: object) -> bool:
    """Whether a host, by name or address, is this machine."""
    if host in (None, "", "localhost", b"localhost"):
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return name == socket.gethostname()


def _guarded_connect(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_local(address[0]):
            raise NetworkClosed(address[0])
        return connect(self, address)

    return guarded


def _guarded_lookup(lookup: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(host: Any, *arguments: Any, **options: Any) -> Any:
        if not is_local(host):
            raise NetworkClosed(host)
        return lookup(host, *arguments, **options)

    return guarded
