"""The circuit breaker, and what an answer means."""

from datetime import UTC, datetime, timedelta

import pytest

from packhouse.webhooks.breaker import Breaker
from packhouse.webhooks.network import Answer
from packhouse.webhooks.outcomes import error_kind, retry_after, trips_breaker

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def failed(breaker: Breaker, times: int, at: datetime = NOW) -> Breaker:
    for _ in range(times):
        breaker.count(failed=True, now=at)
    return breaker


def an_answer(status: int, *, fault: str | None = None, **headers: str) -> Answer:
    return Answer(status, "", {name.replace("_", "-"): value for name, value in headers.items()}, 0.1, fault)


def test_ten_in_a_row_open_it_for_a_minute() -> None:
    assert failed(Breaker(), 9).is_closed

    breaker = failed(Breaker(), 10)

    assert breaker.is_open(NOW)
    assert breaker.open_until == NOW + timedelta(seconds=60)
    assert not breaker.is_open(NOW + timedelta(seconds=60))


def test_a_success_between_begins_anew() -> None:
    breaker = failed(Breaker(), 9)
    breaker.count(failed=False, now=NOW)

    assert failed(breaker, 9).is_closed


def test_each_failed_probe_doubles_it_up_to_half_an_hour() -> None:
    breaker, moment, spans = failed(Breaker(), 10), NOW, []
    for _ in range(7):
        assert breaker.open_until
        spans.append((breaker.open_until - moment).total_seconds())
        moment = breaker.open_until
        breaker.count(failed=True, now=moment)

    assert spans == [60, 120, 240, 480, 960, 1800, 1800]


def test_what_was_under_way_when_it_opened_does_not_prolong_it() -> None:
    breaker = failed(Breaker(), 10)

    failed(breaker, 5, NOW + timedelta(seconds=10))

    assert breaker.open_until == NOW + timedelta(seconds=60)


def test_a_successful_probe_closes_it_for_good() -> None:
    breaker = failed(Breaker(), 10)
    later = NOW + timedelta(seconds=61)

    breaker.count(failed=False, now=later)

    assert breaker.is_closed
    assert failed(breaker, 9).is_closed
    assert failed(breaker, 1, later).open_until == later + timedelta(seconds=60)


def test_whether_it_was_open_in_a_time() -> None:
    breaker = failed(Breaker(), 10)
    breaker.count(failed=False, now=NOW + timedelta(minutes=5))

    assert breaker.was_open_since(NOW - timedelta(hours=1))
    assert breaker.was_open_since(NOW + timedelta(minutes=4))
    assert not breaker.was_open_since(NOW + timedelta(minutes=6))
    assert not Breaker().was_open_since(NOW)
    assert failed(Breaker(), 10).was_open_since(NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("answer", "trips", "kind"),
    [
        (an_answer(200), False, None),
        (an_answer(204), False, None),
        (an_answer(299), False, None),
        (an_answer(301), False, "redirect"),
        (an_answer(400), False, "status"),
        (an_answer(404), False, "status"),
        (an_answer(429), True, "status"),
        (an_answer(500), True, "status"),
        (an_answer(503), True, "status"),
        (an_answer(500, fault="timeout"), True, "timeout"),
        (an_answer(500, fault="refused_target"), True, "refused_target"),
        (an_answer(500, fault="not_configured"), False, "not_configured"),
    ],
)
def test_what_trips_it(answer: Answer, trips: bool, kind: str | None) -> None:
    assert (trips_breaker(answer), error_kind(answer)) == (trips, kind)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("Mon, 02 Mar 2026 09:02:00 GMT", 120),
        ("Mon, 02 Mar 2026 08:00:00 GMT", 0),
        ("Mon, 02 Mar 2026 12:02:00 +0300", 120),
        ("99999999999999999999", 999999999),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
    ],
)
def test_retry_after(given: str, seconds: float | None) -> None:
    assert retry_after(an_answer(503, retry_after=given), NOW) == seconds


def test_no_retry_after() -> None:
    assert retry_after(an_answer(503), NOW) is None
