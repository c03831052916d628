"""Money shared out so that nothing is lost and nothing appears: the largest remainder takes the odd cents."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Final

CENT: Final = Decimal("0.01")


def shared(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`total` in parts by weight, each in whole cents, their sum exactly `total`.

    Of equal remainders the first takes the cent. Without any weight the first part takes all.
    """
    if not weights:
        return []
    whole = sum(weights, Decimal(0))
    if whole <= 0:
        return [total, *(Decimal("0.00") for _ in weights[1:])]
    exact = [total * weight / whole for weight in weights]
    parts = [part.quantize(CENT, ROUND_FLOOR) for part in exact]
    missing = int((total - sum(parts)) / CENT)
    by_remainder = sorted(range(len(parts)), key=lambda n: parts[n] - exact[n])
    for n in by_remainder[:missing]:
        parts[n] += CENT
    return parts


def cents(amount: Decimal) -> Decimal:
    """In whole cents, half up."""
    return amount.quantize(CENT, ROUND_HALF_UP)
