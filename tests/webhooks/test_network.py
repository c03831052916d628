"""One request over one connection, against servers of every kind."""

import asyncio
import datetime
import socket
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from packhouse.kernel.addresses import Allowed, Place
from packhouse.webhooks.network import Answer, Line, Network, Outgoing, Timeouts
from tests.webhooks.raw_server import Conversation, RawServer, a_request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def network() -> Iterator[Network]:
    with ThreadPoolExecutor(2) as resolvers:
        yield Network(Allowed.of(["127.0.0.1"]), ssl.create_default_context(), resolvers)


def an_outgoing(place: Place, body: bytes = b"{}", path: bytes = b"/") -> Outgoing:
    headers = [(b"Host", place.header.encode()), (b"Content-Length", str(len(body)).encode())]
    url = httpcore.URL(scheme=place.scheme.encode(), host=place.host.encode(), port=place.port, target=path)
    return Outgoing(url, headers, body)


def post(
    place: Place, network: Network, *, times: int = 1, pause: float = 0, **timeouts: float
) -> list[Answer]:
    """One after the other, over one line."""

    async def run() -> list[Answer]:
        line = Line(place, network, Timeouts(**{"connect": 2, "read": 2, **timeouts}))
        answers = []
        for number in range(times):
            await asyncio.sleep(pause if number else 0)
            answers.append(await line.post(an_outgoing(place)))
        await line.close()
        return answers

    return asyncio.run(run())


def answering(answer: bytes, *, after: float = 0) -> Conversation:
    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await a_request(reader)
            await asyncio.sleep(after)
            writer.write(answer)

    return conversation


def the_answer(conversation: Conversation, network: Network, **timeouts: float) -> Answer:
    with RawServer(conversation) as server:
        return post(Place("http", "127.0.0.1", server.port), network, **timeouts)[0]


def test_an_answer(network: Network) -> None:
    answer = the_answer(
        answering(b"HTTP/1.1 202 Accepted\r\nX-A: b\r\nContent-Length: 3\r\n\r\nyes"), network
    )

    assert (answer.status, answer.content, answer.fault, answer.delivered) == (202, "yes", None, True)
    assert answer.headers["X-A"] == "b"
    assert 0 < answer.seconds < 2


def test_the_connection_is_kept(network: Network) -> None:
    with RawServer(answering(OK)) as server:
        answers = post(Place("http", "127.0.0.1", server.port), network, times=5)

    assert [answer.status for answer in answers] == [200] * 5
    assert server.connections == 1


def test_a_connection_the_server_has_closed_is_made_again(network: Network) -> None:
    async def one_each(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await a_request(reader)
        writer.write(OK)

    with RawServer(one_each) as server:
        answers = post(Place("http", "127.0.0.1", server.port), network, times=3, pause=0.05)

    assert [answer.status for answer in answers] == [200] * 3
    assert server.connections == 3


def test_a_server_that_hangs_up_as_the_next_request_leaves_is_asked_again(network: Network) -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await a_request(reader)
        writer.write(OK)
        await a_request(reader)

    with RawServer(rude) as server:
        answers = post(Place("http", "127.0.0.1", server.port), network, times=2)

    assert [answer.status for answer in answers] == [200, 200]
    assert server.connections == 2


def test_redirects_are_not_followed(network: Network) -> None:
    with RawServer(answering(OK)) as elsewhere:
        location = f"Location: http://127.0.0.1:{elsewhere.port}/".encode()
        moved = b"HTTP/1.1 302 Found\r\n" + location + b"\r\nContent-Length: 0\r\n\r\n"
        answer = the_answer(answering(moved), network)

    assert (answer.status, answer.delivered, elsewhere.connections) == (302, False, 0)


def test_of_a_long_answer_4_kb_are_kept(network: Network) -> None:
    answer = the_answer(
        answering(b"HTTP/1.1 500 X\r\nContent-Length: 60000\r\n\r\n" + b"<html>" + b"x" * 59994), network
    )

    assert (answer.status, len(answer.content), answer.content[:6]) == (500, 4096, "<html>")


def test_an_endless_answer_is_cut_off(network: Network) -> None:
    sent = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await a_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"2000\r\n" + b"x" * 8192 + b"\r\n")
            await writer.drain()
            sent += 8192

    answer = the_answer(endless, network)

    assert (answer.status, answer.delivered) == (200, True)
    assert sent < 10_000_000


def test_what_no_database_can_store_is_replaced(network: Network) -> None:
    answer = the_answer(
        answering(b"HTTP/1.1 200 OK\r\nX-Bin: \xff\xfe\r\nContent-Length: 6\r\n\r\na\x00b\xff\xc4c"), network
    )

    assert answer.content == "a\ufffdb\ufffd\ufffdc"
    assert answer.headers["X-Bin"] == "ÿþ"


@pytest.mark.parametrize(
    ("conversation", "kind", "text"),
    [
        (answering(b"", after=5), "timeout", "No answer within 0.3 s."),
        (
            answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", after=0),
            "timeout",
            "No answer within 0.3 s.",
        ),
        (answering(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "protocol", "illegal status line"),
        (answering(b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"y" * 200_000), "protocol", "too long"),
    ],
)
def test_faults_are_500_with_their_text(
    conversation: Conversation, kind: str, text: str, network: Network
) -> None:
    answer = the_answer(conversation, network, read=0.3)

    assert (answer.status, answer.fault, answer.delivered) == (500, kind, False)
    assert text in answer.content


def test_a_server_that_hangs_up(network: Network) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await a_request(reader)

    answer = the_answer(hang_up, network)

    assert (answer.status, answer.fault) == (500, "protocol")
    assert "without sending a response" in answer.content


def test_a_drip_feed_ends_when_the_whole_takes_too_long(network: Network) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await a_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.1)

    started = time.monotonic()
    answer = the_answer(drip, network, connect=0.4, read=0.4)

    assert (answer.status, answer.fault, answer.content) == (500, "timeout", "Not done within 0.6 s.")
    assert time.monotonic() - started < 2


def test_nobody_there(network: Network) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        [answer] = post(Place("http", "127.0.0.1", reserved.getsockname()[1]), network)

    assert (answer.status, answer.fault) == (500, "connect")


def test_a_private_address_is_not_connected_to(network: Network) -> None:
    with RawServer(answering(OK)) as server:
        closed = Network(Allowed.of([]), network.tls, network.resolvers)
        [answer] = post(Place("http", "127.0.0.1", server.port), closed)

    assert (answer.status, answer.fault, server.connections) == (500, "refused_target", 0)


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[Any]:
    """Let every name lead to these addresses; returns what was asked."""
    asked: list[Any] = []

    def lookup(host: str, port: int, *_args: Any, **_options: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


def test_a_name_that_leads_inside_is_not_connected_to(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, "127.0.0.1", "10.0.0.1")
    with RawServer(answering(OK)) as server:
        closed = Network(Allowed.of([]), network.tls, network.resolvers)
        [answer] = post(Place("http", "innocent.example", server.port), closed)

    assert (answer.fault, server.connections) == ("refused_target", 0)
    assert "127.0.0.1" not in answer.content


def test_only_the_permitted_ones_of_its_addresses_are_connected_to(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[str] = []
    connect = asyncio.open_connection

    async def noting(host: str, *args: Any, **options: Any) -> Any:
        connected.append(host)
        return await connect(host, *args, **options)

    monkeypatch.setattr(asyncio, "open_connection", noting)
    asked = resolving(monkeypatch, "10.0.0.1", "127.0.0.1")
    with RawServer(answering(OK)) as server:
        [answer] = post(Place("http", "receiver.example", server.port), network)

    assert (answer.status, answer.fault) == (200, None)
    assert connected == ["127.0.0.1"]
    assert "receiver.example" in asked


def test_every_new_connection_is_looked_up_anew(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    def rebinding(_host: str, port: int, *_args: Any, **_options: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(answers)]

    async def one_each(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await a_request(reader)
        writer.write(OK)

    with RawServer(one_each) as server:
        monkeypatch.setattr(Network, "_resolved", lambda _self, place: _looked_up(rebinding, place))
        first, second = post(Place("http", "rebind.example", server.port), network, times=2, pause=0.05)

    assert (first.status, second.fault) == (200, "refused_target")


async def _looked_up(lookup: Any, place: Place) -> list[str]:
    return [row[4][0] for row in lookup(place.host, place.port)]


def test_an_unknown_name(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_options: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    [answer] = post(Place("http", "nowhere.example", 80), network)

    assert (answer.status, answer.fault) == (500, "dns")
    assert "not known" in answer.content


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for `receiver.example` that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver.example")])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("receiver.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        built.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.mark.parametrize(
    ("trusted", "host", "fault"),
    [(True, "receiver.example", None), (False, "receiver.example", "tls"), (True, "other.example", "tls")],
)
def test_tls_is_verified_against_the_name(
    trusted: bool,
    host: str,
    fault: str | None,
    certificate: Path,
    network: Network,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(certificate)
    trust = ssl.create_default_context(cafile=str(certificate) if trusted else None)
    resolving(monkeypatch, "127.0.0.1")
    with RawServer(answering(OK), tls=serving) as server:
        [answer] = post(Place("https", host, server.port), Network(network.allowed, trust, network.resolvers))

    assert answer.fault == fault
