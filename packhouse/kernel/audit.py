"""The audit trail: who wrote what, from where. One row for each write over HTTP, in the transaction that writes.

Whoever takes a request says with `about` what is to be noted; the first statement of the outbox carries the row
along, and what has no outbox calls `write`. A write that is undone leaves no row.
"""

import ipaddress
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from packhouse.kernel import clock, settings_store, tracing
from packhouse.kernel.secrets import SECRET_NAMES, by_name, mask

LONGEST_TEXT: Final = 1000
LARGEST_BODY: Final = 20_000
IS_SECRET: Final = by_name(*SECRET_NAMES, "otp", "signature", "cookie", "x-api-key")

INSERT: Final = """
INSERT INTO kernel_auditevent (uuid, timestamp, remote_addr, url, query_params, post_data, headers, object_id,
    content, user_id, content_type_id, request_id)
VALUES (%(audit_uuid)s::uuid, %(now)s::timestamptz, %(audit_addr)s::inet, %(audit_url)s::text,
    %(audit_query)s::jsonb, %(audit_body)s::jsonb, %(audit_headers)s::jsonb, %(audit_object)s::text,
    %(audit_content)s::text, %(audit_user)s::bigint, %(audit_type)s::int, %(audit_request)s::text)
"""
Values = dict[str, Any]


@dataclass(eq=False)
class Entry:
    """What is to be noted. `body` is asked for when the row is written; `object_id` may still be set then."""

    url: str
    user_id: int | None
    uuid: UUID
    remote_addr: str | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Callable[[], Any] = lambda: None
    object_id: str = ""
    content: str = ""
    content_type_id: int | None = None

    def __post_init__(self) -> None:
        self._committed = False
        # Kept: whether it stands in the list of a transaction is asked by identity.
        self._note = self._on_commit

    def _on_commit(self) -> None:
        self._committed = True

    @property
    def is_written(self) -> bool:
        """Also in the present transaction. One that was undone has forgotten what was to follow its commit."""
        return self._committed or any(row[1] is self._note for row in connection.run_on_commit)

    def values(self) -> Values:
        """Parameters of `INSERT`; from now on it counts as written."""
        transaction.on_commit(self._note)
        return {
            "audit_uuid": str(self.uuid),
            "audit_addr": _address(self.remote_addr),
            "audit_url": _text(self.url)[:8192],
            "audit_query": _json(self.query),
            "audit_body": _json(self.body()),
            "audit_headers": _json(self.headers),
            "audit_object": self.object_id[:64],
            "audit_content": _text(self.content)[:LONGEST_TEXT],
            "audit_user": self.user_id,
            "audit_type": self.content_type_id,
            "audit_request": tracing.request_id() or "",
        }


_current: ContextVar[Entry | None] = ContextVar("packhouse_audit", default=None)


@contextmanager
def about(entry: Entry) -> Iterator[Entry]:
    """What is written within the block is noted as this."""
    token = _current.set(entry)
    try:
        yield entry
    finally:
        _current.reset(token)


def pending() -> Values | None:
    """For the statement that writes anyway: the parameters of `INSERT`, or None where nothing is to be noted."""
    entry = _current.get()
    return None if entry is None or entry.is_written else entry.values()


def write() -> None:
    """Write the row of the present block, unless it is written already."""
    values = pending()
    if values is not None:
        with connection.cursor() as cursor:
            cursor.execute(INSERT, {"now": clock.now(), **values})


def forget_old() -> int:
    """Delete what is older than `RETENTION.audit_days`; how many rows. For the clock."""
    days = settings_store.get("RETENTION")["audit_days"]
    if days is None:
        return 0
    before: datetime = clock.now() - timedelta(days=days)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_auditevent WHERE timestamp < %s", (before,))
        return int(cursor.rowcount)


def _address(text: str | None) -> str | None:
    try:
        return str(ipaddress.ip_address((text or "").partition("%")[0]))
    except ValueError:
        return None


def _json(value: Any) -> str | None:
    """JSON text without secrets, NUL characters, and what is too long to be kept."""
    if value is None:
        return None
    text = json.dumps(_shortened(mask(value, IS_SECRET)), default=str)
    if len(text) > LARGEST_BODY:
        text = json.dumps({"length": len(text), "beginning": text[:LARGEST_BODY]})
    return text


def _shortened(value: Any) -> Any:
    if isinstance(value, str):
        return (
            _text(value) if len(value) <= LONGEST_TEXT else f"{_text(value[:LONGEST_TEXT])}… ({len(value)})"
        )
    if isinstance(value, Mapping):
        return {_text(str(key)): _shortened(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(item) for item in value]
    return value


def _text(value: str) -> str:
    """As the database can keep it."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode()
