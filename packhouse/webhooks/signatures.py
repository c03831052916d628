"""The two signatures of a message: the published one, and Standard Webhooks beside it."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

PREFIX: Final = "whsec_"
_NEW_SECRET_BYTES: Final = 32


def new_secret() -> str:
    """A fresh secret of 256 bits, in the form of Standard Webhooks."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_NEW_SECRET_BYTES)).decode()


def whisperer_signature(secret: str, body: bytes) -> str:
    """Value of `X-Whisperer-Signature`: HMAC-SHA256 over the exact body, in hex; the key is the secret in UTF-8."""
    return "sha256=" + hmac.digest(secret.encode(), body, hashlib.sha256).hex()


def standard_signature(secrets_: Sequence[str], message_id: str, timestamp: int, body: bytes) -> str:
    """Value of `webhook-signature`: one `v1,<base64>` for each secret, the newest first, a blank between."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digests = (hmac.digest(_key(secret), signed, hashlib.sha256) for secret in secrets_)
    return " ".join("v1," + base64.b64encode(digest).decode() for digest in digests)


def _key(secret: str) -> bytes:
    """What follows `whsec_` is base64; any other secret (and what only looks like one) is taken in UTF-8."""
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()
