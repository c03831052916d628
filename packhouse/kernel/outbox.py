"""What leaves a transaction: messages (jobs), events with their frozen payloads, and log rows.

Everything here is written by set-based SQL in the caller's transaction, so that a change and the promise
to tell about it are one. Nothing is sent from here; workers send what they find.
"""

import json
import secrets
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from django.db import connection

from packhouse.kernel import audit, clock
from packhouse.kernel.machine import content_type_id


@dataclass(frozen=True)
class Message:
    """A request to a worker, named in the imperative. Fields are the job's arguments (JSON values)."""

    task: ClassVar[str]
    queue: ClassVar[str] = "default"
    priority: ClassVar[int] = 0

    def lock(self) -> str | None:
        """Jobs with the same lock run one after the other, in order."""
        return None


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A message and the time before which no worker takes it."""

    message: Message
    not_before: datetime | None = None


@dataclass(frozen=True)
class NewEvent:
    """An event to be told. `document` is the payload; events given the same object share one stored text."""

    type: str
    kind: str
    object_id: int
    sequence: int
    document: Mapping[str, Any]
    channel_id: int | None = None
    erp_codes: tuple[str, ...] = ()
    subject_kind: str | None = None
    subject_id: int | None = None

    @property
    def subject(self) -> str:
        kind = self.subject_kind or self.kind
        return f"{SUBJECTS[kind]}/{self.subject_id or self.object_id}"


SUBJECTS = {
    "package": "package",
    "transfer": "transfer_order",
    "order": "order",
    "stock_location": "stock_location",
}


@dataclass(frozen=True)
class LogRow:
    """One change of state for the state transition log; states by row id."""

    kind: str
    object_id: int
    old_state: int | None
    new_state: int
    user_id: int | None
    attributes: Mapping[str, Any] = field(default_factory=dict)


FanOut = Callable[[Sequence[uuid.UUID]], None]


class _Wired:
    fan_out: list[FanOut] = []


def on_events(fan_out: FanOut) -> None:
    """Register who turns new events into deliveries, in the same transaction (config/wiring.py calls this)."""
    if fan_out not in _Wired.fan_out:
        _Wired.fan_out.append(fan_out)


def freeze(document: Mapping[str, Any]) -> str:
    """The wire text of a payload: `", "` and `": "`, non-ASCII escaped (page 60)."""
    return json.dumps(document)


def new_uuid() -> uuid.UUID:
    """A UUID of version 7: rising in time, so that its index stays small where it is written."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | secrets.randbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return uuid.UUID(int=value)


_WRITE = """
WITH logged AS (
    INSERT INTO kernel_statetransitionlog
        (created_date, modified_date, content_type_id, object_id, old_state_id, new_state_id, user_id, attributes)
    SELECT %(now)s, %(now)s, l.content_type_id, l.object_id, l.old_state_id, l.new_state_id, l.user_id, l.attributes
    FROM jsonb_to_recordset(%(log)s) AS l(content_type_id int, object_id bigint, old_state_id bigint,
        new_state_id bigint, user_id bigint, attributes jsonb)
), kept AS (
    INSERT INTO kernel_payload (id, body)
    SELECT id, body FROM (VALUES {payloads}) AS p(id, body) WHERE id IS NOT NULL
){audited}
INSERT INTO kernel_event (uuid, type, subject, sequence, payload_id, content_type_id, object_id, channel_id,
    erp_codes, created_date)
SELECT e.uuid, e.type, e.subject, e.sequence, e.payload_id, e.content_type_id, e.object_id, e.channel_id,
    e.erp_codes, %(now)s
FROM jsonb_to_recordset(%(events)s) AS e(uuid uuid, type text, subject text, sequence bigint, payload_id uuid,
    content_type_id int, object_id bigint, channel_id bigint, erp_codes text[])
"""


@cache
def _write_statement(payloads: int, *, audited: bool) -> str:
    """One text per number of payloads: texts as plain parameters need no quoting, unlike those of an array."""
    values = [f"(%(id{n})s::uuid, %(body{n})s::text)" for n in range(payloads)] or [
        "(NULL::uuid, NULL::text)"
    ]
    carried = f", audited AS ({audit.INSERT})" if audited else ""
    return _WRITE.format(payloads=", ".join(values), audited=carried)


def record(*, events: Sequence[NewEvent] = (), log: Sequence[LogRow] = ()) -> None:
    """Write log rows and events (with their payloads) in one statement, then let deliveries be made of them.

    The row of the audit trail goes along, where one is due.
    """
    if not events and not log:
        return
    payload_ids: dict[int, uuid.UUID] = {}
    payloads: dict[str, Any] = {}
    rows = []
    for event in events:
        key = id(event.document)
        if key not in payload_ids:
            number = len(payload_ids)
            payload_ids[key] = new_uuid()
            payloads[f"id{number}"], payloads[f"body{number}"] = payload_ids[key], freeze(event.document)
        rows.append(_event_row(event, payload_ids[key]))
    audited = audit.pending()
    with connection.cursor() as cursor:
        cursor.execute(
            _write_statement(len(payload_ids), audited=audited is not None),
            {
                "now": clock.now(),
                "log": json.dumps([_log_row(row) for row in log]),
                "events": json.dumps(rows),
                **payloads,
                **(audited or {}),
            },
        )
    if rows:
        ids = [uuid.UUID(row["uuid"]) for row in rows]
        for fan_out in _Wired.fan_out:
            fan_out(ids)


def _event_row(event: NewEvent, payload_id: uuid.UUID) -> dict[str, Any]:
    return {
        "uuid": str(new_uuid()),
        "type": event.type,
        "subject": event.subject,
        "sequence": event.sequence,
        "payload_id": str(payload_id),
        "content_type_id": content_type_id(event.kind),
        "object_id": event.object_id,
        "channel_id": event.channel_id,
        "erp_codes": list(event.erp_codes),
    }


def _log_row(row: LogRow) -> dict[str, Any]:
    return {
        "content_type_id": content_type_id(row.kind),
        "object_id": row.object_id,
        "old_state_id": row.old_state,
        "new_state_id": row.new_state,
        "user_id": row.user_id,
        "attributes": dict(row.attributes),
    }


_ENQUEUE = """
SELECT procrastinate_defer_jobs_v1(array_agg(
    ROW(j.queue, j.task, j.priority, j.lock, NULL, j.args, j.not_before)::procrastinate_job_to_defer_v1 ORDER BY j.n))
FROM jsonb_to_recordset(%(jobs)s)
    AS j(n int, queue text, task text, priority int, lock text, args jsonb, not_before timestamptz)
"""


def enqueue(messages: Sequence[Message | Scheduled]) -> None:
    """Put messages into the job queue, in the caller's transaction: the job row is the promise."""
    if not messages:
        return
    jobs = []
    for n, given in enumerate(messages):
        message, not_before = (
            (given.message, given.not_before) if isinstance(given, Scheduled) else (given, None)
        )
        jobs.append(
            {
                "n": n,
                "queue": message.queue,
                "task": message.task,
                "priority": message.priority,
                "lock": message.lock(),
                "args": asdict(message),
                "not_before": not_before.isoformat() if not_before else None,
            }
        )
    with connection.cursor() as cursor:
        cursor.execute(_ENQUEUE, {"jobs": json.dumps(jobs)})


_HURRY = """
UPDATE procrastinate_jobs SET scheduled_at = NULL
WHERE task_name = %(task)s AND lock = %(lock)s AND status = 'todo' AND scheduled_at IS NOT NULL
"""


def hurry(message: Message) -> None:
    """What jobs of this message waited for has come: they may run now. The message needs a lock."""
    with connection.cursor() as cursor:
        cursor.execute(_HURRY, {"task": message.task, "lock": message.lock()})
