"""What a person does to deliveries: retry one now, skip it, send a selection again."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from django.db import connection, transaction

from packhouse.kernel import clock
from packhouse.webhooks import callbacks, claiming, desk, one_attempt, recording, waking
from packhouse.webhooks.addressbook import AddressBook
from packhouse.webhooks.errors import AlreadyDelivered, Blanked, StillInRetryProcess
from packhouse.webhooks.message import request_of, shown_headers
from packhouse.webhooks.models import Delivery, DeliveryState
from packhouse.webhooks.network import FAULT_STATUS, Answer
from packhouse.webhooks.outcomes import NOT_CONFIGURED
from packhouse.webhooks.rules import Rules
from packhouse.webhooks.work import Attempt, Item

OWN_RETRIES: Final = 11
"""Attempts after which a person may retry without `force`."""
MOST_REPLAYED: Final = 10_000

Report = dict[str, Any]


def retry(delivery_id: int, *, force: bool, keep: Callable[[Report], None] = lambda _report: None) -> Report:
    """One attempt now; what came of it, as published. `keep` gets it inside the transaction that writes it down.

    Raises AlreadyDelivered, StillInRetryProcess, Blanked.
    """
    target_id = _target_of(delivery_id)
    now = clock.now()
    with desk.locked(target_id):
        delivery = Delivery.objects.select_related("event__payload").get(pk=delivery_id)
        _may_retry(delivery, force=force)
        if delivery.event.payload.is_blanked:
            raise Blanked
        item = claiming.take_by_hand(delivery, AddressBook(), now=now, longest=Rules.now().timeouts.total)
    attempt = _made(item)
    report = report_of(attempt.answer)
    with desk.locked(target_id) as target:
        desk.record(target, [attempt], clock.now())
        keep(report)
    callbacks.tell([attempt])
    waking.wake()
    return report


def _may_retry(delivery: Delivery, *, force: bool) -> None:
    if delivery.state == DeliveryState.DELIVERED:
        raise AlreadyDelivered
    is_under_way = delivery.claimed_until is not None and delivery.claimed_until > clock.now()
    if is_under_way or (delivery.retry_count < OWN_RETRIES and not force):
        raise StillInRetryProcess


def _made(item: Item) -> Attempt:
    at = clock.now()
    request = request_of(
        item.address, item.event_type, item.uuid, item.body, attempt=item.retry_count + 1, now=at
    )
    if item.address.unusable:
        answer = Answer(FAULT_STATUS, item.address.unusable, {}, 0.0, fault=NOT_CONFIGURED)
    else:
        answer = one_attempt.send(item.address.place, request)
    return Attempt(item, answer, at, shown_headers(request))


def report_of(answer: Answer) -> Report:
    """The published answer to a retry."""
    said = "Webhook event delivered successfully" if answer.delivered else "Webhook event delivery failed"
    return {
        "detail": said,
        "response_status": answer.status,
        "response_content": answer.content,
        "response_time": duration_text(timedelta(seconds=answer.seconds)),
        "delivered": answer.delivered,
    }


def duration_text(duration: timedelta) -> str:
    """`00:00:00.123456`"""
    seconds, microseconds = divmod(duration // timedelta(microseconds=1), 1_000_000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{microseconds:06}"


def skip(delivery_id: int) -> None:
    """A dead letter now; what is held behind it goes on. Raises AlreadyDelivered, StillInRetryProcess (under way)."""
    with desk.locked(_target_of(delivery_id)):
        delivery = Delivery.objects.get(pk=delivery_id)
        _may_retry(delivery, force=True)
        recording.bury([delivery_id], "skipped", clock.now())
    waking.wake()


# The hooks of a person's choice may be switched off meanwhile; to those nothing is sent. Nor is what is not what it
# was, because a customer was anonymised.
_REPLAY = """
UPDATE webhooks_delivery d SET
    state = 'waiting', next_attempt_date = %(now)s, ladder_date = %(now)s, step = 0, modified_date = %(now)s
FROM webhooks_hook h
WHERE d.id = ANY(%(ids)s) AND h.id = d.hook_id AND h.is_active AND d.state = ANY(%(states)s)
    AND (d.claimed_until IS NULL OR d.claimed_until <= %(now)s)
    AND NOT EXISTS (
        SELECT FROM kernel_event e JOIN kernel_payload p ON p.id = e.payload_id
        WHERE e.cursor = d.event_id AND p.is_blanked
    )
RETURNING d.subscriber_id, d.subject
"""


def replay(ids: Sequence[int], *, delivered: bool) -> int:
    """Send these again, with the same uuid and bytes, in order of their sequence; how many will be.

    Those that are open are tried now; `delivered` ones only when asked for. Each begins a new ladder.
    """
    by_target: dict[int, list[int]] = defaultdict(list)
    for id_, target_id in Delivery.objects.filter(pk__in=ids).values_list("pk", "subscriber__target_id"):
        by_target[target_id].append(id_)
    states = [state for state in DeliveryState.values if delivered or state != DeliveryState.DELIVERED]
    replayed = 0
    with transaction.atomic():
        for target_id, chosen in sorted(by_target.items()):
            with desk.locked(target_id), connection.cursor() as cursor:
                cursor.execute(_REPLAY, {"ids": chosen, "states": states, "now": clock.now()})
                keys = cursor.fetchall()
                recording.close_gaps((row[0], row[1]) for row in keys)
                replayed += len(keys)
        waking.after_commit()
    return replayed


def _target_of(delivery_id: int) -> int:
    return Delivery.objects.values_list("subscriber__target_id", flat=True).get(pk=delivery_id)
