"""Times as callers write them."""

from datetime import UTC, datetime

import pytest

from packhouse.kernel import settings_store
from packhouse.kernel.times import parse_day, parse_time

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T09:00:00Z", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("2026-03-02T09:00:00.000123+03:00", datetime(2026, 3, 2, 6, 0, 0, 123, tzinfo=UTC)),
        ("2026-03-02T09:00:00 03:00", datetime(2026, 3, 2, 6, tzinfo=UTC)),
        ("2026-03-02T09:00", datetime(2026, 3, 2, 6, tzinfo=UTC)),
        ("2026-03-02 09:00:00", datetime(2026, 3, 2, 6, tzinfo=UTC)),
        ("2026-03-02", datetime(2026, 3, 1, 21, tzinfo=UTC)),
    ],
)
def test_what_is_naive_is_in_the_installations_zone(text: str, expected: datetime) -> None:
    assert parse_time(text) == expected


def test_the_zone_is_a_setting() -> None:
    settings_store.put("LOCALE", {"time_zone": "UTC"})
    settings_store.forget()

    assert parse_time("2026-03-02") == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "0001-01-01", "2026-03-02T25:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the caller says which field
        parse_time(text)


def test_a_day_is_that_of_the_installation() -> None:
    first, after = parse_day("2026-03-02")

    assert first == datetime(2026, 3, 1, 21, tzinfo=UTC)
    assert after == datetime(2026, 3, 2, 21, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "2026-03-02T09:00", "0001-01-01", "9999-12-31", "2026-2-30"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the caller says which field
        parse_day(text)
