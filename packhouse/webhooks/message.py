"""The request of a delivery: its bytes, put together from stored text, and its headers (page 60, "The request")."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, urlsplit
from uuid import UUID

import httpcore

from packhouse import __version__
from packhouse.kernel.addresses import Place, place_of
from packhouse.kernel.secrets import MASK
from packhouse.kernel.wire import timestamp
from packhouse.webhooks.network import Outgoing
from packhouse.webhooks.signatures import standard_signature, whisperer_signature

USER_AGENT: Final = f"Packhouse/{__version__} (webhooks)"
_IN_A_PATH: Final = "/:@!$&'()*+,;=-._~%?"


@dataclass(frozen=True, slots=True)
class Told:
    """What an envelope says about its event."""

    type: str
    uuid: UUID
    event_uuid: UUID
    subject: str
    sequence: int
    created_date: datetime


def body_text(told: Told, payload: str, *, full: bool) -> str:
    """The exact text of the body. `payload`: stored JSON text, taken as it stands."""
    event: dict[str, Any] = {"type": told.type, "uuid": told.uuid.hex}
    if full:
        event |= {
            "id": told.event_uuid.hex,
            "subject": told.subject,
            "sequence": told.sequence,
            "created_date": timestamp(told.created_date),
        }
    return f'{{"event": {json.dumps(event)}, "payload": {payload}}}'


@dataclass(frozen=True, slots=True)
class Address:
    """How a hook is called, secrets in the clear. After a rotation the previous secret signs too, for a day.

    `unusable`: why it cannot be called at all (its secrets do not open).
    """

    url: str
    secret: str | None = None
    previous_secret: str | None = None
    previous_until: datetime | None = None
    basic: tuple[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    unusable: str | None = None

    @property
    def place(self) -> Place:
        return place_of(self.url)

    def secrets_at(self, now: datetime) -> list[str]:
        """Those that sign, the present one first; none when there is none."""
        if not self.secret:
            return []
        if self.previous_secret and self.previous_until and now < self.previous_until:
            return [self.secret, self.previous_secret]
        return [self.secret]


def request_of(
    address: Address,
    event_type: str,
    uuid: UUID,
    body: bytes,
    *,
    attempt: int,
    now: datetime,
    test: bool = False,
) -> Outgoing:
    """The request of one attempt, to be sent at `now`."""
    place = address.place
    seconds = int(now.timestamp())
    headers = {
        "Host": place.header,
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "X-Whisperer-Event": event_type,
        "X-OMS-Attempt": str(attempt),
        "webhook-id": uuid.hex,
        "webhook-timestamp": str(seconds),
    }
    if test:
        headers["X-OMS-Test"] = "1"
    if secrets := address.secrets_at(now):
        headers["X-Whisperer-Signature"] = whisperer_signature(secrets[0], body)
        headers["webhook-signature"] = standard_signature(secrets, uuid.hex, seconds, body)
    if address.basic:
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(address.basic).encode()).decode()
    headers = _over(headers, address.headers)
    headers["Content-Length"] = str(len(body))
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Outgoing(_url(address.url), encoded, body)


def _over(headers: dict[str, str], additional: Mapping[str, str]) -> dict[str, str]:
    """The additional ones on top; names know no case."""
    replaced = {name.lower() for name in additional}
    return {**{name: value for name, value in headers.items() if name.lower() not in replaced}, **additional}


@lru_cache(maxsize=1024)
def _url(url: str) -> httpcore.URL:
    place, parts = place_of(url), urlsplit(url)
    target = parts.path or "/"
    if parts.query:
        target = f"{target}?{parts.query}"
    return httpcore.URL(
        scheme=place.scheme.encode(),
        host=place.host.encode(),
        port=place.port,
        target=quote(target, safe=_IN_A_PATH).encode(),
    )


_HIDDEN: Final = ("authorization", "token", "key", "password", "secret", "cookie")


@lru_cache(maxsize=1024)
def is_secret_header(name: str) -> bool:
    """Whether a header's value is kept from view: it is named like a key."""
    return any(word in name.lower() for word in _HIDDEN)


def shown_headers(request: Outgoing) -> dict[str, str]:
    """What was sent, to be looked at: keys masked."""
    pairs = ((name.decode(), value.decode()) for name, value in request.headers)
    return {name: MASK if is_secret_header(name) else value for name, value in pairs}
