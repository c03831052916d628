"""docs/webhooks.md: its receiver works, its figures are true."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from packhouse.webhooks.countdown import DEFAULT, LONG_STEPS, MOST_ATTEMPTS
from packhouse.webhooks.message import Address, request_of

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text()
BODY = re.findall(r"```text\n(\{.*\})\n```", PAGE)[0].encode()
Genuine = Callable[[dict[str, str], bytes, str], bool]


@pytest.fixture
def is_genuine() -> Genuine:
    """The receiver of the page."""
    [code] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    scope: dict[str, Any] = {}
    exec(code, scope)
    return scope["is_genuine"]


def a_request(secret: str | None, at: datetime) -> dict[str, str]:
    uuid = UUID("00112233445566778899aabbccddeeff")
    address = Address("https://example.com", secret=secret)
    request = request_of(address, "package.created", uuid, BODY, attempt=1, now=at)
    return {name.decode().lower(): value.decode() for name, value in request.headers}


@pytest.mark.parametrize(
    "secret", ["topsecret", "ğizli", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_not base64"]
)
def test_the_receiver_of_the_page_knows_ours(secret: str, is_genuine: Genuine) -> None:
    headers = a_request(secret, datetime.now(UTC))

    assert is_genuine(headers, BODY, secret)
    assert not is_genuine(headers, BODY + b" ", secret)
    assert not is_genuine(headers, BODY, "another")
    assert not is_genuine({**headers, "webhook-signature": "v1,AAAA"}, BODY, secret)
    assert not is_genuine({**headers, "webhook-timestamp": str(int(time.time()) - 301)}, BODY, secret)
    assert not is_genuine(a_request(None, datetime.now(UTC)), BODY, secret)


def test_the_vector_of_the_page() -> None:
    headers = a_request("topsecret", datetime.fromtimestamp(1772445900, UTC))

    assert headers["x-whisperer-signature"] in PAGE
    assert headers["webhook-signature"] in PAGE


def test_the_figures_of_the_page() -> None:
    hours = [step / 3600 for step in LONG_STEPS]

    assert hours == [0.5, 2, 5, 10, 14, 20, 24]
    assert f"11 to {MOST_ATTEMPTS - 1} | 30 minutes, 2, 5, 10, 14, 20, 24 hours" in PAGE
    assert str(DEFAULT).replace("'", '"') in PAGE
