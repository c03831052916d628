"""The registry of commands: what a command declares. How it is run stands in `engine.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from packhouse.kernel.params import NoParams, Params
from packhouse.kernel.states import StateEnum

# (object in hand, parameters, run) -> a state to move to instead of the row's target, or None.
Body = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Move:
    """A move that installed transitions of the command may use. `target` None: the object does not move,
    or goes back to a former state that the body names."""

    source: StateEnum
    target: StateEnum | None = None


@dataclass(frozen=True, eq=False)
class Command:
    """One row of page 20. `system_only`: no caller runs it; `system_sources`: from these states no caller does.

    `answers`: 200 with a body instead of 204. `leads_back`: its object goes back to the state before.
    """

    name: str
    on: str
    body: Body
    title: dict[str, str]
    moves: tuple[Move, ...]
    params: type[Params] = NoParams
    code: str | None = None
    aliases: tuple[str, ...] = ()
    requires: tuple[Callable[..., None], ...] = ()
    sends: tuple[type, ...] = ()
    events: tuple[str, ...] = ()
    prepare: Callable[..., Any] | None = None
    system_only: bool = False
    system_sources: tuple[StateEnum, ...] = ()
    answers: bool = False
    leads_back: bool = False

    @property
    def effects(self) -> str:
        """The promise, from the body's docstring."""
        return (self.body.__doc__ or "").strip()

    @property
    def names(self) -> tuple[str, ...]:
        """Every spelling under which the command may be called or installed."""
        return tuple(name for name in (self.name, self.code, *self.aliases) if name)

    def sources(self) -> tuple[StateEnum, ...]:
        return tuple(dict.fromkeys(move.source for move in self.moves))

    @property
    def installable(self) -> tuple[Move, ...]:
        """The moves that transitions may use."""
        if self.system_only:
            return ()
        return tuple(move for move in self.moves if move.source not in self.system_sources)

    def declares(self, source: str, target: str | None) -> bool:
        return any(move.source == source and (move.target or None) == target for move in self.installable)


_BY_NAME: dict[str, Command] = {}


def command(
    **declaration: Any,
) -> Callable[[Body], Body]:
    """Register the decorated body as a command; keywords are the fields of `Command`.

    `moves` is a list of (source, target) pairs.
    """

    def register(body: Body) -> Body:
        moves = tuple(Move(*pair) for pair in declaration.pop("moves"))
        lists: dict[str, Any] = {
            key: tuple(declaration.pop(key, ()))
            for key in ("aliases", "requires", "sends", "events", "system_sources")
        }
        definition = Command(body=body, moves=moves, **lists, **declaration)
        for name in definition.names:
            if name in _BY_NAME:
                raise ValueError(f"two commands are called {name}")
            _BY_NAME[name] = definition
        return body

    return register


def find(name: str) -> Command | None:
    """The command of this class name, code or alias."""
    return _BY_NAME.get(name)


def registered(kind: str | None = None) -> list[Command]:
    """All commands in the order of their declaration; of one kind of object when named."""
    known = dict.fromkeys(_BY_NAME.values())
    return [definition for definition in known if kind in (None, definition.on)]
