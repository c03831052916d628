"""Addresses that strangers name: none of them leads into the installation's own network.

The address is resolved and checked here and then connected to as checked, so that a name cannot be answered
otherwise the second time.
"""

import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from packhouse.integrations.failures import Refused, Unreachable
from packhouse.kernel import settings_store
from packhouse.kernel.addresses import Allowed, BadUrl, IpAddress, Place, place_of, refusal


class RefusedAddress(Refused):
    """The address may not be called."""

    code = "refused_target"


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect: `url` has the checked address in place of the host, which stands in `host`."""

    url: str
    host: str
    host_header: str


def origin_of(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what is no http(s) address."""
    try:
        place = place_of(url)
    except BadUrl:
        return None
    return place.scheme, place.host, place.port


def checked(url: str, *, trusted: Collection[tuple[str, str, int]] = ()) -> Target:
    """Where `url` may be fetched from.

    `trusted` are origins that the installation itself has configured; further exceptions are in
    `WEBHOOKS.allowed_private_targets`. Raises RefusedAddress, Unreachable (the name is not known).
    """
    try:
        place = place_of(url)
    except BadUrl as error:
        raise RefusedAddress(str(error)) from None
    is_trusted = (place.scheme, place.host, place.port) in trusted
    allowed = Allowed.of(settings_store.get("WEBHOOKS")["allowed_private_targets"])
    for address in _resolved(place):
        if is_trusted or allowed.permits(place.host, address):
            return _target(url, place, address)
    raise RefusedAddress(refusal(place.host))


def _resolved(place: Place) -> list[IpAddress]:
    try:
        rows = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{place.host}: {error}") from None
    return [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows]


def _target(url: str, place: Place, address: IpAddress) -> Target:
    parts = urlsplit(url)
    literal = f"[{address}]" if address.version == 6 else str(address)
    netloc = literal if parts.port is None else f"{literal}:{parts.port}"
    return Target(parts._replace(netloc=netloc, fragment="").geturl(), place.host, place.header)
