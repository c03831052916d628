from datetime import UTC, datetime

import pytest

from packhouse.planning.opening import WorkingHours

MONDAY, TUESDAY, SUNDAY = 2, 3, 8  # of March 2026


def hours(document: object) -> WorkingHours:
    parsed = WorkingHours.parse(document)
    assert parsed is not None
    return parsed


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize("document", [None, {}])
def test_no_hours_kept_is_none(document: object) -> None:
    assert WorkingHours.parse(document) is None


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (at(MONDAY, 9, 59), False),
        (at(MONDAY, 10), True),
        (at(MONDAY, 12, 30), False),
        (at(MONDAY, 21, 59), True),
        (at(MONDAY, 22), False),
        (at(SUNDAY, 12), False),
        (at(TUESDAY, 3), True),
    ],
)
def test_a_location_is_open_in_its_spans_and_on_days_nothing_is_kept_for(
    moment: datetime, is_open: bool
) -> None:
    kept = hours({"mon": [["10:00", "12:00"], ["13:00", "22:00"]], "sun": []})
    assert kept.is_open(moment) is is_open


def test_a_span_may_run_past_midnight() -> None:
    kept = hours({day: [["22:00", "02:00"]] if day == "mon" else [] for day in ("mon", "tue")})

    assert kept.is_open(at(MONDAY, 23))
    assert kept.is_open(at(TUESDAY, 1, 59))
    assert not kept.is_open(at(TUESDAY, 2))
    assert not kept.is_open(at(MONDAY, 21))


def test_a_day_may_last_until_midnight() -> None:
    assert hours({"mon": [["00:00", "24:00"]]}).is_open(at(MONDAY, 23, 59))


def test_never_opens() -> None:
    week = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    assert hours({day: [] for day in week}).never_opens()
    assert not hours({"mon": []}).never_opens()


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ({"monday": []}, "monday"),
        ({"mon": [["10:00"]]}, "mon"),
        ({"tue": [["10:00", "25:00"]]}, "tue"),
        ({"tue": [["10:00", "24:30"]]}, "tue"),
        ({"tue": [["-1:00", "10:00"]]}, "tue"),
        ({"wed": [["ten", "11:00"]]}, "wed"),
        ({"thu": [[10, 11]]}, "thu"),
        ({"fri": "10:00"}, "fri"),
        ({"fri": None}, "fri"),
        (["mon"], "object"),
    ],
)
def test_unreadable_hours_are_refused_with_the_day(document: object, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        WorkingHours.parse(document)
