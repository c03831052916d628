"""The machine as a graph: states, and the moves between them that installed transitions make (page 10).

Made from what is installed, or from the default rows alone, which needs no database.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from packhouse.commands.installation import DEFAULTS
from packhouse.kernel import commands, machine
from packhouse.kernel.states import StateEnum
from packhouse.packages.states import PackageStatus
from packhouse.transfers.states import TransferStatus

OBJECTS: Final[Mapping[str, type[StateEnum]]] = {"package": PackageStatus, "transfer": TransferStatus}
BORN: Final[Mapping[str, frozenset[str]]] = {
    "package": frozenset({"WAITING", "WAITING_REMOTE_ACTION", "WAITING_FOR_TRANSFER", "OUT_OF_STOCK"}),
    "transfer": frozenset({"WAITING"}),
}
"""Planning makes objects in these states; no transition need lead there."""

BY_ITSELF: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "package": (("WAITING_FOR_TRANSFER", "WAITING", "TransferDeliveredCommand"),),
    "transfer": (),
}
"""Moves that follow from a command on another object: source, target, command."""


@dataclass(frozen=True, slots=True)
class Node:
    """A state. `born`: objects are made in it."""

    member: str
    value: str
    name: str
    open: bool
    born: bool


@dataclass(frozen=True, slots=True)
class Label:
    """One transition on an edge; `id` and `slug` are None where no row stands behind it."""

    id: int | None
    slug: str | None
    command: str
    name: str


@dataclass(frozen=True, slots=True)
class Row:
    """What the graph needs of a transition, states by member."""

    label: Label
    source: str
    target: str | None


@dataclass(frozen=True)
class Edge:
    """All transitions from one state to another. `back`: those that lead back to where the object came from;
    `system`: made by the system alone."""

    source: str
    target: str
    labels: tuple[Label, ...]
    back: tuple[Label, ...] = ()
    system: bool = False


@dataclass(frozen=True)
class Graph:
    """The states of one kind of object. `in_place`: by state, transitions that do not move it."""

    kind: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    in_place: Mapping[str, tuple[Label, ...]] = field(default_factory=dict)

    def name_of(self, member: str) -> str:
        return next(node.name for node in self.nodes if node.member == member)

    def wire(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "object": self.kind,
            "states": [
                {
                    "member": node.member,
                    "enum_value": node.value,
                    "name": node.name,
                    "open": node.open,
                    "born": node.born,
                }
                for node in self.nodes
            ],
            "moves": [
                {
                    "source": edge.source,
                    "target": edge.target,
                    "transitions": _wire(edge.labels),
                    "back": _wire(edge.back),
                    "system": edge.system,
                }
                for edge in self.edges
            ],
            "in_place": [
                {"state": member, "transitions": _wire(labels)} for member, labels in self.in_place.items()
            ],
        }


def _wire(labels: Iterable[Label]) -> list[dict[str, Any]]:
    return [
        {"transition": label.id, "slug": label.slug, "command": label.command, "name": label.name}
        for label in labels
    ]


def installed(kind: str, language: str = "en") -> Graph:
    """What is installed and active, with the installation's own names; states alone before the setup."""
    present = machine.current()
    states = OBJECTS[kind]
    known = {member: present.states.get((kind, member.value)) for member in states}
    names = {member.name: row.name if row else member.name_en for member, row in known.items()}
    rows = [
        Row(
            Label(row.id, row.slug, row.command, row.name.get(language) or row.name.get("en") or row.slug),
            states(row.source).name,
            states(row.target).name if row.target else None,
        )
        for row in sorted(present.transitions.values(), key=lambda row: (row.position, row.id))
        if row.kind == kind
    ]
    return build(kind, rows, names, language)


def of_defaults(kind: str) -> Graph:
    """The default installation."""
    states = OBJECTS[kind]
    rows = [
        Row(
            Label(None, default.slug, default.command, default.name_en),
            default.source.name,
            default.target.name if default.target else None,
        )
        for default in DEFAULTS
        if isinstance(default.source, states)
    ]
    return build(kind, rows, {member.name: member.name_en for member in states}, "en")


def build(kind: str, rows: Sequence[Row], names: Mapping[str, str], language: str) -> Graph:
    """The graph of these rows, and of what the system does by itself."""
    moves: dict[tuple[str, str], list[Label]] = defaultdict(list)
    by_system: dict[tuple[str, str], list[Label]] = defaultdict(list)
    in_place: dict[str, list[Label]] = defaultdict(list)
    back: dict[str, list[Label]] = defaultdict(list)
    for row in rows:
        if row.target is not None:
            moves[row.source, row.target].append(row.label)
        elif _leads_back(row.label.command):
            back[row.source].append(row.label)
        else:
            in_place[row.source].append(row.label)
    for row in _of_the_system(kind, language):
        if row.target is not None:
            by_system[row.source, row.target].append(row.label)
        else:
            back[row.source].append(row.label)
    edges = [Edge(*pair, tuple(labels), tuple(back[pair[1]])) for pair, labels in moves.items()]
    edges += [Edge(*pair, tuple(labels), tuple(back[pair[1]]), True) for pair, labels in by_system.items()]
    states = OBJECTS[kind]
    return Graph(
        kind,
        tuple(
            Node(member.name, member.value, names[member.name], member.open, member.name in BORN[kind])
            for member in states
        ),
        tuple(edges),
        {member.name: tuple(in_place[member.name]) for member in states if in_place[member.name]},
    )


def _leads_back(command: str) -> bool:
    definition = commands.find(command)
    return definition is not None and definition.leads_back


def _of_the_system(kind: str, language: str) -> Iterable[Row]:
    for definition in commands.registered(kind):
        if definition.system_only:
            label = Label(None, None, definition.name, _title(definition, language))
            for move in definition.moves:
                yield Row(label, move.source.name, move.target.name if move.target else None)
    for source, target, name in BY_ITSELF[kind]:
        found = commands.find(name)
        yield Row(Label(None, None, name, _title(found, language) if found else name), source, target)


def _title(definition: commands.Command, language: str) -> str:
    return definition.title.get(language) or definition.title["en"]
