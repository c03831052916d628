"""docs/commands.md: every command, from its declaration."""

import inspect
from collections.abc import Iterable

from packhouse.cli.actions.pages.markdown import cell, document, table
from packhouse.cli.actions.pages.shapes import properties, type_of
from packhouse.kernel.commands import Command, registered

_INTRODUCTION = (
    "A command moves one package or transfer from one state to another, or does something to it where it stands. "
    "It is run by `POST /api/v1/oms/packages/{id}/command/` (or `/transfer_orders/{id}/command/`) with the slug or "
    "id of an installed transition, or with its own name. An installed transition picks one of the moves below and "
    "configures it."
)


def page() -> str:
    commands = registered()
    rows = [
        [f"[{each.name}](#{each.name.lower()})", each.code or "", each.on, each.title["en"]]
        for each in commands
    ]
    overview = table(["command", "code", "object", "name"], rows)
    return document("Commands", _INTRODUCTION, [overview, *map(_section, commands)])


def _section(command: Command) -> str:
    parts = [f"## {command.name}", inspect.cleandoc(command.effects)]
    facts = {
        "object": command.on,
        "code": command.code or "",
        "other names": ", ".join(command.aliases),
        "moves": _moves(command),
        "asks for": ", ".join(message.__name__ for message in command.sends),
        "events": ", ".join(command.events),
        "run by": "the system only" if command.system_only else "",
    }
    parts.append("\n".join(f"- {name}: {cell(value)}" for name, value in facts.items() if value))
    parameters = _parameters(command)
    if parameters:
        parts.append(table(["parameter", "value", "needed", "meaning"], parameters))
    return "\n\n".join(parts)


def _moves(command: Command) -> str:
    by_target: dict[str, list[str]] = {}
    for move in command.moves:
        by_target.setdefault(move.target.name if move.target else "no move", []).append(move.source.name)
    return "; ".join(f"{', '.join(sources)} → {target}" for target, sources in by_target.items())


def _parameters(command: Command) -> Iterable[list[str]]:
    schema = command.params.model_json_schema()
    definitions = schema.get("$defs", {})
    return [
        [f"`{path}`", type_of(each, definitions), "yes" if required else "", str(each.get("description", ""))]
        for path, each, required in properties(schema, definitions)
    ]
