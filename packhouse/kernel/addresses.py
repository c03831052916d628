"""Where calls to addresses that others name may go: no way inside the installation's own network (page 60)."""

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, urlsplit

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

PORTS: Final = {"http": 80, "https": 443}
# Beside what the standard library calls not global: ranges that lead to another address inside them.
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
_NEVER: Final = tuple(
    ipaddress.ip_network(text)
    for text in ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4", "fec0::/10")
)


class RefusedTarget(Exception):
    """The address may not be called; the text says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a target URL comes down to. `host` in lower case, without brackets."""

    scheme: str
    host: str
    port: int

    @property
    def header(self) -> str:
        """Value of `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if PORTS[self.scheme] == self.port else f"{host}:{self.port}"


class BadUrl(ValueError):
    """Not a URL that can be called; the text says what is wrong with it."""


@lru_cache(maxsize=1024)
def place_of(url: str) -> Place:
    """The server of a URL. Raises BadUrl."""
    parts = _split(url)
    if parts.scheme not in PORTS:
        raise BadUrl("Send an address that begins with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise BadUrl("User name and password do not belong into the address; use config.auth.")
    if not parts.hostname:
        raise BadUrl("The address has no host.")
    return Place(parts.scheme, _ascii(parts.hostname), parts.port or PORTS[parts.scheme])


def _split(url: str) -> SplitResult:
    if any(character.isspace() or not character.isprintable() for character in url) or "\\" in url:
        raise BadUrl("The address holds characters that no address has.")
    try:
        parts = urlsplit(url)
        if parts.port == 0:
            raise BadUrl("The port is out of range.")
    except ValueError as error:
        raise BadUrl(f"This is not an address: {error}.") from None
    return parts


def _ascii(host: str) -> str:
    """As it goes to DNS and into the Host header."""
    if "%" in host:
        raise BadUrl("The host may have no zone.")
    if host.isascii():
        return host.lower()
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        raise BadUrl("The host is not a name.") from None


def literal(host: str) -> IpAddress | None:
    """The address when the host is one, in any form the system resolves itself (`127.1`, `0x7f000001`)."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.ip_address(socket.inet_aton(host))
    except OSError:
        return None


@dataclass(frozen=True)
class Allowed:
    """The exceptions of `WEBHOOKS.allowed_private_targets`: hosts, and networks or single addresses."""

    hosts: frozenset[str]
    networks: tuple[IpNetwork, ...]

    @classmethod
    def of(cls, entries: Sequence[str]) -> "Allowed":
        """An entry that is no network is a host's name."""
        hosts, networks = set(), []
        for entry in entries:
            text = entry.strip().lower()
            try:
                networks.append(ipaddress.ip_network(text.strip("[]"), strict=False))
            except ValueError:
                hosts.add(text)
        return cls(frozenset(hosts), tuple(networks))

    def permits(self, host: str, address: IpAddress) -> bool:
        """Whether this address, to which the host resolved, may be connected to."""
        if host in self.hosts or any(address in network for network in self.networks):
            return True
        if any(address in network for network in (*_LEADING_ELSEWHERE, *_NEVER)):
            return False
        return address.is_global and not address.is_multicast and not address.is_reserved

    def check_literal(self, host: str) -> None:
        """Raises RefusedTarget for a host that is an address and not a permitted one; a name always passes."""
        address = literal(host)
        if address is not None and not self.permits(host, address):
            raise RefusedTarget(refusal(host))


def refusal(host: str) -> str:
    """Why a target is not called. It says nothing about what the name resolved to: the owner may be a stranger."""
    return f"{host} is not a public address; WEBHOOKS.allowed_private_targets lists the exceptions."
