"""Money shared out loses nothing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packhouse.integrations.shares import shared

MONEY = st.decimals(min_value=-10_000, max_value=10_000, places=2)
WEIGHTS = st.lists(st.decimals(min_value=0, max_value=1000, places=3), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        ("100.00", [1, 1, 1], ["33.34", "33.33", "33.33"]),
        ("0.02", [1, 1, 1], ["0.01", "0.01", "0.00"]),
        ("10.00", [0, 0], ["10.00", "0.00"]),
        ("9.99", [2, 1], ["6.66", "3.33"]),
        ("0.01", [1, 2], ["0.00", "0.01"]),
    ],
)
def test_the_largest_remainder_takes_the_cent(total: str, weights: list[int], parts: list[str]) -> None:
    assert shared(Decimal(total), [Decimal(weight) for weight in weights]) == [
        Decimal(part) for part in parts
    ]


@given(MONEY, WEIGHTS)
def test_the_parts_are_cents_and_add_up(total: Decimal, weights: list[Decimal]) -> None:
    parts = shared(total, weights)

    assert sum(parts) == total
    assert all(part == part.quantize(Decimal("0.01")) for part in parts)
    if sum(weights) > 0:
        exact = [total * weight / sum(weights) for weight in weights]
        assert all(abs(part - want) < Decimal("0.01") for part, want in zip(parts, exact, strict=True))
