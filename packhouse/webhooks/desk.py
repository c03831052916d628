"""The desk of one target: under the lock of its row, results are written down and the next work is taken.

Everything that changes the state of deliveries once they exist goes through here or holds the same lock
(`locked`), so that nobody holds a delivery back that somebody else is just releasing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from packhouse.webhooks import claiming, recording
from packhouse.webhooks.addressbook import AddressBook
from packhouse.webhooks.breaker import Breaker
from packhouse.webhooks.claiming import Room
from packhouse.webhooks.models import DeliveryState
from packhouse.webhooks.outcomes import Outcome, outcome_of, trips_breaker
from packhouse.webhooks.work import Attempt, Chain, Item, Key

LEASE = timedelta(seconds=5)

_BREAKER = "failures, open_seconds, open_until, opened_date, closed_date"
_LOCK = f"SELECT {_BREAKER} FROM webhooks_target WHERE id = %(id)s FOR NO KEY UPDATE"  # noqa: S608
# An update locks like a select, and takes the lease at once where it is to be had.
_LOCK_AND_LEASE = f"""
UPDATE webhooks_target t SET
    lease = CASE WHEN l.free THEN %(pump)s::uuid ELSE t.lease END,
    leased_until = CASE WHEN l.free THEN %(until)s::timestamptz ELSE t.leased_until END
FROM (
    SELECT id, lease IS NULL OR lease = %(pump)s OR leased_until IS NULL OR leased_until <= %(now)s AS free
    FROM webhooks_target WHERE id = %(id)s FOR NO KEY UPDATE
) l
WHERE t.id = l.id
RETURNING {_BREAKER}, l.free
"""  # noqa: S608
_KEEP = """
UPDATE webhooks_target SET failures = %(failures)s, open_seconds = %(open_seconds)s, open_until = %(open_until)s,
    opened_date = %(opened_date)s, closed_date = %(closed_date)s
WHERE id = %(id)s
"""


@dataclass
class Locked:
    """A target's row, locked; a changed breaker is written at the end. `is_ours`: this pump holds its lease."""

    id: int
    breaker: Breaker
    is_ours: bool = False


@contextmanager
def locked(target_id: int) -> Iterator[Locked]:
    """Hold the lock of a target within the block, in a transaction of its own or the caller's."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK, {"id": target_id})
        target = Locked(target_id, Breaker(*cursor.fetchone()))
        with _keeping(target):
            yield target


@contextmanager
def _leased(target_id: int, pump: UUID, now: datetime) -> Iterator[Locked]:
    """As `locked`, and renew the pump's lease, or take it when nobody else has it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK_AND_LEASE, {"id": target_id, "pump": pump, "until": now + LEASE, "now": now})
        *breaker, is_ours = cursor.fetchone()
        target = Locked(target_id, Breaker(*breaker), is_ours)
        with _keeping(target):
            yield target


@contextmanager
def _keeping(target: Locked) -> Iterator[None]:
    before = asdict(target.breaker)
    yield
    if (after := asdict(target.breaker)) != before:
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, {"id": target.id, **after})


@dataclass
class Turn:
    """What a pump brings to a target's desk, and what it wants. `most` 0: it takes nothing more."""

    target_id: int
    pump: UUID
    attempts: Sequence[Attempt]
    unsent: Sequence[Item]
    room: Room
    most: int
    under_way: int
    longest: float


@dataclass
class Taken:
    """What it gets. `more`: come again at once. `closed`: the breaker is open (or it is another pump's target
    now), so that what is still waiting at the sender is to be given back."""

    chains: list[Chain] = field(default_factory=list)
    more: bool = False
    closed: bool = False


def serve(turn: Turn, book: AddressBook, now: datetime) -> Taken:
    """One turn: one transaction, a fixed number of statements whatever it moves."""
    with _leased(turn.target_id, turn.pump, now) as target:
        record(target, turn.attempts, now)
        claiming.give_back(turn.unsent, held=False, now=now)
        if not target.is_ours or target.breaker.is_open(now):
            return Taken(closed=True)
        most = turn.most
        if not target.breaker.is_closed:
            most = min(most, 0 if turn.under_way else 1)
        if not most:
            return Taken()
        chains, more = claiming.take(
            turn.target_id, turn.room, book, now=now, longest=turn.longest, most=most
        )
        return Taken(chains, more=more)


def record(target: Locked, attempts: Sequence[Attempt], now: datetime) -> None:
    """Write down attempts in the order in which they ended, and everything that follows from them."""
    if not attempts:
        return
    results: list[tuple[Attempt, Outcome]] = []
    for attempt in attempts:
        results.append((attempt, outcome_of(attempt.item, attempt.answer, target.breaker, now)))
        target.breaker.count(failed=trips_breaker(attempt.answer), now=now)
    recording.write_results(results, now)
    _settle_order(results, now)
    dead = [
        (attempt, outcome)
        for attempt, outcome in results
        if outcome.state == DeliveryState.DEAD and not outcome.gone and not attempt.item.by_hand
    ]
    for kind in sorted({str(outcome.error_kind) for _attempt, outcome in dead}):
        recording.report_dead(Counter(a.item.hook_id for a, o in dead if o.error_kind == kind), kind)
    gone = [attempt.item.hook_id for attempt, outcome in results if outcome.gone]
    if gone:
        recording.report_dead(Counter(gone), "gone")
        recording.receiver_is_gone(gone, now)


def _settle_order(results: Sequence[tuple[Attempt, Outcome]], now: datetime) -> None:
    """What was behind these in their subjects: held behind a failure, let go behind what is through."""
    closed: set[Key] = set()
    opened: set[Key] = set()
    through: dict[Key, bool] = {}
    held: list[Item] = []
    free: list[Item] = []
    for attempt, outcome in results:
        key = attempt.item.key
        is_through = outcome.state in (DeliveryState.DELIVERED, DeliveryState.DEAD)
        (free if is_through else held).extend(attempt.rest)
        if key is None or not is_through:
            continue
        delivered = outcome.state == DeliveryState.DELIVERED
        if delivered and attempt.item.single:
            closed.add(key)
        if not delivered:
            opened.add(key)
        if attempt.is_last:
            through[key] = delivered
    recording.close_gaps(closed - opened)
    recording.open_gaps(opened)
    claiming.give_back(held, held=True, now=now)
    claiming.give_back(free, held=False, now=now)
    recording.release(through.items(), now)
