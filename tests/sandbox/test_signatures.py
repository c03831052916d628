"""Signatures against the published vector."""

from __future__ import annotations

import base64

import pytest

from sandbox.signatures import is_signed, standard_signature, whisperer_signature

SECRET = "topsecret"
TIMESTAMP = "1772445900"
UUID = "00112233445566778899aabbccddeeff"
BODY = (
    rb'{"event": {"type": "package.created", "uuid": "00112233445566778899aabbccddeeff"}, '
    rb'"payload": {"id": 501, "city": "\u0130zmir"}}'
)
WHISPERER = "sha256=27f80727c7fc5b7aa5e26cebf74fe61f2034eb912a43df5ba3e9c2500540cba6"
STANDARD = "v1,Bu5gC1F4wo0HnyUuxZnUcwgAVWyNWV1K4V+yer1e4fM="
HEADERS = {
    "x-whisperer-signature": WHISPERER,
    "webhook-id": UUID,
    "webhook-timestamp": TIMESTAMP,
    "webhook-signature": STANDARD,
}
NOW = float(TIMESTAMP)


def test_the_published_vector() -> None:
    assert whisperer_signature(SECRET, BODY) == WHISPERER
    assert standard_signature(SECRET, UUID, TIMESTAMP, BODY) == STANDARD


def test_a_whsec_secret_is_a_base64_key() -> None:
    encoded = "whsec_" + base64.b64encode(SECRET.encode()).decode()

    assert standard_signature(encoded, UUID, TIMESTAMP, BODY) == STANDARD
    assert whisperer_signature(encoded, BODY) != WHISPERER
    assert standard_signature("whsec_~", "a", "1", b"") != standard_signature("~", "a", "1", b"")


@pytest.mark.parametrize(
    "headers",
    [
        HEADERS,
        {"x-whisperer-signature": WHISPERER},
        {key: value for key, value in HEADERS.items() if key != "x-whisperer-signature"},
        {**HEADERS, "webhook-signature": f"v1,b3RoZXI= {STANDARD}"},
    ],
)
def test_either_signature_or_both_will_do(headers: dict[str, str]) -> None:
    assert is_signed(headers, BODY, [SECRET], NOW)
    assert is_signed(headers, BODY, ["next", SECRET], NOW)


@pytest.mark.parametrize(
    ("headers", "body", "now"),
    [
        ({}, BODY, NOW),
        (HEADERS, BODY + b" ", NOW),
        (HEADERS, BODY, NOW + 301),
        (HEADERS, BODY, NOW - 301),
        ({**HEADERS, "x-whisperer-signature": WHISPERER.upper()}, BODY, NOW),
        ({**HEADERS, "x-whisperer-signature": "ä"}, BODY, NOW),
        ({**HEADERS, "webhook-signature": "v1,"}, BODY, NOW),
        ({**HEADERS, "webhook-id": "other"}, BODY, NOW),
        ({**HEADERS, "webhook-timestamp": "soon"}, BODY, NOW),
    ],
)
def test_what_does_not_fit(headers: dict[str, str], body: bytes, now: float) -> None:
    assert not is_signed(headers, body, [SECRET], now)


def test_no_secret_fits_nothing() -> None:
    assert not is_signed(HEADERS, BODY, ["other"], NOW)
    assert not is_signed(HEADERS, BODY, [], NOW)
