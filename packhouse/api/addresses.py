"""Where a request comes from."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings


def client_address(meta: Mapping[str, Any]) -> str:
    """The caller's network address: the peer's, or behind a proxy the one that the proxy saw.

    Of `X-Forwarded-For` the last counts, which our proxy wrote; what stands before it anybody can send.
    """
    if settings.PACKHOUSE_BEHIND_PROXY:
        forwarded = str(meta.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
        if forwarded:
            return forwarded
    return str(meta.get("REMOTE_ADDR", ""))
