"""Writing down what became of deliveries, set by set. All of it runs under the lock of the target's row."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from packhouse.kernel import exceptions
from packhouse.webhooks.claiming import CHAIN_LENGTH
from packhouse.webhooks.models import Hook, Subscriber
from packhouse.webhooks.outcomes import Outcome
from packhouse.webhooks.work import Attempt, Key

DEAD_LETTERS = "webhook_dead"
GONE = "webhook_gone"
KEPT_DATES = 50
SEEN_EVERY = timedelta(seconds=1)

# A dead letter is claimed when a person retries it. What was buried while it was under way (a 410 to its
# neighbour) has lost its claim, and may still turn out to be delivered.
_RESULTS = f"""
UPDATE webhooks_delivery d SET
    state = r.state, next_attempt_date = r.next_attempt_date, step = r.step, ladder_date = r.ladder_date,
    error_kind = r.error_kind, claimed_until = NULL, modified_date = %(now)s, retry_count = d.retry_count + 1,
    request_datetimes = (ARRAY[r.at] || d.request_datetimes)[1:{KEPT_DATES}], request_headers = r.request_headers,
    response_http_status = r.status, response_headers = r.headers, response_content = r.content,
    response_time = make_interval(secs => r.seconds)
FROM jsonb_to_recordset(%(rows)s) AS r(id bigint, state text, next_attempt_date timestamptz, step int,
    ladder_date timestamptz, error_kind text, at timestamptz, request_headers jsonb, status int, headers jsonb,
    content text, seconds float8)
WHERE d.id = r.id
    AND (d.state IN ('waiting', 'retrying', 'held') OR d.claimed_until IS NOT NULL OR r.state = 'delivered')
"""  # noqa: S608 - the only value put in is a number of ours

_SEEN = """
UPDATE webhooks_hook SET last_delivered_date = %(now)s
WHERE id = ANY(%(ids)s) AND (last_delivered_date IS NULL OR last_delivered_date < %(since)s)
"""

_RELEASE = """
UPDATE webhooks_delivery d SET
    state = 'waiting', next_attempt_date = %(now)s, modified_date = %(now)s,
    ladder_date = CASE WHEN n.delivered THEN %(now)s ELSE d.ladder_date END
FROM (
    SELECT q.id, k.delivered
    FROM unnest(%(subscribers)s::bigint[], %(subjects)s::text[], %(delivered)s::bool[])
        AS k(subscriber_id, subject, delivered)
    CROSS JOIN LATERAL (
        SELECT p.id FROM webhooks_delivery p JOIN webhooks_hook h ON h.id = p.hook_id AND h.is_active
        WHERE p.subscriber_id = k.subscriber_id AND p.subject = k.subject AND p.state = 'held' AND p.strict_order
        ORDER BY p.sequence LIMIT %(longest)s
    ) q
) n
WHERE d.id = n.id
"""

_OPEN_GAPS = """
INSERT INTO webhooks_gap (subscriber_id, subject)
SELECT DISTINCT * FROM unnest(%(subscribers)s::bigint[], %(subjects)s::text[])
ON CONFLICT (subscriber_id, subject) DO NOTHING
"""

_CLOSE_GAPS = """
DELETE FROM webhooks_gap g USING unnest(%(subscribers)s::bigint[], %(subjects)s::text[]) AS k(subscriber_id, subject)
WHERE g.subscriber_id = k.subscriber_id AND g.subject = k.subject
"""


def write_results(results: Sequence[tuple[Attempt, Outcome]], now: datetime) -> None:
    """The attempts' results on their rows, and when each hook was last delivered to."""
    rows = [_row(attempt, outcome) for attempt, outcome in results]
    with connection.cursor() as cursor:
        cursor.execute(_RESULTS, {"rows": json.dumps(rows), "now": now})
        if seen := {attempt.item.hook_id for attempt, _outcome in results if attempt.answer.delivered}:
            cursor.execute(_SEEN, {"ids": sorted(seen), "now": now, "since": now - SEEN_EVERY})


def _row(attempt: Attempt, outcome: Outcome) -> dict[str, Any]:
    answer = attempt.answer
    return {
        "id": attempt.item.id,
        "state": outcome.state,
        "next_attempt_date": _text(outcome.next_attempt_date),
        "step": outcome.step,
        "ladder_date": _text(outcome.ladder_date),
        "error_kind": outcome.error_kind,
        "at": _text(attempt.at),
        "request_headers": dict(attempt.request_headers),
        "status": answer.status,
        "headers": dict(answer.headers),
        "content": answer.content,
        "seconds": round(answer.seconds, 6),
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def close_gaps(keys: Iterable[Key]) -> None:
    """One of the subject was delivered again."""
    _with_keys(_CLOSE_GAPS, keys)


def open_gaps(keys: Iterable[Key]) -> None:
    """The subscriber has missed one of the subject for good."""
    _with_keys(_OPEN_GAPS, keys)


def _with_keys(statement: str, keys: Iterable[Key]) -> None:
    given = sorted(set(keys))
    if given:
        with connection.cursor() as cursor:
            cursor.execute(
                statement, {"subscribers": [k[0] for k in given], "subjects": [k[1] for k in given]}
            )


def release(through: Iterable[tuple[Key, bool]], now: datetime) -> None:
    """Let the next held ones of these subjects go. True: the one before was delivered, so that their ladder
    begins now; False: it is a dead letter, and theirs has been running since they were made."""
    keys = list(through)
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _RELEASE,
            {
                "subscribers": [key[0] for key, _delivered in keys],
                "subjects": [key[1] for key, _delivered in keys],
                "delivered": [delivered for _key, delivered in keys],
                "longest": CHAIN_LENGTH,
                "now": now,
            },
        )


_BURY = """
UPDATE webhooks_delivery SET
    state = 'dead', next_attempt_date = NULL, claimed_until = NULL, error_kind = %(kind)s, modified_date = %(now)s
WHERE id = ANY(%(ids)s) AND state IN ('waiting', 'retrying', 'held')
RETURNING hook_id, subscriber_id, subject, strict_order
"""


def bury(ids: Sequence[int], kind: str, now: datetime) -> int:
    """Make dead letters of open deliveries, and let those behind them go; how many there were."""
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_BURY, {"ids": list(ids), "kind": kind, "now": now})
        rows = cursor.fetchall()
    keys = {(subscriber_id, subject) for _hook, subscriber_id, subject, strict in rows if strict}
    open_gaps(keys)
    release([(key, False) for key in sorted(keys)], now)
    report_dead(Counter(row[0] for row in rows), kind)
    return len(rows)


def report_dead(numbers: Counter[int], reason: str) -> None:
    """Put the growth of the dead letters of each hook into the exceptions list."""
    hooks = Hook.objects.select_related("subscriber").in_bulk(list(numbers))
    for hook_id, number in sorted(numbers.items()):
        hook = hooks[hook_id]
        exceptions.report(
            DEAD_LETTERS,
            f"hook/{hook_id}",
            _("%(number)s more deliveries of %(type)s to %(url)s were given up: %(reason)s.")
            % {
                "number": number,
                "type": hook.event_type,
                "url": hook.subscriber.target_url,
                "reason": reason,
            },
            detail={"hook": hook_id, "event_type": hook.event_type, "more": number, "reason": reason},
            action="replay",
        )


_RESOLVE = """
UPDATE kernel_exceptionentry x SET resolved_date = %(now)s, modified_date = %(now)s
WHERE x.kind = %(kind)s AND x.resolved_date IS NULL AND NOT EXISTS (
    SELECT FROM webhooks_delivery d WHERE d.state = 'dead' AND d.hook_id = split_part(x.subject, '/', 2)::bigint)
"""


def resolve_mended(now: datetime) -> None:
    """Close the exceptions of hooks that have no dead letter any more."""
    with connection.cursor() as cursor:
        cursor.execute(_RESOLVE, {"kind": DEAD_LETTERS, "now": now})


def switch_off(hook: Hook, reason: str, now: datetime) -> None:
    """Nothing new for this hook; what it still has to send is dealt with by the caller."""
    Hook.objects.filter(pk=hook.pk, is_active=True).update(
        is_active=False, disabled_reason=reason, disabled_date=now, modified_date=now
    )


def receiver_is_gone(hook_ids: Iterable[int], now: datetime) -> None:
    """410: the hook is switched off, what it had to send is given up, and its owner finds both in the list."""
    for hook in Hook.objects.select_related("subscriber").filter(pk__in=set(hook_ids), is_active=True):
        reason = _("The receiver answered 410 (gone).")
        switch_off(hook, reason, now)
        bury(open_deliveries(hook), "gone", now)
        exceptions.report(
            GONE,
            f"hook/{hook.pk}",
            _("%(url)s answered 410 to %(type)s; the hook is switched off.")
            % {"url": hook.subscriber.target_url, "type": hook.event_type},
            detail={"hook": hook.pk, "owner": hook.owner_id},
            action="switch_on",
        )


_OPEN = """
SELECT id FROM webhooks_delivery
WHERE subscriber_id = %s AND hook_id = %s AND state IN ('waiting', 'retrying', 'held')
"""


def open_deliveries(hook: Hook, *, at: Subscriber | None = None) -> list[int]:
    """Ids of what a hook still has to send (`at`: to the address it had before)."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, (at.pk if at else hook.subscriber_id, hook.pk))
        return [row[0] for row in cursor.fetchall()]
