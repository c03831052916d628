"""HTTP credentials as a server checks them."""

from __future__ import annotations

import base64
import hmac


def basic_fits(header: str | None, username: str, password: str) -> bool:
    """True when an `Authorization` header is HTTP Basic for this user and password (UTF-8)."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except ValueError:
        return False
    return hmac.compare_digest(given, f"{username}:{password}".encode())


def token_fits(header: str | None, token: str, prefix: str) -> bool:
    """True when an `Authorization` header is `<prefix> <token>`; without a prefix the token alone."""
    expected = f"{prefix} {token}" if prefix else token
    return hmac.compare_digest((header or "").encode(), expected.encode())
