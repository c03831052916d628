"""docs/states.md: states, their meaning, and the default machine drawn."""

from collections.abc import Iterable, Iterator

from packhouse.cli.actions.pages.markdown import document, table
from packhouse.commands.installation import DEFAULTS, DefaultRow
from packhouse.commands.machine_graph import mermaid
from packhouse.commands.machine_graph.graph import OBJECTS, of_defaults
from packhouse.kernel.commands import registered
from packhouse.kernel.states import StateEnum
from packhouse.orders.states import OrderStatus
from packhouse.packages.services import ORDER_CODES
from packhouse.packages.states import PackageStatus

_INTRODUCTION = (
    "An installation names its states itself and gives them ids of its own; what a state means is the member behind "
    "it, told by `enum_value`. The transitions below are those of a new installation; `packhouse states` and "
    "`GET /api/v1/oms/transitions/graph/` (`format` json, dot, mermaid, svg) draw what is installed. In brackets: "
    "moves that the system makes by itself. What each command does is told in [commands.md](commands.md).\n\n"
    "Every command is tried in every state, {tried} cases generated from the registry (`tests/commands/"
    "test_matrix.py`): where it is installed it moves as its row says, anywhere else it is refused and no row of any "
    "table has changed."
)


def page() -> str:
    blocks: list[str] = []
    for kind, states in OBJECTS.items():
        blocks += [f"## {kind.capitalize()}", _facts(states), _drawing(kind), _transitions(states)]
    blocks += ["## Order and order item", _codes()]
    tried = sum(len(registered(kind)) * len(states) for kind, states in OBJECTS.items())
    return document("States", _INTRODUCTION.format(tried=tried), blocks)


def _facts(states: type[StateEnum]) -> str:
    """What is true in each state; quota is a matter of packages."""
    if states is not PackageStatus:
        rows = [[state.name, f"`{state}`", state.name_en, _yes(state.open)] for state in states]
        return table(["member", "enum_value", "name", "open"], rows)
    rows = [
        [
            state.name,
            f"`{state}`",
            state.name_en,
            state.quota.value,
            _yes(state.reserves),
            _yes(state.open),
            _order_code(PackageStatus(state)),
        ]
        for state in states
    ]
    header = ["member", "enum_value", "name", "quota", "reserves stock", "open", "order item becomes"]
    return table(header, rows)


def _order_code(state: PackageStatus) -> str:
    code = ORDER_CODES.get(state)
    return f"{code} {code.name.lower()}" if code else ""


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _drawing(kind: str) -> str:
    return f"```mermaid\n{mermaid.draw([of_defaults(kind)])}```"


def _transitions(states: type[StateEnum]) -> str:
    rows = list(_rows(default for default in DEFAULTS if isinstance(default.source, states)))
    return table(["slug", "name", "command", "from", "to", "run by, beside admins and operators"], rows)


def _rows(defaults: Iterable[DefaultRow]) -> Iterator[list[str]]:
    for row in defaults:
        target = row.target.name if row.target else "–"
        link = f"[{row.command}](commands.md#{row.command.lower()})"
        yield [
            f"`{row.slug}`",
            row.name_en,
            link,
            row.source.name,
            target,
            ", ".join(row.visibility) or "nobody",
        ]


def _codes() -> str:
    return table(
        ["member", "enum_value", "name"], [[code.name, f"`{code}`", code.name_en] for code in OrderStatus]
    )
