"""Scripts, shares and courses; pure."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from sandbox.carrier.script import DEFAULT_SCRIPT, ScriptError, Shares, Step, course_of, parse_script


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def test_a_script_is_read() -> None:
    assert parse_script("created 1 m, SHIPPING 5m,pickup 1.5h, delivered 2d") == (
        Step("CREATED", minutes(1)),
        Step("SHIPPING", minutes(5)),
        Step("READY_FOR_PICKUP", minutes(90)),
        Step("DELIVERED", minutes(2880)),
    )


@pytest.mark.parametrize("text", ["", " ", "none", "None"])
def test_nothing_moves(text: str) -> None:
    assert parse_script(text) == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("shipping", "'shipping'"),
        ("shipping 5", "'shipping 5'"),
        ("shipping five m", "'shipping five m'"),
        ("shipping -5m", "'shipping -5m'"),
        ("flying 5m", "'flying'"),
        ("shipping 1m, created 1m", "first"),
        ("shipping 1m, shipping 2m", "once"),
        ("shipping 1m,", "''"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, names: str) -> None:
    with pytest.raises(ScriptError, match=names):
        parse_script(text)


@pytest.mark.parametrize("shares", [(1.1, 0, 0), (-0.1, 0, 0), (0.5, 0.4, 0.2)])
def test_shares_are_parts_of_one(shares: tuple[float, float, float]) -> None:
    with pytest.raises(ScriptError):
        Shares(*shares)


def test_created_puts_off_the_rest() -> None:
    course = course_of(parse_script(DEFAULT_SCRIPT), Shares(), 0, "S1")

    assert course == [Step("SHIPPING", minutes(6)), Step("DELIVERED", minutes(60))]


@pytest.mark.parametrize(
    ("shares", "statuses"),
    [
        (Shares(attempted=1), ["SHIPPING", "ATTEMPTED_DELIVERY", "DELIVERED"]),
        (Shares(failed=1), ["SHIPPING", "DELIVERY_FAILED"]),
        (Shares(pickup=1), ["SHIPPING", "READY_FOR_PICKUP", "DELIVERED"]),
    ],
)
def test_other_endings(shares: Shares, statuses: list[str]) -> None:
    script = parse_script(DEFAULT_SCRIPT)

    assert [step.status for step in course_of(script, shares, 0, "S1")] == statuses
    assert course_of(script[:2], shares, 0, "S1") == [Step("SHIPPING", minutes(6))]


def test_the_shares_are_met_and_the_seed_decides() -> None:
    script, shares = parse_script(DEFAULT_SCRIPT), Shares(attempted=0.2, failed=0.1, pickup=0.3)

    def endings(seed: int) -> list[str]:
        return [course_of(script, shares, seed, f"S{number}")[1].status for number in range(1000)]

    assert endings(1) == endings(1)
    assert endings(1) != endings(2)
    counts = Counter(endings(1))
    assert counts["ATTEMPTED_DELIVERY"] == pytest.approx(200, abs=50)
    assert counts["DELIVERY_FAILED"] == pytest.approx(100, abs=40)
    assert counts["READY_FOR_PICKUP"] == pytest.approx(300, abs=60)
