"""Stock that others count: what a location has, asked when orders are planned (page 40, "Stock engines")."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StockRow:
    """What a location has of a SKU. `unit_type`: `quantity` (whole units) or `kg` (up to three places)."""

    sku: str
    erp_code: str
    quantity: Decimal
    unit_type: str = "quantity"


StockPlugin = Callable[[Sequence[str], Sequence[str]], Iterable[StockRow]]
"""The contract of a `python` engine, registered under the entry point group `packhouse.stock`.

It is given SKUs and erp_codes, and answers the rows there are; a pair without a row has none. Called outside of
any transaction, for many orders at once, perhaps by several threads. Whatever it raises means: not known.
"""


@dataclass(frozen=True, slots=True)
class Question:
    """What these locations, all served by one engine, have of these SKUs."""

    engine: int
    skus: tuple[str, ...]
    erp_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """`problem` None: `rows` is everything there is. Else nothing is known, and it says why."""

    question: Question
    rows: tuple[StockRow, ...] = ()
    problem: str | None = None


class StockEngines(Protocol):
    """Those that serve locations beside the stock table of the house."""

    def ask(self, questions: Sequence[Question]) -> list[Reply]:
        """Ask all at the same time; one reply each, in order, and never an exception. Takes seconds at most."""


class _Wired:
    engines: StockEngines | None = None


def wire(engines: StockEngines) -> None:
    """config/wiring.py names who asks."""
    _Wired.engines = engines


def stock_engines() -> StockEngines:
    if _Wired.engines is None:
        raise LookupError("no stock engines are wired; see config/wiring.py")
    return _Wired.engines
