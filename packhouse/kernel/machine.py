"""The installed machine: state rows and transition rows, cached per process.

Any change of them raises the version (`packhouse.kernel.version`) in its own transaction. Reads look at
the version once a second; a command compares it under its lock, so a changed row binds the next command.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType

from packhouse.kernel import version
from packhouse.kernel.models import State, Transition
from packhouse.kernel.wire import timestamp

ENUM_CLASSES = {
    "package": "PackageStatus",
    "package_item": "PackageItemStatus",
    "order": "OrderStatus",
    "order_item": "OrderStatus",
    "transfer": "TransferStatus",
    "transfer_item": "TransferStatus",
}
CONTENT_TYPES = {
    "package": ("packages", "package"),
    "package_item": ("packages", "packageitem"),
    "order": ("orders", "order"),
    "order_item": ("orders", "orderitem"),
    "transfer": ("transfers", "transferorder"),
    "transfer_item": ("transfers", "transferorder"),
    "stock_location": ("locations", "stocklocation"),
    "shipment": ("shipments", "shipment"),
}


def content_type_id(kind: str) -> int:
    """The id of a kind's content type (cached by Django per process)."""
    return ContentType.objects.get_by_natural_key(*CONTENT_TYPES[kind]).pk


@dataclass(frozen=True, slots=True)
class StateRow:
    """One installed state; `wire()` is the published state object."""

    id: int
    kind: str
    value: str
    name: str
    content_type: int
    document: Mapping[str, Any]

    def wire(self) -> dict[str, Any]:
        return dict(self.document)


@dataclass(frozen=True, slots=True)
class TransitionRow:
    """One installed transition, states by wire value."""

    id: int
    slug: str
    command: str
    kind: str
    source: str
    target: str | None
    name: Mapping[str, str]
    visibility: frozenset[str]
    configuration: Mapping[str, Any]
    position: int


@dataclass(frozen=True)
class Machine:
    """All states and active transitions as they stood at `version`."""

    version: int
    states: Mapping[tuple[str, str], StateRow]
    states_by_id: Mapping[int, StateRow]
    transitions: Mapping[int, TransitionRow]
    by_slug: Mapping[str, TransitionRow]
    by_source: Mapping[tuple[str, str], tuple[TransitionRow, ...]]

    def state(self, kind: str, value: str) -> StateRow:
        """The row of a state; `kind` is package, package_item, order, order_item, transfer or transfer_item."""
        return self.states[kind, value]

    def from_state(self, kind: str, value: str) -> tuple[TransitionRow, ...]:
        """Active transitions that start in this state, by position."""
        return self.by_source.get((kind, value), ())


class _Cache:
    machine: Machine | None = None


def current() -> Machine:
    """The machine, at most a second old."""
    known = _Cache.machine
    if known is None or known.version != version.current():
        known = reload()
    return known


def reload() -> Machine:
    """Read the machine anew. Two statements; the version first, so that a change in between is seen later."""
    present = version.read_now()
    _Cache.machine = _build(present, State.objects.select_related("content_type"), Transition.objects.all())
    return _Cache.machine


def _build(present: int, states: Iterable[State], transitions: Iterable[Transition]) -> Machine:
    kinds = {label: kind for kind, label in reversed(CONTENT_TYPES.items())}
    by_key: dict[tuple[str, str], StateRow] = {}
    by_id: dict[int, StateRow] = {}
    for state in states:
        label = (state.content_type.app_label, state.content_type.model)
        for kind in (kind for kind, pair in CONTENT_TYPES.items() if pair == label):
            by_key[kind, state.enum_value] = by_id[state.pk] = _state_row(state, kinds[label])
    by_source: dict[tuple[str, str], list[TransitionRow]] = defaultdict(list)
    rows = [_transition_row(transition, by_id) for transition in transitions if transition.is_active]
    for row in sorted(rows, key=lambda row: (row.position, row.id)):
        by_source[row.kind, row.source].append(row)
    return Machine(
        version=present,
        states=by_key,
        states_by_id=by_id,
        transitions={row.id: row for row in rows},
        by_slug={row.slug: row for row in rows},
        by_source={key: tuple(values) for key, values in by_source.items()},
    )


def _state_row(state: State, kind: str) -> StateRow:
    document = {
        "id": state.pk,
        "created_date": timestamp(state.created_date),
        "modified_date": timestamp(state.modified_date),
        "translations": state.translations,
        "name": state.name,
        "config": state.config,
        "enum_class": state.enum_class,
        "enum_value": state.enum_value,
        "content_type": state.content_type_id,
    }
    return StateRow(state.pk, kind, state.enum_value, state.name, state.content_type_id, document)


def _transition_row(transition: Transition, states: Mapping[int, StateRow]) -> TransitionRow:
    source = states[transition.source_state_id]
    target = states[transition.target_state_id] if transition.target_state_id else None
    return TransitionRow(
        id=transition.pk,
        slug=transition.slug,
        command=transition.command,
        kind=source.kind,
        source=source.value,
        target=target.value if target else None,
        name=transition.name,
        visibility=frozenset(transition.visibility),
        configuration=transition.configuration,
        position=transition.position,
    )
