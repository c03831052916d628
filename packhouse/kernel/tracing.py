"""The id of the request (or job) being worked on: logged, and passed on to every outside system."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "X-Request-Id"
MAXIMUM_LENGTH = 64

_request_id: ContextVar[str | None] = ContextVar("packhouse_request_id", default=None)


def request_id() -> str | None:
    """The id under which the present work is traced; None outside of any."""
    return _request_id.get()


def new_request_id() -> str:
    """32 hex digits."""
    return secrets.token_hex(16)


def acceptable(given: str | None) -> str | None:
    """A caller's own id, if it is short and printable; else None."""
    if given and len(given) <= MAXIMUM_LENGTH and given.isascii() and given.isprintable():
        return given
    return None


@contextmanager
def traced(given: str | None = None) -> Iterator[str]:
    """Work within the block under the given id, or under a new one."""
    value = acceptable(given) or new_request_id()
    token = _request_id.set(value)
    try:
        yield value
    finally:
        _request_id.reset(token)
