"""The two signatures a webhook may carry, checked over the exact bytes of its body.

`X-Whisperer-Signature: sha256=<hex>` is HMAC-SHA256 over the body. Standard Webhooks signs
`{webhook-id}.{webhook-timestamp}.{body}` in base64, possibly several times, so that a secret can be rotated.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping

TOLERANCE_SECONDS = 300
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


def whisperer_signature(secret: str, body: bytes) -> str:
    """Value of `X-Whisperer-Signature`; the key is the secret in UTF-8."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def standard_signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """One entry of `webhook-signature`; what follows `whsec_` is a base64 key, any other secret is UTF-8."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(_standard_key(secret), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def is_signed(headers: Mapping[str, str], body: bytes, secrets: Iterable[str], now: float) -> bool:
    """True when at least one of the signatures is there and each one there fits one of the secrets.

    `headers` by lower-case name, `now` in seconds since 1970: a `webhook-timestamp` more than five minutes
    off is refused.
    """
    candidates = list(secrets)
    whisperer = headers.get("x-whisperer-signature")
    standard = headers.get("webhook-signature")
    if whisperer is None and standard is None:
        return False
    if whisperer is not None and not any(
        _same(whisperer_signature(each, body), whisperer) for each in candidates
    ):
        return False
    return standard is None or _standard_fits(headers, standard, body, candidates, now)


def _standard_fits(
    headers: Mapping[str, str], given: str, body: bytes, secrets: Iterable[str], now: float
) -> bool:
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not _TIMESTAMP.fullmatch(timestamp) or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    expected = [standard_signature(secret, message_id, timestamp, body) for secret in secrets]
    return any(_same(one, other) for one in expected for other in given.split())


def _standard_key(secret: str) -> bytes:
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError:
            pass  # not base64 after all: the text itself is the key
    return secret.encode()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
