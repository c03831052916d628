"""The engine: runs every command in one transaction, always in the same order.

(1) parse the transition's configuration and the caller's parameters, (2) lock the row, (3) check the state
and the requirements, (4) run the body, (5) move the state and keep quota, (6) write log rows and outbox
rows; commit. A command file never locks, opens a transaction or sets its object's state.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from django.db import transaction

from packhouse.kernel import commands, machine, outbox, version
from packhouse.kernel.accounts import SYSTEM, Actor
from packhouse.kernel.commands import Command
from packhouse.kernel.configuration import RunConfiguration, split_switches
from packhouse.kernel.errors import (
    IdMismatch,
    NotEnoughStock,
    NotFound,
    PermissionDenied,
    PlanIsStale,
    TransitionMismatch,
    UnknownTransition,
    WrongState,
)
from packhouse.kernel.machine import Machine, TransitionRow
from packhouse.kernel.params import Params, parse
from packhouse.kernel.states import StateEnum


@dataclass(frozen=True, slots=True)
class Call:
    """What a caller asks for. `transition`: row id; `slug`: a row's slug, a command code or a class name."""

    object_id: int
    transition: int | None = None
    slug: str | None = None
    input_parameters: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Locked:
    """What the lock statement reads: enough to check state and rights."""

    object_id: int
    state: str
    version: int
    location_ids: frozenset[int]
    channel_id: int | None
    erp_codes: tuple[str, ...] = ()


class Aggregate(Protocol):
    """How the engine handles one kind of object; written where the object's tables are known."""

    kind: str
    states: type[StateEnum]

    def lock(self, object_id: int) -> Locked | None:
        """Lock the object in the documented order (docs/locking.md); None when there is no such row."""

    def load(self, object_id: int) -> Any:
        """What command bodies work on; read after the lock."""

    def move(self, subject: Any, target: StateEnum, events: int, run: "Run") -> int:
        """Write the state of the object and its items, keep quota, raise `sequence` by `events`; its new value."""

    def settle(self, order_id: int, run: "Run") -> None:
        """After the moves: bring the order's own rows to what they now say."""

    def number(self, object_id: int, events: int) -> int:
        """Raise `sequence` without a move; its new value."""

    def document(self, object_id: int) -> dict[str, Any]:
        """The published document as it stands now: the payload of events."""

    def event_types(self, target: str) -> tuple[str, ...]:
        """The events of a move into this state, in order."""

    def remarks(self, subject: Any, target: StateEnum, run: "Run") -> Mapping[str, Any]:
        """What the move's log row says beside who made it, and how."""


_AGGREGATES: dict[str, Aggregate] = {}
# What was prepared before the lock may be overtaken this often before the caller is told.
_TRIES = 5
# Returned by a body whose object stays where it is although its row names a target.
STAY = object()
NOTHING: Mapping[str, Any] = MappingProxyType({})


def register(aggregate: Aggregate) -> None:
    """Make a kind of object known to the engine."""
    _AGGREGATES[aggregate.kind] = aggregate


def aggregate_of(kind: str) -> Aggregate:
    return _AGGREGATES[kind]


@dataclass
class Outcome:
    """What a command did: its answer, the state it led to, and the messages it put into the outbox."""

    command: str
    state: str
    body: dict[str, Any] | None
    messages: tuple[outbox.Message, ...]


Derive = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass
class _Pending:
    """Events and log rows of one object, not yet written."""

    types: list[tuple[str, Derive | None, str, int]] = field(default_factory=list)
    numbered: int | None = None
    born: bool = False


class Run:
    """One run of one command, given to its body: what it may say and do beside writing its own rows."""

    def __init__(self, actor: Actor, definition: Command, row: TransitionRow | None, locked: Locked) -> None:
        self.actor = actor
        self.definition = definition
        self.row = row
        self.locked = locked
        self.configuration = RunConfiguration()
        self.prepared: Any = None
        self.messages: list[outbox.Scheduled] = []
        self.answer: dict[str, Any] | None = None
        self.attributes: dict[str, Any] = {}
        self.target: StateEnum | None = None
        self.settle_orders: set[int] = set()
        self.report_fields: dict[str, Any] = {}
        self.report_not_before: datetime | None = None
        self._events: list[outbox.NewEvent] = []
        self._log: list[outbox.LogRow] = []
        self._pending: dict[tuple[str, int], _Pending] = {}
        self._afterwards: dict[tuple[Afterwards, int], None] = {}

    def send(self, message: outbox.Message, *, not_before: datetime | None = None) -> None:
        """Put a message into the outbox of this transaction; each one once."""
        scheduled = outbox.Scheduled(message, not_before)
        if scheduled not in self.messages:
            self.messages.append(scheduled)

    def event(
        self,
        type_: str,
        kind: str,
        object_id: int,
        *,
        derive: Derive | None = None,
        about: tuple[str, int] | None = None,
    ) -> None:
        """Tell subscribers. The payload is the object's document at the end (`derive` makes another of it);
        `about` names the object the event is of when it is not the subject itself (a package's shipment)."""
        what, its_id = about or (kind, object_id)
        if self._of(kind, object_id).numbered is not None:
            self._settle(kind, object_id)
        self._of(kind, object_id).types.append((type_, derive, what, its_id))

    def move(self, kind: str, subject: Any, target: StateEnum, *, because: str | None = None) -> None:
        """Move another object of the same order, locked already; its log row and events are this command's."""
        self._moved(kind, subject, subject.state, target, because)

    def afterwards(self, act: "Afterwards", object_id: int) -> None:
        """Have this done when all moves are made and orders are settled; the same about an object once."""
        self._afterwards[act, object_id] = None

    def created(self, kind: str, object_id: int, state: str, *, event: str) -> None:
        """An object was made by this command: its log row and its first events."""
        aggregate = aggregate_of(kind)
        self._note(kind, object_id, None, state, None)
        self._of(kind, object_id).born = True
        self.event(event, kind, object_id)
        if state != next(iter(self._born_as(aggregate))):
            for type_ in aggregate.event_types(state)[1:]:
                self.event(type_, kind, object_id)

    @staticmethod
    def _born_as(aggregate: Aggregate) -> tuple[str, ...]:
        return (str(aggregate.states["WAITING"]),)

    def _of(self, kind: str, object_id: int) -> _Pending:
        return self._pending.setdefault((kind, object_id), _Pending())

    def _moved(self, kind: str, subject: Any, old: str, target: StateEnum, because: str | None) -> None:
        aggregate = aggregate_of(kind)
        pending = self._of(kind, subject.id)
        if pending.numbered is not None or pending.born:
            self._settle(kind, subject.id)
            pending = self._of(kind, subject.id)
        moves = [(type_, None, kind, subject.id) for type_ in aggregate.event_types(target)]
        pending.types = [*moves, *pending.types]
        pending.numbered = aggregate.move(subject, target, len(pending.types), self)
        self._note(kind, subject.id, old, target, because, aggregate.remarks(subject, target, self))

    def _note(
        self,
        kind: str,
        object_id: int,
        old: str | None,
        new: str,
        because: str | None,
        remarks: Mapping[str, Any] = NOTHING,
    ) -> None:
        present = machine.current()
        attributes = {
            "command.slug": self.row.slug if self.row else None,
            "command.transition_id": self.row.id if self.row else None,
            "command.name": self.definition.name,
            **self.attributes,
            **remarks,
        }
        if because:
            attributes["reason"] = because
        self._log.append(
            outbox.LogRow(
                kind=kind,
                object_id=object_id,
                old_state=present.state(kind, old).id if old else None,
                new_state=present.state(kind, new).id,
                user_id=self.actor.user_id,
                attributes=attributes,
            )
        )

    def _settle(self, kind: str, object_id: int) -> None:
        """Freeze the object's document and number its events."""
        pending = self._pending.pop((kind, object_id))
        if not pending.types:
            return
        aggregate = aggregate_of(kind)
        last = pending.numbered
        if last is None:
            last = aggregate.number(object_id, len(pending.types))
        document = aggregate.document(object_id)
        documents: dict[Derive, dict[str, Any]] = {}
        for offset, (type_, derive, what, its_id) in enumerate(pending.types, start=1 - len(pending.types)):
            payload = document if derive is None else documents.setdefault(derive, derive(document))
            self._events.append(
                outbox.NewEvent(
                    type=type_,
                    kind=what,
                    object_id=its_id,
                    sequence=last + offset,
                    document=payload,
                    channel_id=self.locked.channel_id,
                    erp_codes=self._erp_codes(document),
                    subject_kind=kind,
                    subject_id=object_id,
                )
            )

    @staticmethod
    def _erp_codes(document: Mapping[str, Any]) -> tuple[str, ...]:
        places = (document.get(key) for key in ("stock_location", "source", "destination"))
        return tuple(place["erp_code"] for place in places if place)

    def finish(self) -> None:
        """Steps 5 (what follows from the moves) and 6: write log rows, events, messages."""
        aggregate = aggregate_of(self.definition.on)
        for order_id in sorted(self.settle_orders):
            aggregate.settle(order_id, self)
        self._conclude()
        outbox.record(events=self._events, log=self._log, messages=self.messages)

    def _conclude(self) -> None:
        for act, object_id in list(self._afterwards):
            act(self, object_id)
        for kind, object_id in list(self._pending):
            self._settle(kind, object_id)


Afterwards = Callable[[Run, int], None]


def execute(
    kind: str,
    call: Call,
    actor: Actor,
    *,
    keep: Callable[[Outcome], None] | None = None,
) -> Outcome:
    """Run a command on an object. `keep` is called inside the transaction with the outcome, for what must be
    atomic with it (the answer kept for an `Idempotency-Key`).

    Raises a `PackhouseError`; then nothing has changed.
    """
    given, switches = split_switches(call.input_parameters)
    definition, row = _known(kind, call)
    _may_call(definition, row, actor)
    params = parse(definition.params, given)
    for _ in range(_TRIES):
        prepared = _prepare(kind, call, actor, params, switches) if definition.prepare else None
        try:
            with transaction.atomic():
                locked = aggregate_of(kind).lock(call.object_id)
                if locked is None:
                    raise NotFound(f"There is no {kind} {call.object_id}.")
                if locked.version != machine.current().version:
                    raise _MachineChanged
                outcome = _run(kind, call, actor, locked, params, switches, prepared)
                if keep:
                    keep(outcome)
                return outcome
        except _MachineChanged:
            machine.reload()
        except PlanIsStale:
            continue
    raise NotEnoughStock("Others took what was prepared for this command, several times; try again.")


class _MachineChanged(Exception):
    """The installed machine is not the one the call was resolved with."""


def _known(kind: str, call: Call) -> tuple[Command, TransitionRow | None]:
    """As `_resolve`; what this process does not know may have been installed by another one a moment ago."""
    known = machine.current().version
    try:
        return _resolve(kind, call)
    except (UnknownTransition, TransitionMismatch):
        if version.read_now() == known:
            raise
    return _resolve(kind, call)


def _prepare(kind: str, call: Call, actor: Actor, params: Params, switches: Mapping[str, bool]) -> Any:
    """What the command asks for before the lock, and only where it could go on: what is refused changes nothing
    elsewhere either. All of it is checked again under the lock."""
    aggregate = aggregate_of(kind)
    with transaction.atomic():
        locked = aggregate.lock(call.object_id)
    if locked is None:
        raise NotFound(f"There is no {kind} {call.object_id}.")
    if locked.version != machine.current().version:
        machine.reload()
    _may_touch(locked, actor, kind)
    definition, row = _resolve(kind, call, locked.state)
    _may_call(definition, row, actor)
    _check_state(aggregate, definition, row, locked.state, actor)
    RunConfiguration.of(row.configuration if row else {}, switches)
    subject = aggregate.load(call.object_id)
    for requirement in definition.requires:
        requirement(subject, params)
    return definition.prepare(call.object_id, params, actor) if definition.prepare else None


def _run(
    kind: str,
    call: Call,
    actor: Actor,
    locked: Locked,
    params: Params,
    switches: Mapping[str, bool],
    prepared: Any,
) -> Outcome:
    aggregate = aggregate_of(kind)
    _may_touch(locked, actor, kind)
    definition, row = _resolve(kind, call, locked.state)
    _may_call(definition, row, actor)
    target = _check_state(aggregate, definition, row, locked.state, actor)
    run = Run(actor, definition, row, locked)
    run.configuration = RunConfiguration.of(row.configuration if row else {}, switches)
    run.prepared = prepared
    run.target = target
    run.attributes.update(call.attributes)
    subject = aggregate.load(call.object_id)
    for requirement in definition.requires:
        requirement(subject, params)
    override = definition.body(subject, params, run)
    final = None if override is STAY else override or target
    if final is not None:
        # Not `locked.state`: the body may have led the object through a state on the way.
        run._moved(kind, subject, str(subject.state), final, None)  # noqa: SLF001
    run.finish()
    return Outcome(
        definition.name,
        str(final or locked.state),
        run.answer,
        tuple(scheduled.message for scheduled in run.messages),
    )


def _resolve(kind: str, call: Call, state: str | None = None) -> tuple[Command, TransitionRow | None]:
    """The command, and the row as far as it can be known: a code or class name needs the present state."""
    installed = machine.current()
    row = _row_by_id(installed, call) or _row_by_slug(installed, call)
    if row is not None:
        if row.kind != kind:
            raise TransitionMismatch(
                {"transition": [f"{row.slug} is a transition of a {row.kind}, not of a {kind}."]}
            )
        definition = commands.find(row.command)
        if definition is None:
            raise UnknownTransition(
                {"transition": [f"The command {row.command} is not part of this version."]}
            )
        return definition, row
    if call.slug is None:
        raise UnknownTransition({"transition": ["Name a transition, by its id or by its slug."]})
    definition = commands.find(call.slug)
    if definition is None or definition.on != kind:
        raise UnknownTransition(
            {"slug": [f"There is no active transition or command {call.slug!r} of a {kind}."]}
        )
    return definition, None if state is None else _row_of_command(installed, definition, state)


def _row_by_id(installed: Machine, call: Call) -> TransitionRow | None:
    if call.transition is None:
        return None
    row = installed.transitions.get(call.transition)
    if row is None:
        raise UnknownTransition({"transition": [f"There is no active transition {call.transition}."]})
    if call.slug is not None and call.slug != row.slug:
        definition = commands.find(call.slug)
        if call.slug in installed.by_slug or definition is None or definition.name != row.command:
            raise TransitionMismatch(
                {"slug": [f"{call.slug!r} is not transition {call.transition} ({row.slug})."]}
            )
    return row


def _row_by_slug(installed: Machine, call: Call) -> TransitionRow | None:
    return installed.by_slug.get(call.slug) if call.slug is not None else None


def _row_of_command(installed: Machine, definition: Command, state: str) -> TransitionRow | None:
    rows = [row for row in installed.from_state(definition.on, state) if row.command == definition.name]
    if len(rows) > 1:
        slugs = ", ".join(row.slug for row in rows)
        raise UnknownTransition(
            {"slug": [f"{definition.name} is installed more than once for this state: {slugs}."]}
        )
    return rows[0] if rows else None


def _check_state(
    aggregate: Aggregate, definition: Command, row: TransitionRow | None, state: str, actor: Actor
) -> StateEnum | None:
    """The target of the move. A command without an installed row is open to the system alone."""
    present = aggregate.states(state)
    if row is not None:
        if row.source != state:
            allowed = [aggregate.states(row.source).name]
            raise WrongState(present.name, allowed)
        return aggregate.states(row.target) if row.target else None
    moves = [move for move in definition.moves if move.source == present]
    if not moves or actor is not SYSTEM:
        raise WrongState(present.name, _installed_sources(aggregate, definition, actor))
    return moves[0].target


def _installed_sources(aggregate: Aggregate, definition: Command, actor: Actor) -> list[str]:
    if actor is SYSTEM:
        return [source.name for source in definition.sources()]
    rows = machine.current().transitions.values()
    values = {row.source for row in rows if row.command == definition.name}
    return [member.name for member in aggregate.states if member.value in values]


def _may_call(definition: Command, row: TransitionRow | None, actor: Actor) -> None:
    if actor is SYSTEM:
        return
    if definition.system_only:
        raise PermissionDenied(f"{definition.name} is run by the system alone.")
    if not actor.may_run(row.visibility if row else None):
        raise PermissionDenied(f"Your role may not run {row.slug if row else definition.name}.")


def _may_touch(locked: Locked, actor: Actor, kind: str) -> None:
    if actor.location_ids is not None and not (actor.location_ids & locked.location_ids):
        raise PermissionDenied(f"This {kind} belongs to another location.")
    if actor.channel_ids is not None and locked.channel_id not in actor.channel_ids:
        raise PermissionDenied(f"This {kind} belongs to another channel.")


def check_id(call_id: int, given: Any, path: str) -> None:
    """The id in a command's body must be that of its path; it may be left out."""
    if given is not None and str(given) != str(call_id):
        raise IdMismatch({path: [f"The body names {given}, the address {call_id}."]})


def runnable(kind: str, state: str, actor: Actor) -> list[TransitionRow]:
    """The rows that the actor may run on an object in this state, by position."""
    rows = []
    for row in machine.current().from_state(kind, state):
        definition = commands.find(row.command)
        if definition is None or definition.system_only or not actor.may_run(row.visibility):
            continue
        rows.append(row)
    return rows


def with_input(call: Call, **parameters: Any) -> Call:
    """The same call with these parameters."""
    return replace(call, input_parameters=parameters)
