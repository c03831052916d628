"""Addresses that strangers name: none of them leads into the installation's own network.

The address is resolved and checked here and then connected to as checked, so that a name cannot be answered
otherwise the second time.
"""

import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from packhouse.integrations.failures import Refused, Unreachable
from packhouse.kernel import settings_store

PORTS: Final = {"http": 80, "https": 443}
# Ranges that lead to another address inside them, beside what the standard library calls not global.
_LEADING_ELSEWHERE: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
    )
)

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


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
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None:
        return None
    return parts.scheme, parts.hostname.lower(), port or PORTS[parts.scheme]


def checked(url: str, *, trusted: Collection[tuple[str, str, int]] = ()) -> Target:
    """Where `url` may be fetched from.

    `trusted` are origins that the installation itself has configured; further exceptions are in
    `WEBHOOKS.allowed_private_targets`. Raises RefusedAddress, Unreachable (the name is not known).
    """
    origin = origin_of(url)
    if origin is None:
        raise RefusedAddress("This is no http(s) address without a login in it.")
    _scheme, host, port = origin
    for address in _resolved(host, port):
        if origin in trusted or _permitted(host, address):
            return _target(url, host, address)
    raise RefusedAddress(
        f"{host} is not a public address; WEBHOOKS.allowed_private_targets lists the exceptions."
    )


def _resolved(host: str, port: int) -> list[IpAddress]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{host}: {error}") from None
    return [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows]


def _permitted(host: str, address: IpAddress) -> bool:
    for entry in settings_store.get("WEBHOOKS")["allowed_private_targets"]:
        text = entry.strip().lower()
        if text == host or _is_in(address, text.strip("[]")):
            return True
    if any(address in network for network in _LEADING_ELSEWHERE):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_in(address: IpAddress, network: str) -> bool:
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _target(url: str, host: str, address: IpAddress) -> Target:
    parts = urlsplit(url)
    shown = f"[{host}]" if ":" in host else host
    header = shown if parts.port is None else f"{shown}:{parts.port}"
    literal = f"[{address}]" if address.version == 6 else str(address)
    netloc = literal if parts.port is None else f"{literal}:{parts.port}"
    return Target(parts._replace(netloc=netloc, fragment="").geturl(), host, header)
