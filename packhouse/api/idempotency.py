"""`Idempotency-Key`: a repeated request gets the first answer again and changes nothing.

The answer is a row of the same transaction as what the request did, so there is never one without the
other. While a request runs, its session holds an advisory lock under the key; a process that dies gives
it back, and what it did not commit has not happened.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from packhouse.api.json_text import dumps
from packhouse.kernel import clock, settings_store
from packhouse.kernel.accounts import Actor
from packhouse.kernel.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidParameter

logger = logging.getLogger(__name__)

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
METHODS: Final = frozenset({"POST", "PUT", "PATCH"})
_FORGOTTEN: Final = frozenset({401, 403, 429})

_LOOK = """
SELECT one.locked, r.request_digest, r.status, r.body::text
FROM (SELECT pg_try_advisory_lock(%s) AS locked) one
LEFT JOIN kernel_idempotentrequest r
    ON r.user_id = %s AND r.method = %s AND r.path = %s AND r.key = %s AND r.created_date > %s
"""
# A row that is too old to count gives way; one that counts stays, and nothing is returned.
_KEEP = """
INSERT INTO kernel_idempotentrequest AS r
    (user_id, method, path, key, request_digest, status, body, created_date)
VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb, %s)
ON CONFLICT (user_id, method, path, key) DO UPDATE
SET request_digest = excluded.request_digest, status = excluded.status, body = excluded.body,
    created_date = excluded.created_date
WHERE r.created_date <= %s
RETURNING id
"""


class AlreadyAnswered(Exception):
    """Another request kept its answer under this key first: undo this one and give that answer."""


@dataclass(frozen=True)
class Answer:
    """What was answered the first time."""

    status: int
    body: Any


class Claim:
    """One request under its key. `answer`: what it was answered before, or None: do it, and `keep`."""

    def __init__(self, user_id: int, method: str, path: str, key: str, digest: str) -> None:
        self._identity = (user_id, method, path, key)
        self._digest = digest
        self.answer: Answer | None = None
        self.kept = False
        self._locked = False

    def keep(self, status: int, body: Any = None) -> None:
        """Remember the answer, in the caller's transaction; what it did and this row are committed together.

        Raises AlreadyAnswered when another request was first (its transaction must then be undone).
        """
        if not self.keep_if_first(status, body):
            raise AlreadyAnswered

    def keep_if_first(self, status: int, body: Any = None) -> bool:
        """As `keep`; False where another was first. Rights, rates and failures of ours are not remembered."""
        if status in _FORGOTTEN or status >= 500:
            return True
        now = clock.now()
        with connection.cursor() as cursor:
            kept = None if body is None else dumps(body)
            cursor.execute(_KEEP, (*self._identity, self._digest, status, kept, now, _oldest()))
            self.kept = cursor.fetchone() is not None
        return self.kept

    def look(self) -> None:
        """Take the lock and read what was answered before.

        Raises IdempotencyInProgress, IdempotencyKeyReused.
        """
        with connection.cursor() as cursor:
            cursor.execute(_LOOK, (self._lock_id(), *self._identity, _oldest()))
            self._locked, digest, status, body = cursor.fetchone()
        if digest is not None and digest != self._digest:
            raise IdempotencyKeyReused(_("This key was sent before with another body."))
        if digest is not None:
            self.answer = Answer(status or 200, None if body is None else json.loads(body))
        elif not self._locked:
            raise IdempotencyInProgress(_("The first request with this key is still running."))

    def release(self) -> None:
        """Give the lock back; it goes with its session where that cannot be said any more."""
        if not self._locked:
            return
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", (self._lock_id(),))
        except DatabaseError:
            logger.warning("closing a connection that could not give back its lock", exc_info=True)
            connection.close()
        self._locked = False

    def look_again(self) -> None:
        """After AlreadyAnswered: read what the other request was answered."""
        self.release()
        self.look()

    def _lock_id(self) -> int:
        identity = "\n".join(map(str, self._identity)).encode()
        return int.from_bytes(hashlib.sha256(identity).digest()[:8], "big", signed=True)


@contextmanager
def claimed(*, actor: Actor, method: str, path: str, key: str, content: Any) -> Iterator[Claim]:
    """Work within the block under a key; look at `claim.answer` first.

    `content` is what a repeat must equal, as parsed. Raises InvalidParameter for a key that is too long or
    not printable, IdempotencyInProgress, IdempotencyKeyReused. Must not be entered inside a transaction.
    """
    if not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
        raise InvalidParameter({HEADER: [_("Send 1 to 255 printable characters.")]})
    if actor.user_id is None:
        raise InvalidParameter({HEADER: [_("Only a user's requests are remembered.")]})
    canonical = f"{path.rstrip('/')}/"[:512]
    claim = Claim(actor.user_id, method, canonical, key, digest_of(content))
    try:
        claim.look()
        yield claim
    finally:
        claim.release()


def digest_of(content: Any) -> str:
    """Equal for bodies that say the same, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=_part).encode()).hexdigest()


def _part(value: Any) -> Any:
    """A part of a form: files by their content."""
    if hasattr(value, "chunks"):
        digest = hashlib.sha256()
        for chunk in value.chunks():
            digest.update(chunk)
        value.seek(0)
        return digest.hexdigest()
    return str(value)


def content_of(data: Any) -> Any:
    """`request.data` in a form that `digest_of` takes."""
    return dict(data.lists()) if hasattr(data, "lists") else data


def _oldest() -> Any:
    return clock.now() - timedelta(hours=settings_store.get("API")["idempotency_hours"])


def forget_old() -> int:
    """Delete what need not be remembered any longer; how many rows. For the clock."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_idempotentrequest WHERE created_date <= %s", (_oldest(),))
        return cursor.rowcount
