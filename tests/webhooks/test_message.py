"""The bytes and headers of a request."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from packhouse.webhooks.message import Address, Told, body_text, request_of, shown_headers
from packhouse.webhooks.network import Outgoing
from packhouse.webhooks.signatures import new_secret, standard_signature, whisperer_signature

NOW = datetime(2026, 3, 2, 10, 5, tzinfo=UTC)
UUID_ = UUID("00112233445566778899aabbccddeeff")
TOLD = Told("package.created", UUID_, UUID(int=7), "package/501", 3, datetime(2026, 3, 2, 9, 1, tzinfo=UTC))
VECTOR = (
    b'{"event": {"type": "package.created", "uuid": "00112233445566778899aabbccddeeff"}, '
    b'"payload": {"id": 501, "city": "\\u0130zmir"}}'
)


def a_request(address: Address, *, at: datetime = NOW, attempt: int = 1, test: bool = False) -> Outgoing:
    return request_of(address, "package.created", UUID_, VECTOR, attempt=attempt, now=at, test=test)


def headers_of(request: Outgoing) -> dict[str, str]:
    return {name.decode().lower(): value.decode() for name, value in request.headers}


def test_the_published_vector() -> None:
    request = a_request(
        Address("https://example.com/hooks", secret="topsecret"), at=datetime.fromtimestamp(1772445900, UTC)
    )

    headers = headers_of(request)
    assert headers["x-whisperer-signature"] == (
        "sha256=27f80727c7fc5b7aa5e26cebf74fe61f2034eb912a43df5ba3e9c2500540cba6"
    )
    assert headers["webhook-signature"] == "v1,Bu5gC1F4wo0HnyUuxZnUcwgAVWyNWV1K4V+yer1e4fM="
    assert headers["webhook-id"] == "00112233445566778899aabbccddeeff"
    assert headers["webhook-timestamp"] == "1772445900"


def test_the_published_envelope_is_the_vectors_bytes() -> None:
    payload = json.dumps({"id": 501, "city": "İzmir"})

    assert body_text(TOLD, payload, full=False).encode() == VECTOR


def test_the_full_envelope() -> None:
    text = body_text(TOLD, '{"id":   501}', full=True)

    assert text == (
        '{"event": {"type": "package.created", "uuid": "00112233445566778899aabbccddeeff", '
        '"id": "00000000000000000000000000000007", "subject": "package/501", "sequence": 3, '
        '"created_date": "2026-03-02T09:01:00.000000Z"}, "payload": {"id":   501}}'
    )


def test_the_headers_of_every_request() -> None:
    headers = headers_of(a_request(Address("http://example.com:8080/hooks"), attempt=4))

    assert headers == {
        "host": "example.com:8080",
        "content-type": "application/json",
        "user-agent": headers["user-agent"],
        "x-whisperer-event": "package.created",
        "x-oms-attempt": "4",
        "webhook-id": UUID_.hex,
        "webhook-timestamp": str(int(NOW.timestamp())),
        "content-length": str(len(VECTOR)),
    }
    assert headers["user-agent"].startswith("Packhouse/")


def test_a_test_message_says_so() -> None:
    assert headers_of(a_request(Address("https://example.com"), test=True))["x-oms-test"] == "1"


def test_basic_auth_and_additional_headers_on_top() -> None:
    address = Address(
        "https://example.com",
        basic=("ada", "pass:wörd"),
        headers={"content-TYPE": "application/vnd.x+json", "X-Shop": "İzmir"},
    )

    headers = headers_of(a_request(address))

    assert base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode() == "ada:pass:wörd"
    assert headers["content-type"] == "application/vnd.x+json"
    assert headers["x-shop"] == "İzmir"


def test_an_additional_authorization_beats_basic() -> None:
    address = Address("https://example.com", basic=("ada", "x"), headers={"Authorization": "Bearer key"})

    assert headers_of(a_request(address))["authorization"] == "Bearer key"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://example.com", b"/"),
        ("https://example.com/a/b?c=d&e=f", b"/a/b?c=d&e=f"),
        ("https://example.com/a%20b", b"/a%20b"),
        ("https://example.com/şube?q=ı#part", b"/%C5%9Fube?q=%C4%B1"),
    ],
)
def test_the_request_target(url: str, target: bytes) -> None:
    assert a_request(Address(url)).url.target == target


def test_two_signatures_for_a_day_after_a_rotation() -> None:
    address = Address(
        "https://example.com",
        secret="new",
        previous_secret="old",
        previous_until=NOW + timedelta(hours=24),
    )

    def signatures(at: datetime) -> list[str]:
        return headers_of(a_request(address, at=at))["webhook-signature"].split(" ")

    stamp = int(NOW.timestamp())
    assert signatures(NOW) == [
        standard_signature(["new"], UUID_.hex, stamp, VECTOR),
        standard_signature(["old"], UUID_.hex, stamp, VECTOR),
    ]
    assert len(signatures(NOW + timedelta(hours=24))) == 1
    whisperer = headers_of(a_request(address))["x-whisperer-signature"]
    assert whisperer == whisperer_signature("new", VECTOR)


def test_the_key_of_a_whsec_secret_is_its_base64() -> None:
    secret = new_secret()
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = hmac.new(key, b"id.1." + VECTOR, hashlib.sha256).digest()

    assert standard_signature([secret], "id", 1, VECTOR) == "v1," + base64.b64encode(expected).decode()


@pytest.mark.parametrize("secret", ["whsec_not base64!", "ğizli"])
def test_any_other_secret_is_taken_in_utf_8(secret: str) -> None:
    expected = hmac.new(secret.encode(), b"id.1." + VECTOR, hashlib.sha256).digest()

    assert standard_signature([secret], "id", 1, VECTOR) == "v1," + base64.b64encode(expected).decode()


def test_new_secrets_differ_and_fit_the_field() -> None:
    assert new_secret() != new_secret()
    assert len(new_secret()) <= 124


@pytest.mark.parametrize("name", ["Authorization", "X-Api-Key", "x-auth-token", "X-Password", "Cookie"])
def test_keys_are_not_shown_in_the_log(name: str) -> None:
    shown: dict[str, Any] = shown_headers(a_request(Address("https://example.com", headers={name: "s3cret"})))

    assert shown[name] == "********"
    assert shown["Content-Type"] == "application/json"
