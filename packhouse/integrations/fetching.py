"""Fetching what a stranger's address shows: checked address, bounded size and time, few redirects."""

import time
from collections.abc import Collection
from functools import cache
from typing import Final
from urllib.parse import urljoin

import httpx
from django.db import transaction

from packhouse.integrations.addresses import checked
from packhouse.integrations.failures import BadAnswer, Refused, Unreachable, of_status, retry_after

SECONDS: Final = 20.0
REDIRECTS: Final = 3
_MOVED: Final = frozenset({301, 302, 303, 307, 308})


def fetch(url: str, *, largest: int, trusted: Collection[tuple[str, str, int]] = ()) -> bytes:
    """The content behind `url`, at most `largest` bytes; `trusted` as for `addresses.checked`.

    Raises RefusedAddress, Refused, TemporaryFailure; RuntimeError inside a transaction.
    """
    with transaction.atomic(durable=True):
        pass  # raises RuntimeError inside of a transaction
    deadline = time.monotonic() + SECONDS
    for _ in range(REDIRECTS + 1):
        status, headers, content = _get(url, largest, deadline, trusted)
        if status in _MOVED and "location" in headers:
            url = urljoin(url, headers["location"])
            continue
        error = of_status(status, f"The address answered {status}.", content, retry_after(headers))
        if error is not None:
            raise error
        return content
    raise Refused("The address leads from one redirect to the next.")


@cache
def _client() -> httpx.Client:
    """One per process, as making a TLS context is dear. Connections are not kept: they are made to addresses, and
    two names at one address must each show a certificate of their own."""
    limits = httpx.Limits(max_connections=32, max_keepalive_connections=0)
    return httpx.Client(follow_redirects=False, timeout=SECONDS, trust_env=False, limits=limits)


def _get(
    url: str, largest: int, deadline: float, trusted: Collection[tuple[str, str, int]]
) -> tuple[int, httpx.Headers, bytes]:
    target = checked(url, trusted=trusted)
    try:
        with _client().stream(
            "GET",
            target.url,
            headers={"Host": target.host_header, "User-Agent": "packhouse"},
            extensions={"sni_hostname": target.host},
        ) as response:
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > largest:
                    raise BadAnswer(f"What it shows is longer than {largest} bytes.")
                if time.monotonic() > deadline:
                    raise Unreachable("The answer did not end in time.")
            return response.status_code, response.headers, bytes(content)
    except (httpx.TransportError, httpx.DecodingError, httpx.InvalidURL) as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from None
