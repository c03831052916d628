"""The `python` stock engine: a callable of the brand's own package, registered by entry point."""

from functools import cache
from importlib.metadata import entry_points
from typing import Final

from packhouse.integrations.failures import OutsideFailure, Unreachable
from packhouse.integrations.stock.answer import checked
from packhouse.inventory.ports import Question, StockPlugin, StockRow
from packhouse.kernel.errors import NotConfigured

GROUP: Final = "packhouse.stock"


def ask(name: str, question: Question) -> tuple[StockRow, ...]:
    """What the plug-in answers. Raises NotConfigured where there is none of this name, OutsideFailure."""
    plug_in = _named(name)
    try:
        return checked(plug_in(question.skus, question.erp_codes), question)
    except OutsideFailure:
        raise
    except Exception as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from error


@cache
def _named(name: str) -> StockPlugin:
    for entry in entry_points(group=GROUP, name=name):
        found: StockPlugin = entry.load()
        return found
    known = ", ".join(sorted(entry.name for entry in entry_points(group=GROUP))) or "none"
    raise NotConfigured(f"There is no stock plug-in {name!r}; there are: {known}.")
