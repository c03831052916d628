"""When a failed delivery is tried again: the hook's countdown, then the long steps, then a dead letter.

Retry n (n = 0 for the first) waits the countdown's seconds for n = 0…9, after that one of `LONG_STEPS` or the
countdown, whichever is longer. No wait is over a day.
"""

import math
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

DEFAULT: Final[Mapping[str, Any]] = {
    "choice": "exponential",
    "kwargs": {"base": 2, "factor": 5, "limit": 3600},
}
COUNTED_RETRIES: Final = 10
LONG_STEPS: Final = tuple(int(hours * 3600) for hours in (0.5, 2, 5, 10, 14, 20, 24))
MOST_ATTEMPTS: Final = 1 + COUNTED_RETRIES + len(LONG_STEPS)
LONGEST_WAIT: Final = 24 * 3600


def wait_before(retry: int, countdown: Mapping[str, Any]) -> float:
    """Seconds before retry `retry` (0 … 16)."""
    return _step(retry, _countdown(retry, countdown["choice"], countdown["kwargs"]))


def ladder_seconds(countdown: Mapping[str, Any]) -> int:
    """How long the whole ladder is, from the first attempt to the last (`random`: at the longest)."""
    choice, kwargs = countdown["choice"], countdown["kwargs"]
    if choice == "random":
        choice, kwargs = "fixed", {"seconds": kwargs["max_value"]}
    retries = range(MOST_ATTEMPTS - 1)
    return math.ceil(sum(_step(retry, _countdown(retry, choice, kwargs)) for retry in retries))


def _step(retry: int, countdown: float) -> float:
    if retry >= COUNTED_RETRIES:
        countdown = max(countdown, LONG_STEPS[retry - COUNTED_RETRIES])
    return min(countdown, LONGEST_WAIT)


def _countdown(retry: int, choice: str, kwargs: Mapping[str, Any]) -> float:
    if choice == "fixed":
        return float(kwargs["seconds"])
    if choice == "random":
        return random.randint(math.ceil(kwargs["min_value"]), math.floor(kwargs["max_value"]))  # noqa: S311
    limit = kwargs.get("limit")
    return min(_growing(retry, choice, kwargs), math.inf if limit is None else limit)


def _growing(retry: int, choice: str, kwargs: Mapping[str, Any]) -> float:
    if choice == "linear":
        return float(kwargs["base"]) * retry
    try:
        return float(kwargs["base"]) ** retry * kwargs.get("factor", 1)
    except OverflowError:
        return math.inf


def next_attempt(
    *,
    made: int,
    began: datetime,
    now: datetime,
    countdown: Mapping[str, Any],
    ladder: int,
    asked_wait: float | None = None,
) -> datetime | None:
    """When to try again after attempt `made` of the ladder that began at `began`; None: never, a dead letter.

    `asked_wait`: what the receiver asked for by `Retry-After`, which counts when it is longer. The ladder
    ends when it ends: a step beyond its end is taken at the end, and after it there is none.
    """
    end = began + timedelta(seconds=ladder)
    if made >= MOST_ATTEMPTS or now >= end:
        return None
    wait = max(wait_before(made - 1, countdown), min(asked_wait or 0.0, LONGEST_WAIT))
    return min(now + timedelta(seconds=wait), end)
