"""Addresses that strangers name lead nowhere inside."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from packhouse.integrations.addresses import RefusedAddress, checked
from packhouse.integrations.failures import Refused, Unreachable
from packhouse.integrations.fetching import fetch
from packhouse.kernel import settings_store
from sandbox.serve import Running

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def redirecting() -> Iterator[str]:
    """Where a server answers with redirects: away, round and round, once."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        targets = {"/away": "http://127.0.0.1:1/", "/round": "/round", "/once": "/there"}
        target = targets.get(scope["path"])
        headers = [(b"location", target.encode())] if target else []
        await send({"type": "http.response.start", "status": 302 if target else 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if target else b"there"})

    with Running(answer) as running:
        yield running.url


def resolves(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def answer(host: str, port: int, **_more: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.7",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",
        "100.64.0.1",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:10.0.0.7",
        "64:ff9b::a00:7",
        "2002:a00:7::",
    ],
)
def test_what_is_not_public_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    resolves(monkeypatch, address)

    with pytest.raises(RefusedAddress):
        checked("https://documents.example.com/1.pdf")


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/1", "file:///etc/passwd", "https://", "https://u:p@a.example/", "no", "http://a:x/"],
)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(RefusedAddress):
        checked(url)


def test_the_checked_address_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves(monkeypatch, "10.0.0.7", "93.184.216.34")

    target = checked("https://documents.example.com:8443/1.pdf?a=b#c")

    assert target.url == "https://93.184.216.34:8443/1.pdf?a=b"
    assert (target.host, target.host_header) == ("documents.example.com", "documents.example.com:8443")


@pytest.mark.parametrize("entry", ["documents.example.com", "10.0.0.0/8", "10.0.0.7"])
def test_the_installation_allows_exceptions(monkeypatch: pytest.MonkeyPatch, entry: str) -> None:
    resolves(monkeypatch, "10.0.0.7")
    settings_store.put("WEBHOOKS", {"allowed_private_targets": [entry]})
    settings_store.forget()

    assert checked("http://documents.example.com/").url == "http://10.0.0.7/"


def test_an_origin_that_the_installation_configured_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves(monkeypatch, "10.0.0.7")
    trusted = [("http", "invoices.example.com", 9300)]

    assert checked("http://invoices.example.com:9300/d/1", trusted=trusted).url == "http://10.0.0.7:9300/d/1"
    with pytest.raises(RefusedAddress):
        checked("http://invoices.example.com:9301/d/1", trusted=trusted)


def test_a_name_that_does_not_exist_may_exist_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_arguments: Any, **_more: Any) -> list[Any]:
        raise socket.gaierror("unknown")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(Unreachable):
        checked("https://documents.example.com/")


def test_a_redirect_is_checked_as_well(redirecting: str) -> None:
    origin = ("http", "127.0.0.1", int(redirecting.rpartition(":")[2]))

    with pytest.raises(RefusedAddress):
        fetch(f"{redirecting}/away", largest=1000, trusted=[origin])
    with pytest.raises(Refused, match="one redirect to the next"):
        fetch(f"{redirecting}/round", largest=1000, trusted=[origin])
    assert fetch(f"{redirecting}/once", largest=1000, trusted=[origin]) == b"there"
