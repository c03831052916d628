"""Tests reach this machine and nothing else."""

import asyncio
import socket

import httpx
import pytest

from tests.closed_network import NetworkClosed


def test_the_world_is_closed() -> None:
    with pytest.raises(NetworkClosed, match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(NetworkClosed, match=r"example\.com"):
        httpx.get("http://example.com/")


def test_the_world_is_closed_to_asyncio_too() -> None:
    with pytest.raises(NetworkClosed):
        asyncio.run(asyncio.open_connection("192.0.2.1", 80))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_open(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection((host, server.getsockname()[1]), timeout=5).close()
