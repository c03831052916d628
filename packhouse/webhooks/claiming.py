"""Taking deliveries to send: those that are due, at most one of a subject at a time, and in sequence.

A claim is a lease on the row (`claimed_until`), so that no transaction is open while something is sent, and a
pump that dies only delays what it had. All statements here run under the lock of the target's row.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from packhouse.webhooks.addressbook import AddressBook
from packhouse.webhooks.message import Told, body_text
from packhouse.webhooks.models import Delivery
from packhouse.webhooks.work import Chain, Item, Standing

CHAIN_LENGTH = 10
BEGIN_WITHIN = 3.0
"""Seconds an item may wait for its turn at the sender."""
SLACK = 2.0
"""Seconds a claim is kept beyond the end of the longest attempt."""

# Whether a row is the head of its subject is counted against what is still to come through before it; what
# belongs to a hook that is switched off stands in nobody's way.
_CANDIDATES = """
SELECT c.id, c.subscriber_id, c.subject, c.strict_order, h.is_active,
    CASE WHEN c.strict_order THEN (
        SELECT count(*) FROM (
            SELECT 1 FROM webhooks_delivery p JOIN webhooks_hook ph ON ph.id = p.hook_id AND ph.is_active
            WHERE p.subscriber_id = c.subscriber_id AND p.subject = c.subject AND p.sequence < c.sequence
                AND p.strict_order AND p.state IN ('waiting', 'retrying', 'held')
            LIMIT %(longest)s) ahead)
    ELSE 0 END,
    c.strict_order AND EXISTS (
        SELECT FROM webhooks_gap g WHERE g.subscriber_id = c.subscriber_id AND g.subject = c.subject)
FROM (
    SELECT due.* FROM webhooks_subscriber s
    LEFT JOIN unnest(%(busy)s::bigint[], %(taken)s::int[]) AS b(id, taken) ON b.id = s.id
    CROSS JOIN LATERAL (
        SELECT d.id, d.subscriber_id, d.subject, d.sequence, d.hook_id, d.strict_order, d.next_attempt_date
        FROM webhooks_delivery d
        WHERE d.subscriber_id = s.id AND d.state IN ('waiting', 'retrying')
            AND d.next_attempt_date <= %(now)s AND (d.claimed_until IS NULL OR d.claimed_until <= %(now)s)
        ORDER BY d.next_attempt_date, d.id
        LIMIT greatest(%(room)s - coalesce(b.taken, 0), 0)
        FOR NO KEY UPDATE SKIP LOCKED
    ) due
    WHERE s.target_id = %(target)s
) c JOIN webhooks_hook h ON h.id = c.hook_id
ORDER BY c.next_attempt_date, c.sequence, c.id
LIMIT %(most)s
"""

_CLAIM = """
WITH claimed AS (
    UPDATE webhooks_delivery SET claimed_until = %(until)s WHERE id = ANY(%(ids)s)
    RETURNING id, uuid, hook_id, subscriber_id, subject, sequence, strict_order, event_type, full_envelope,
        retry_count, step, ladder_date, event_id
)
SELECT c.id, c.uuid, c.hook_id, c.subscriber_id, c.subject, c.sequence, c.strict_order, c.event_type,
    c.full_envelope, c.retry_count, c.step, c.ladder_date, e.uuid, e.created_date, p.body, h.modified_date
FROM claimed c JOIN kernel_event e ON e.cursor = c.event_id JOIN kernel_payload p ON p.id = e.payload_id
    JOIN webhooks_hook h ON h.id = c.hook_id
"""

_PARK = """
UPDATE webhooks_delivery SET state = 'held', claimed_until = NULL, modified_date = %(now)s WHERE id = ANY(%(ids)s)
"""


@dataclass(frozen=True, slots=True)
class Room:
    """How many deliveries a subscriber may have at the sender, and how many some have there already."""

    each: int
    taken: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Candidate:
    id: int
    subscriber_id: int
    subject: str
    strict: bool
    hook_is_active: bool
    ahead: int
    behind_gap: bool


def take(
    target_id: int, room: Room, book: AddressBook, *, now: datetime, longest: float, most: int
) -> tuple[list[Chain], bool]:
    """Claim up to `most` deliveries; `longest` is how many seconds an attempt can last.

    Returns the chains, and whether there may be more to take at once.
    """
    candidates = _candidates(target_id, room, now, most)
    chains, parked = _sorted_out(candidates)
    _park([candidate.id for candidate in parked], now)
    ids = [candidate.id for chain in chains for candidate in chain]
    items = _claimed(ids, {c.id for chain in chains for c in chain if c.behind_gap}, book, now, longest)
    taken = [[items[candidate.id] for candidate in chain] for chain in chains]
    return taken, bool(parked)


def _candidates(target_id: int, room: Room, now: datetime, most: int) -> list[_Candidate]:
    with connection.cursor() as cursor:
        cursor.execute(
            _CANDIDATES,
            {
                "target": target_id,
                "now": now,
                "room": room.each,
                "busy": list(room.taken),
                "taken": list(room.taken.values()),
                "longest": CHAIN_LENGTH + 1,
                "most": most,
            },
        )
        return [_Candidate(*row) for row in cursor.fetchall()]


def _sorted_out(candidates: Sequence[_Candidate]) -> tuple[list[list[_Candidate]], list[_Candidate]]:
    """Chains of what may be sent now, and what has to be held."""
    chains: dict[tuple[int, str], list[_Candidate]] = {}
    loose: list[list[_Candidate]] = []
    parked: list[_Candidate] = []
    for candidate in candidates:
        if not candidate.hook_is_active:
            parked.append(candidate)
        elif not candidate.strict:
            loose.append([candidate])
        else:
            chain = chains.setdefault((candidate.subscriber_id, candidate.subject), [])
            longest = 1 if candidate.behind_gap else CHAIN_LENGTH
            is_next = candidate.ahead == len(chain) < longest
            (chain if is_next else parked).append(candidate)
    return [*(chain for chain in chains.values() if chain), *loose], parked


def _park(ids: list[int], now: datetime) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_PARK, {"ids": ids, "now": now})


def _claimed(
    ids: list[int], single: set[int], book: AddressBook, now: datetime, longest: float
) -> dict[int, Item]:
    if not ids:
        return {}
    until = now + timedelta(seconds=BEGIN_WITHIN + longest + SLACK)
    begin_before = time.monotonic() + BEGIN_WITHIN
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"until": until, "ids": ids})
        rows = cursor.fetchall()
    book.learn((row[2], row[15]) for row in rows)
    return {row[0]: _item(row, row[0] in single, book, begin_before) for row in rows}


def _item(row: tuple[Any, ...], single: bool, book: AddressBook, begin_before: float) -> Item:
    id_, uuid, hook_id, subscriber_id, subject, sequence, strict, type_, full, retries, step, ladder = row[
        :12
    ]
    event_uuid, created, payload = row[12:15]
    address, plan = book[hook_id]
    told = Told(type_, uuid, event_uuid, subject, sequence, created)
    return Item(
        id=id_,
        uuid=uuid,
        hook_id=hook_id,
        subscriber_id=subscriber_id,
        subject=subject,
        strict=strict,
        event_type=type_,
        body=body_text(told, payload, full=full).encode(),
        address=address,
        plan=plan,
        retry_count=retries,
        step=step,
        ladder_date=ladder,
        single=single,
        begin_before=begin_before,
    )


def take_by_hand(delivery: Delivery, book: AddressBook, *, now: datetime, longest: float) -> Item:
    """Claim one delivery out of its turn, as a person wants it."""
    items = _claimed([delivery.pk], {delivery.pk}, book, now, longest)
    standing = Standing(delivery.state, delivery.next_attempt_date)
    return replace(items[delivery.pk], by_hand=standing)


def give_back(items: Sequence[Item], *, held: bool, now: datetime) -> None:
    """End the claims of items that were not sent. `held`: an earlier one of their subject has to be through first."""
    if held:
        _park([item.id for item in items], now)
    elif items:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE webhooks_delivery SET claimed_until = NULL WHERE id = ANY(%(ids)s)",
                {"ids": [item.id for item in items]},
            )
