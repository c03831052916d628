"""The one clock: every time in Packhouse is UTC and comes from here, so that tests can stop it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_frozen: ContextVar[datetime | None] = ContextVar("packhouse_clock", default=None)


def now() -> datetime:
    """The present time, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Stop the clock at `at` (aware) within the block, for this thread of execution."""
    if at.tzinfo is None:
        raise ValueError("a frozen time needs a time zone")
    token = _frozen.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
