"""Rates: a token bucket per key and kind of request, in this process (setting `RATE_LIMITS`).

Several web processes have a bucket each, so the limits are of one process.
"""

import time
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal

from django.utils.translation import gettext as _

from packhouse.api.refusals import Throttled
from packhouse.kernel import settings_store

Kind = Literal["read", "write", "bulk", "login", "free"]
_MOST_BUCKETS = 50_000


@dataclass
class _Bucket:
    tokens: float
    at: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How a caller stands after a request: `limit` at once, `remaining` of it, `reset` seconds until full."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }


_buckets: dict[tuple[str, object], _Bucket] = {}
_lock = Lock()


def take(kind: Kind, who: object) -> tuple[Standing, float]:
    """Take one token of `who`'s bucket: the standing, and the seconds to wait (0: go on)."""
    rate = settings_store.get("RATE_LIMITS")[kind]
    size, per_second = _shape(rate)
    now = time.monotonic()
    with _lock:
        bucket = _buckets.get((kind, who))
        if bucket is None:
            _make_room()
            bucket = _buckets[kind, who] = _Bucket(size, now)
        bucket.tokens = min(size, bucket.tokens + (now - bucket.at) * per_second)
        bucket.at = now
        wait = 0.0 if bucket.tokens >= 1 else (1 - bucket.tokens) / per_second
        if not wait:
            bucket.tokens -= 1
        tokens = bucket.tokens
    return Standing(size, int(tokens), int((size - tokens) / per_second + 0.999)), wait


def _shape(rate: dict[str, Any]) -> tuple[int, float]:
    return rate["burst"] or rate["requests"], rate["requests"] / rate["seconds"]


def _make_room() -> None:
    """Forget the buckets that were idle longest; they have been full for a while."""
    if len(_buckets) < _MOST_BUCKETS:
        return
    idle = sorted(_buckets, key=lambda key: _buckets[key].at)
    for key in idle[: _MOST_BUCKETS // 10]:
        del _buckets[key]


def refuse(wait: float) -> Throttled:
    """The error for a caller who has to wait."""
    seconds = max(1, int(wait + 0.999))
    text = _("Too many requests; send the next one in %(seconds)s s.") % {"seconds": seconds}
    return Throttled(text, wait=wait)


def forget() -> None:
    """All buckets are full again."""
    with _lock:
        _buckets.clear()
