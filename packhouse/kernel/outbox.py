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

from packhouse.kernel import audit, clock, sql
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


@dataclass(frozen=True)
class FanOut:
    """How new events become deliveries, in the statement that writes them.

    `insert`: an INSERT that reads the new rows of `kernel_event` from `new_events`, and may use `%(now)s`;
    `made`: called in the transaction when it made any.
    """

    insert: str
    made: Callable[[], None]


class _Wired:
    fan_outs: tuple[FanOut, ...] = ()


def on_events(fan_out: FanOut) -> None:
    """Register who turns new events into deliveries, in the same transaction (config/wiring.py calls this)."""
    if fan_out not in _Wired.fan_outs:
        _Wired.fan_outs = (*_Wired.fan_outs, fan_out)


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


_LOGGED = """
logged AS (
    INSERT INTO kernel_statetransitionlog
        (created_date, modified_date, content_type_id, object_id, old_state_id, new_state_id, user_id, attributes)
    SELECT %(now)s, %(now)s, l.content_type_id, l.object_id, l.old_state_id, l.new_state_id, l.user_id, l.attributes
    FROM jsonb_to_recordset(%(log)s) AS l(content_type_id int, object_id bigint, old_state_id bigint,
        new_state_id bigint, user_id bigint, attributes jsonb)
)"""

_KEPT = """
kept AS (
    INSERT INTO kernel_payload (id, body) SELECT id, body FROM (VALUES {payloads}) AS p(id, body)
), new_events AS (
    INSERT INTO kernel_event (uuid, type, subject, sequence, payload_id, content_type_id, object_id, channel_id,
        erp_codes, created_date)
    SELECT e.uuid, e.type, e.subject, e.sequence, e.payload_id, e.content_type_id, e.object_id, e.channel_id,
        e.erp_codes, %(now)s
    FROM jsonb_to_recordset(%(events)s) AS e(uuid uuid, type text, subject text, sequence bigint, payload_id uuid,
        content_type_id int, object_id bigint, channel_id bigint, erp_codes text[])
    RETURNING *
)"""

_DEFERRED = """(
    SELECT procrastinate_defer_jobs_v1(array_agg(ROW(j.queue, j.task, j.priority, j.lock, NULL, j.args,
        j.not_before)::procrastinate_job_to_defer_v1 ORDER BY j.n))
    FROM jsonb_to_recordset(%(jobs)s)
        AS j(n int, queue text, task text, priority int, lock text, args jsonb, not_before timestamptz)
)"""


@cache
def _write_statement(
    log: bool, payloads: int, jobs: bool, audited: bool, fan_outs: tuple[FanOut, ...]
) -> str:
    """One text per shape. Payloads as plain parameters need no quoting, unlike those of an array."""
    parts = [_LOGGED] if log else []
    answers = []
    if payloads:
        values = ", ".join(f"(%(id{n})s::uuid, %(body{n})s::text)" for n in range(payloads))
        parts.append(_KEPT.format(payloads=values))
        for n, fan_out in enumerate(fan_outs):
            parts.append(f"made{n} AS ({fan_out.insert} RETURNING 1)")
            answers.append(f"(SELECT count(*) FROM made{n})")  # noqa: S608 - a number of ours
    if audited:
        parts.append(f"audited AS ({audit.INSERT})")
    if jobs:
        answers.append(_DEFERRED)
    begin = f"WITH {', '.join(parts)} " if parts else ""
    return f"{begin}SELECT {', '.join(answers) or 'NULL'}"


def record(
    *,
    events: Sequence[NewEvent] = (),
    log: Sequence[LogRow] = (),
    messages: Sequence[Message | Scheduled] = (),
) -> None:
    """Write log rows, events with their payloads and deliveries, and messages, in the caller's transaction.

    One statement: the change and every promise to tell of it are one.
    """
    if not (events or log or messages):
        return
    values: dict[str, Any] = {"now": clock.now()}
    payloads = _event_values(events, values)
    if log:
        values["log"] = json.dumps([_log_row(row) for row in log])
    if messages:
        values["jobs"] = _jobs(messages)
    audited = audit.pending()
    values.update(audited or {})
    text = _write_statement(bool(log), payloads, bool(messages), audited is not None, _Wired.fan_outs)
    made = sql.row(text, values)
    if events:
        for fan_out, count in zip(_Wired.fan_outs, made, strict=False):
            if count:
                fan_out.made()


def _event_values(events: Sequence[NewEvent], values: dict[str, Any]) -> int:
    """Put the parameters of the events among `values`; how many payloads they share."""
    payload_ids: dict[int, uuid.UUID] = {}
    rows = []
    for event in events:
        key = id(event.document)
        if key not in payload_ids:
            number = len(payload_ids)
            payload_ids[key] = new_uuid()
            values[f"id{number}"], values[f"body{number}"] = payload_ids[key], freeze(event.document)
        rows.append(_event_row(event, payload_ids[key]))
    if rows:
        values["events"] = json.dumps(rows)
    return len(payload_ids)


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


def enqueue(messages: Sequence[Message | Scheduled]) -> None:
    """Put messages into the job queue, in the caller's transaction: the job row is the promise."""
    record(messages=messages)


def _jobs(messages: Sequence[Message | Scheduled]) -> str:
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
    return json.dumps(jobs)


_HURRY = """
UPDATE procrastinate_jobs SET scheduled_at = NULL
WHERE task_name = %(task)s AND lock = %(lock)s AND status = 'todo' AND scheduled_at IS NOT NULL
"""


def hurry(message: Message) -> None:
    """What jobs of this message waited for has come: they may run now. The message needs a lock."""
    sql.run(_HURRY, {"task": message.task, "lock": message.lock()})
