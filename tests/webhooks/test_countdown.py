"""When a failed delivery is tried again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packhouse.webhooks.countdown import DEFAULT, ladder_seconds, next_attempt, wait_before

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR, DAY = 3600, 86400


def a_countdown(choice: str, **kwargs: Any) -> dict[str, Any]:
    return {"choice": choice, "kwargs": kwargs}


@pytest.mark.parametrize(
    ("countdown", "waits"),
    [
        (a_countdown("fixed", seconds=30), [30] * 10),
        (a_countdown("fixed", seconds=0), [0] * 10),
        (a_countdown("linear", base=7), [0, 7, 14, 21, 28, 35, 42, 49, 56, 63]),
        (a_countdown("linear", base=7, limit=20), [0, 7, 14, 20, 20, 20, 20, 20, 20, 20]),
        (a_countdown("linear", base=7, limit=None), [0, 7, 14, 21, 28, 35, 42, 49, 56, 63]),
        (a_countdown("exponential", base=2), [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]),
        (a_countdown("exponential", base=2, factor=5, limit=60), [5, 10, 20, 40, 60, 60, 60, 60, 60, 60]),
        (a_countdown("exponential", base=0), [1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (a_countdown("exponential", base=1e300), [1] + [DAY] * 9),
        (DEFAULT, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560]),
    ],
)
def test_the_published_kinds(countdown: dict[str, Any], waits: list[int]) -> None:
    assert [wait_before(retry, countdown) for retry in range(10)] == waits


def test_random_draws_whole_numbers_of_the_closed_range() -> None:
    countdown = a_countdown("random", min_value=3, max_value=5)

    assert {wait_before(0, countdown) for _ in range(200)} == {3, 4, 5}


def test_after_ten_retries_the_long_steps_or_the_countdown_if_that_is_longer() -> None:
    short, long = a_countdown("fixed", seconds=30), a_countdown("fixed", seconds=3 * HOUR)

    assert [wait_before(retry, short) / HOUR for retry in range(10, 17)] == [0.5, 2, 5, 10, 14, 20, 24]
    assert [wait_before(retry, long) / HOUR for retry in range(10, 17)] == [3, 3, 5, 10, 14, 20, 24]


def test_no_single_wait_is_over_a_day() -> None:
    endless = a_countdown("fixed", seconds=10 * DAY)

    assert [wait_before(retry, endless) for retry in range(17)] == [DAY] * 17


def test_how_long_the_ladder_is() -> None:
    assert ladder_seconds(a_countdown("fixed", seconds=0)) == 75.5 * HOUR
    # Its eleventh wait would be an hour, which is longer than the half hour of the first long step.
    assert ladder_seconds(DEFAULT) == 76 * HOUR + 5 * (2**10 - 1)
    assert ladder_seconds(a_countdown("random", min_value=1, max_value=60)) == 75.5 * HOUR + 600


def test_eighteen_attempts_and_no_more() -> None:
    countdown = a_countdown("fixed", seconds=60)
    ladder = ladder_seconds(countdown)
    moments, moment = [NOW], NOW
    while following := next_attempt(
        made=len(moments), began=NOW, now=moment, countdown=countdown, ladder=ladder
    ):
        moments.append(following)
        moment = following

    assert len(moments) == 18
    assert moments[-1] == NOW + timedelta(seconds=ladder)


def test_retry_after_counts_when_it_is_longer_up_to_a_day() -> None:
    def wait(asked: float) -> float:
        countdown = a_countdown("fixed", seconds=60)
        moment = next_attempt(
            made=1,
            began=NOW,
            now=NOW,
            countdown=countdown,
            ladder=ladder_seconds(countdown),
            asked_wait=asked,
        )
        assert moment
        return (moment - NOW).total_seconds()

    assert [wait(asked) for asked in (10, 90, 40 * HOUR)] == [60, 90, DAY]


def test_a_step_beyond_the_end_is_taken_at_the_end_and_none_after_it() -> None:
    countdown = a_countdown("fixed", seconds=60)

    def after(hours: float) -> datetime | None:
        return next_attempt(
            made=16,
            began=NOW,
            now=NOW + timedelta(hours=hours),
            countdown=countdown,
            ladder=75 * HOUR,
        )

    assert after(70) == NOW + timedelta(hours=75)
    assert after(75) is None


_numbers = st.one_of(st.integers(0, 10**9), st.floats(0, 1e9))
_countdowns = st.one_of(
    st.builds(lambda seconds: a_countdown("fixed", seconds=seconds), _numbers),
    st.builds(
        lambda base, limit: a_countdown("linear", base=base, limit=limit), _numbers, st.none() | _numbers
    ),
    st.builds(
        lambda base, factor, limit: a_countdown("exponential", base=base, factor=factor, limit=limit),
        _numbers,
        st.floats(1, 1e9),
        st.none() | _numbers,
    ),
    st.builds(
        lambda least, more: a_countdown("random", min_value=least, max_value=least + more),
        st.integers(0, 10**8),
        st.integers(1, 10**8),
    ),
)


@given(_countdowns)
def test_every_countdown_ends(countdown: dict[str, Any]) -> None:
    ladder = ladder_seconds(countdown)
    made, moment = 1, NOW
    while following := next_attempt(made=made, began=NOW, now=moment, countdown=countdown, ladder=ladder):
        assert moment <= following <= NOW + timedelta(seconds=ladder)
        made, moment = made + 1, following

    assert made <= 18
