"""The money of a request for an invoice (page 80, 1.1), as an invoice adds it up."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

ZERO: Final = Decimal("0.00")
HUNDRED: Final = Decimal(100)
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Charge:
    """Something for the whole order beside its goods, without and with its tax."""

    reason: str
    net: Decimal
    tax: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """`by_rate`: what is taxed at each rate and the tax; `prepaid`: what is not collected at the door."""

    lines: Decimal
    charges: tuple[Charge, ...]
    by_rate: Mapping[Decimal, tuple[Decimal, Decimal]]
    prepaid: Decimal

    @property
    def charged(self) -> Decimal:
        return sum((charge.net for charge in self.charges), ZERO)

    @property
    def net(self) -> Decimal:
        return self.lines + self.charged

    @property
    def tax(self) -> Decimal:
        return sum((tax for _taxed, tax in self.by_rate.values()), ZERO)

    @property
    def total(self) -> Decimal:
        return self.net + self.tax

    @property
    def payable(self) -> Decimal:
        return self.total - self.prepaid


def sums_of(request: Mapping[str, Any]) -> Sums:
    """Of the request that was sent. Interest is taxed at no rate, as the request says nothing of its tax."""
    by_rate: dict[Decimal, tuple[Decimal, Decimal]] = {}

    def count(rate: Decimal, net: Decimal, tax: Decimal) -> None:
        taxed, so_far = by_rate.get(rate, (ZERO, ZERO))
        by_rate[rate] = (taxed + net, so_far + tax)

    for item in request["items"]:
        count(Decimal(item["tax_rate"]), Decimal(item["net_amount"]), Decimal(item["tax_amount"]))
    charges = _charges(request["amounts"])
    for charge in charges:
        count(charge.rate, charge.net, charge.tax)
    lines = sum((Decimal(item["net_amount"]) for item in request["items"]), ZERO)
    total = sum((taxed + tax for taxed, tax in by_rate.values()), ZERO)
    collected = Decimal(request["amounts"]["pay_on_delivery"] or 0)
    return Sums(lines, charges, dict(sorted(by_rate.items())), total - min(collected, total))


def _charges(amounts: Mapping[str, Any]) -> tuple[Charge, ...]:
    shipping, rate = Decimal(amounts["shipping"]), Decimal(amounts["shipping_tax_rate"])
    tax = (shipping * rate / (HUNDRED + rate)).quantize(_CENT, ROUND_HALF_UP)
    interest = Decimal(amounts["installment_interest"])
    found = (Charge("Shipping", shipping - tax, tax, rate), Charge("Interest", interest, ZERO, ZERO))
    return tuple(charge for charge in found if charge.net)
