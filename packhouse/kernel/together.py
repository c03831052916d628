"""Several runs in one transaction: the engine's steps for many objects at once, each step by one statement.

The order is the engine's: parse, lock, check, run, move, record; commit. What is refused before its body is
refused alone, for nothing has been written for it. A body that fails undoes all of them: `NotTogether` is
raised, and the caller runs each by itself, where every refusal stands alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import transaction

from packhouse.kernel import engine, machine, outbox
from packhouse.kernel.accounts import Actor
from packhouse.kernel.commands import Command
from packhouse.kernel.configuration import RunConfiguration, split_switches
from packhouse.kernel.engine import (
    STAY,
    Call,
    Locked,
    Outcome,
    Run,
    _check_state,
    _may_call,
    _may_touch,
    _resolve,
)
from packhouse.kernel.errors import NotFound, PackhouseError
from packhouse.kernel.outbox import NewEvent
from packhouse.kernel.params import Params, parse
from packhouse.kernel.states import StateEnum

Keep = Callable[[int, Outcome], None]


class NotTogether(Exception):
    """Nothing has happened; run them one by one."""


@dataclass(slots=True)
class Line:
    """One call on its way. `refusal` ends it."""

    call: Call
    definition: Command | None = None
    params: Params | None = None
    switches: Mapping[str, bool] = field(default_factory=dict)
    subject: Any = None
    run: "TogetherRun | None" = None
    target: StateEnum | None = None
    refusal: PackhouseError | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """`subject` enters `target` with `events` events; its `run` says what the back office is to learn."""

    subject: Any
    target: StateEnum
    events: int
    run: Run


class Together(Protocol):
    """How many objects of one kind are handled at once; see `engine.Aggregate` for each step."""

    kind: str
    commands: frozenset[str]
    """Commands whose body touches nothing but its object's own rows, the stock that `gathered` takes, and quota."""

    def mutexes(self, object_ids: Sequence[int]) -> dict[int, int]:
        """The order of each object that there is: objects of one order never run together."""

    def lock(self, object_ids: Sequence[int]) -> dict[int, Locked]:
        """Lock the objects, and first their orders, in the documented order (docs/locking.md)."""

    def load(self, object_ids: Sequence[int]) -> dict[int, Any]:
        """What command bodies work on."""

    def gathered(self) -> AbstractContextManager[None]:
        """Within the block, what bodies take is put together and done at its end."""

    def move(self, moves: Sequence[Move]) -> dict[int, int]:
        """Write states of objects and items, keep quotas, settle orders; the new `sequence` of each object."""

    def documents(self, object_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """The published documents: the payloads of events."""


_KINDS: dict[str, Together] = {}


def register(together: Together) -> None:
    """Make it known that objects of a kind can be handled together."""
    _KINDS[together.kind] = together


def groups(kind: str, calls: Sequence[Call], size: int) -> Iterator[list[int]]:
    """Indexes of `calls` in the order in which to run them; those of one list may run together.

    Calls on one order keep their order. A list of several holds no order twice and at most `size` calls.
    """
    known = _KINDS.get(kind)
    mutexes = known.mutexes([call.object_id for call in calls]) if known else {}
    waiting: dict[int, int] = {}
    for index, call in enumerate(calls):
        order = mutexes.get(call.object_id)
        if waiting and (order in waiting or len(waiting) == size):
            yield list(waiting.values())
            waiting.clear()
        if known is None or order is None or not _may_join(known, call):
            yield [index]
        else:
            waiting[order] = index
    if waiting:
        yield list(waiting.values())


def _may_join(known: Together, call: Call) -> bool:
    try:
        definition, _ = _resolve(known.kind, call)
    except PackhouseError:
        return False
    return definition.name in known.commands and definition.prepare is None


class TogetherRun(Run):
    """A run whose move and events are written with those of others."""

    def will_move(self, subject: Any, target: StateEnum) -> Move:
        """Note the move as `Run` does; it is written later."""
        kind = self.definition.on
        aggregate = engine.aggregate_of(kind)
        pending = self._of(kind, subject.id)
        moves = [(type_, None, kind, subject.id) for type_ in aggregate.event_types(target)]
        pending.types = [*moves, *pending.types]
        remarks = aggregate.remarks(subject, target, self)
        self._note(kind, subject.id, str(subject.state), target, None, remarks)
        return Move(subject, target, len(pending.types), self)

    def freeze(self, object_id: int, sequence: int, document: dict[str, Any]) -> None:
        """The events of the move, numbered up to `sequence`, with the object's document as it is now."""
        kind = self.definition.on
        pending = self._pending.pop((kind, object_id))
        documents: dict[Any, dict[str, Any]] = {}
        for offset, (type_, derive, what, its_id) in enumerate(pending.types, start=1 - len(pending.types)):
            payload = document if derive is None else documents.setdefault(derive, derive(document))
            self._events.append(
                NewEvent(
                    type=type_,
                    kind=what,
                    object_id=its_id,
                    sequence=sequence + offset,
                    document=payload,
                    channel_id=self.locked.channel_id,
                    erp_codes=self._erp_codes(document),
                    subject_kind=kind,
                    subject_id=object_id,
                )
            )

    @property
    def has_more(self) -> bool:
        """The body spoke of another object than its own, which is not done together."""
        return bool(self._pending)

    def conclude(self) -> tuple[list[NewEvent], list[outbox.LogRow], list[outbox.Scheduled]]:
        """Events, log rows and messages to write, when all moves are made."""
        self._conclude()
        return self._events, self._log, self.messages


def execute_together(
    kind: str, calls: Sequence[Call], actor: Actor, *, keep: Keep | None = None
) -> list[Outcome | PackhouseError]:
    """Run the calls, all in one transaction; what became of each, in order.

    They name objects of different orders and commands that may run together (`groups`). `keep` is called inside
    the transaction with each one's position and outcome. Raises NotTogether: nothing has happened then.
    """
    known = _KINDS[kind]
    lines = [_read(kind, call, actor) for call in calls]
    open_lines = [line for line in lines if line.refusal is None]
    if open_lines:
        try:
            with transaction.atomic():
                _run_all(known, open_lines, actor)
                if keep:
                    _keep_all(lines, keep)
        except NotTogether:
            machine.reload()
            raise
        except Exception as failure:
            raise NotTogether from failure
    return [line.refusal or _outcome(line) for line in lines]


def _read(kind: str, call: Call, actor: Actor) -> Line:
    line = Line(call)
    try:
        given, line.switches = split_switches(call.input_parameters)
        line.definition, row = _resolve(kind, call)
        _may_call(line.definition, row, actor)
        line.params = parse(line.definition.params, given)
    except PackhouseError as refusal:
        line.refusal = refusal
    return line


def _run_all(known: Together, lines: Sequence[Line], actor: Actor) -> None:
    ids = [line.call.object_id for line in lines]
    locked = known.lock(ids)
    if any(each.version != machine.current().version for each in locked.values()):
        raise NotTogether
    subjects = known.load(ids)
    for line in lines:
        try:
            _check(known.kind, line, locked, subjects, actor)
        except PackhouseError as refusal:
            line.refusal = refusal
    going = [line for line in lines if line.refusal is None]
    with known.gathered():
        moves = [_body(line) for line in going]
    if not moves:
        return
    sequences = known.move(moves)
    documents = known.documents(list(sequences))
    for line in going:
        object_id = line.call.object_id
        _run_of(line).freeze(object_id, sequences[object_id], documents[object_id])
    _record([_run_of(line) for line in going])


def _check(
    kind: str, line: Line, locked: Mapping[int, Locked], subjects: Mapping[int, Any], actor: Actor
) -> None:
    """All that may be refused before anything is written."""
    row_locked = locked.get(line.call.object_id)
    if row_locked is None:
        raise NotFound(f"There is no {kind} {line.call.object_id}.")
    _may_touch(row_locked, actor, kind)
    definition, row = _resolve(kind, line.call, row_locked.state)
    _may_call(definition, row, actor)
    target = _check_state(engine.aggregate_of(kind), definition, row, row_locked.state, actor)
    run = TogetherRun(actor, definition, row, row_locked)
    run.configuration = RunConfiguration.of(row.configuration if row else {}, line.switches)
    run.target = target
    run.attributes.update(line.call.attributes)
    line.subject = subjects[line.call.object_id]
    for requirement in definition.requires:
        requirement(line.subject, line.params)
    line.definition, line.run = definition, run


def _body(line: Line) -> Move:
    run = _run_of(line)
    override = run.definition.body(line.subject, line.params, run)
    final = None if override is STAY else override or run.target
    if final is None:
        raise NotTogether
    line.target = final
    return run.will_move(line.subject, final)


def _run_of(line: Line) -> TogetherRun:
    assert line.run is not None  # noqa: S101 - checked lines have one
    return line.run


def _record(runs: Sequence[TogetherRun]) -> None:
    events: list[NewEvent] = []
    log: list[outbox.LogRow] = []
    messages: list[outbox.Scheduled] = []
    for run in runs:
        if run.has_more:
            raise NotTogether
        own_events, own_log, own_messages = run.conclude()
        events += own_events
        log += own_log
        messages += own_messages
    outbox.record(events=events, log=log, messages=messages)


def _keep_all(lines: Sequence[Line], keep: Keep) -> None:
    for position, line in enumerate(lines):
        if line.refusal is None:
            keep(position, _outcome(line))


def _outcome(line: Line) -> Outcome:
    run = _run_of(line)
    messages = tuple(scheduled.message for scheduled in run.messages)
    return Outcome(run.definition.name, str(line.target), run.answer, messages)
