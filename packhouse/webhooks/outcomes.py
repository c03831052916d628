"""What an attempt's answer means for its delivery (page 60, "attempts" and "answers that steer")."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from packhouse.webhooks.breaker import Breaker
from packhouse.webhooks.countdown import next_attempt
from packhouse.webhooks.models import DeliveryState
from packhouse.webhooks.network import Answer
from packhouse.webhooks.work import Item

GONE: Final = 410
TOO_MANY: Final = 429
NOT_CONFIGURED: Final = "not_configured"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`gone`: the receiver wants nothing more from this hook."""

    state: DeliveryState
    next_attempt_date: datetime | None
    step: int
    ladder_date: datetime
    error_kind: str | None
    gone: bool = False


def outcome_of(item: Item, answer: Answer, breaker: Breaker, now: datetime) -> Outcome:
    """The delivery's new state. `breaker`: as it was before this attempt."""
    step = item.step + 1
    began = _ladder_start(item, breaker, now)
    if answer.delivered:
        return Outcome(DeliveryState.DELIVERED, None, step, began, None)
    kind = error_kind(answer)
    if answer.fault is None and answer.status == GONE:
        return Outcome(DeliveryState.DEAD, None, step, began, "gone", gone=True)
    if item.by_hand:
        stays = item.by_hand
        return Outcome(DeliveryState(stays.state), stays.next_attempt_date, item.step, item.ladder_date, kind)
    again = None
    if not item.single:
        again = next_attempt(
            made=step,
            began=began,
            now=now,
            countdown=item.plan.countdown,
            ladder=item.plan.ladder_seconds,
            asked_wait=retry_after(answer, now),
        )
    state = DeliveryState.RETRYING if again else DeliveryState.DEAD
    return Outcome(state, again, step, began, kind)


def _ladder_start(item: Item, breaker: Breaker, now: datetime) -> datetime:
    """The ladder begins with the first attempt; the time before it counts when the target was left alone in it
    (the hours run on under an open breaker), but not when we were late ourselves."""
    if item.step == 0 and not breaker.was_open_since(item.ladder_date):
        return now
    return item.ladder_date


def error_kind(answer: Answer) -> str | None:
    """A word for what went wrong; None when nothing did."""
    if answer.delivered:
        return None
    if answer.fault is not None:
        return answer.fault
    return "redirect" if 300 <= answer.status <= 399 else "status"


def trips_breaker(answer: Answer) -> bool:
    """Failures of the target as a whole: the network, 5xx and 429. Another 4xx is an answer to this message."""
    if answer.fault is not None:
        return answer.fault != NOT_CONFIGURED
    return answer.status >= 500 or answer.status == TOO_MANY


def retry_after(answer: Answer, now: datetime) -> float | None:
    """Seconds the receiver asks to wait, given as a number or as a date."""
    given = next(
        (value for name, value in answer.headers.items() if name.lower() == "retry-after"), ""
    ).strip()
    if given.isascii() and given.isdigit():
        return float(given[:9])
    try:
        until = parsedate_to_datetime(given)
    except (ValueError, TypeError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())
