"""What is odd about the installed transitions: warnings, not refusals (page 10)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from packhouse.commands.machine_graph.graph import BORN, BY_ITSELF, OBJECTS
from packhouse.kernel import commands
from packhouse.kernel.models import State, Transition

LANGUAGES: Final = ("en", "tr")
STATE_LANGUAGES: Final = ("en-us", "tr-tr")
# A brand may do without these: rows that start from them lie ready for the day when one leads there.
_OPTIONAL: Final[Mapping[str, frozenset[str]]] = {"package": frozenset({"WAITING_CARGO_LABEL"})}


@dataclass(frozen=True, slots=True)
class MachineWarning:
    """`code` says what is odd; `state` (a member) or `slug` where."""

    code: str
    kind: str
    state: str | None = None
    slug: str | None = None
    more: str = ""

    @property
    def detail(self) -> str:
        text = {
            "dead_end": _("%(state)s is open, and no active transition leads out of it."),
            "unreachable": _("Transitions start from %(state)s, and none leads there."),
            "duplicate_slug": _("%(slug)s is the slug or the command of another transition too: %(more)s."),
            "undeclared_move": _("%(slug)s makes a move that its command does not declare: %(more)s."),
            "missing_translation": _("%(slug)s has no name in: %(more)s."),
            "missing_state_translation": _("%(state)s has no name in: %(more)s."),
        }[self.code]
        return text % {"state": self.state, "slug": self.slug, "more": self.more}


@dataclass(frozen=True, slots=True)
class LintedRow:
    """A transition, states by member; `target` None where it does not move its object."""

    kind: str
    slug: str
    command: str
    source: str
    target: str | None
    names: Mapping[str, str] = field(default_factory=dict)


def lint() -> list[MachineWarning]:
    """What is odd about the active rows, and the names of the states, as they stand. Two statements."""
    rows = Transition.objects.filter(is_active=True).select_related("source_state", "target_state")
    return [*lint_rows([_linted(row) for row in rows]), *_lint_states(State.objects.all())]


def _linted(row: Transition) -> LintedRow:
    definition = commands.find(row.command)
    kind = definition.on if definition is not None and definition.on in OBJECTS else _kind_of(row)
    return LintedRow(
        kind=kind,
        slug=row.slug,
        command=row.command,
        source=_member(kind, row.source_state.enum_value),
        target=_member(kind, row.target_state.enum_value) if row.target_state else None,
        names=row.name,
    )


def _kind_of(row: Transition) -> str:
    """By its state, where the command is not known any more."""
    return "transfer" if row.source_state.enum_class == "TransferStatus" else "package"


def _member(kind: str, value: str) -> str:
    states = OBJECTS[kind]
    return states(value).name if value in states.values() else value


def lint_rows(rows: Sequence[LintedRow]) -> list[MachineWarning]:
    """What is odd about these rows taken together."""
    found: list[MachineWarning] = []
    for kind in OBJECTS:
        found += _lint_ways(kind, [row for row in rows if row.kind == kind])
    return [*found, *_lint_slugs(rows), *_lint_moves(rows), *_lint_names(rows)]


def _lint_ways(kind: str, rows: Sequence[LintedRow]) -> Iterable[MachineWarning]:
    if not rows:
        return
    system = list(_by_the_system(kind))
    reached = set(BORN[kind])
    moves = [*((row.source, row.target) for row in rows), *system]
    while new := {to for source, to in moves if source in reached and to is not None} - reached:
        reached |= new
    started = {row.source for row in rows}
    # What the system does by itself is a detour; only what leads back from it is a way out.
    left = started | {source for source, target in system if target is None}
    for state in OBJECTS[kind]:
        if state.open and state.name in reached and state.name not in left:
            yield MachineWarning("dead_end", kind, state.name)
        if state.name in started and state.name not in reached | _OPTIONAL.get(kind, frozenset()):
            yield MachineWarning("unreachable", kind, state.name)


def _by_the_system(kind: str) -> Iterable[tuple[str, str | None]]:
    for definition in commands.registered(kind):
        if definition.system_only:
            for move in definition.moves:
                yield move.source.name, move.target.name if move.target else None
    for source, target, _command in BY_ITSELF[kind]:
        yield source, target


def _lint_slugs(rows: Sequence[LintedRow]) -> Iterable[MachineWarning]:
    """Slugs that callers will take for one another, or for a command that is another one."""
    folded: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        folded[row.slug.casefold()].append(row.slug)
    for row in rows:
        others = [
            slug
            for slug, times in Counter(folded[row.slug.casefold()]).items()
            if slug != row.slug or times > 1
        ]
        if others:
            yield MachineWarning("duplicate_slug", row.kind, slug=row.slug, more=", ".join(sorted(others)))
        named = commands.find(row.slug)
        if named is not None and named.name != row.command:
            yield MachineWarning("duplicate_slug", row.kind, slug=row.slug, more=named.name)


def _lint_moves(rows: Sequence[LintedRow]) -> Iterable[MachineWarning]:
    """Refused when installed; a later version may declare less."""
    for row in rows:
        definition = commands.find(row.command)
        declared = () if definition is None else definition.installable
        if not any(
            move.source.name == row.source and (move.target.name if move.target else None) == row.target
            for move in declared
        ):
            text = f"{row.command} {row.source} → {row.target or '–'}"
            yield MachineWarning("undeclared_move", row.kind, slug=row.slug, more=text)


def _lint_names(rows: Sequence[LintedRow]) -> Iterable[MachineWarning]:
    for row in rows:
        missing = [language for language in LANGUAGES if not row.names.get(language)]
        if missing:
            yield MachineWarning("missing_translation", row.kind, slug=row.slug, more=", ".join(missing))


def _lint_states(states: Iterable[State]) -> Iterable[MachineWarning]:
    kinds = {"PackageStatus": "package", "TransferStatus": "transfer"}
    for state in states:
        kind = kinds.get(state.enum_class)
        if kind is None:
            continue
        known = state.translations or {}
        missing = [language for language in STATE_LANGUAGES if not (known.get(language) or {}).get("name")]
        if missing:
            member = _member(kind, state.enum_value)
            yield MachineWarning("missing_state_translation", kind, member, more=", ".join(missing))
