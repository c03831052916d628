"""docs/commands.md: every command, from its declaration."""

import inspect
import json
from collections.abc import Iterable, Mapping
from typing import Any

from packhouse.api.v1.shapes.command_examples import EXAMPLES
from packhouse.cli.actions.pages.markdown import cell, code, document, table
from packhouse.cli.actions.pages.refusals import OF_EVERY_COMMAND, codes, requirements
from packhouse.cli.actions.pages.shapes import properties, type_of
from packhouse.commands.registry import in_order
from packhouse.kernel.commands import Command

_EVERY = ", ".join(f"`{error.code}`" for error in OF_EVERY_COMMAND)
_INTRODUCTION = (
    "A command moves one package or transfer from one state to another, or does something to it where it stands. "
    "It is run by `POST /api/v1/oms/packages/{id}/command/` (or `/transfer_orders/{id}/command/`) with the slug or "
    "id of an installed transition, or with its own name. An installed transition picks one of the moves below and "
    "configures it; which ones are installed at first is told in [states.md](states.md).\n\n"
    "Every command also takes the switches `sync_remote_order_status`, `remote_invoice_call` and "
    "`remote_bill_fulfillment_call` (true or false), and may refuse with "
    f"{_EVERY}; what else it refuses stands with it. "
    "Codes are explained in [errors.md](errors.md). A refused command has changed nothing. Every move tells "
    "`package.status.transitioned` and `package.status.<state>` (`transfer.…` for transfers), before the events "
    "named here."
)


def page() -> str:
    commands = in_order()
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
        "run by": _run_by(command),
        "must hold": " ".join(requirements(command)),
        "refuses with": ", ".join(f"`{each}`" for each in codes(command)),
        "asks for": ", ".join(message.__name__ for message in command.sends),
        "events": ", ".join(command.events),
        "answers": "200 with a body" if command.answers else "",
    }
    parts.append("\n".join(f"- {name}: {cell(value)}" for name, value in facts.items() if value))
    parameters = list(_parameters(command))
    if parameters:
        parts.append(table(["parameter", "value", "needed", "default", "meaning"], parameters))
    if command.name in EXAMPLES:
        parts.append(f"```json\n{json.dumps(EXAMPLES[command.name], ensure_ascii=False)}\n```")
    return "\n\n".join(parts)


def _run_by(command: Command) -> str:
    if command.system_only:
        return "the system alone"
    if command.system_sources:
        return f"callers; from {', '.join(source.name for source in command.system_sources)} the system alone"
    return ""


def _moves(command: Command) -> str:
    by_target: dict[str, list[str]] = {}
    stays = "the state before" if command.leads_back else "no move"
    for move in command.moves:
        by_target.setdefault(move.target.name if move.target else stays, []).append(move.source.name)
    return "; ".join(f"{', '.join(sources)} → {target}" for target, sources in by_target.items())


def _parameters(command: Command) -> Iterable[list[str]]:
    schema = command.params.model_json_schema()
    definitions = schema.get("$defs", {})
    for path, each, required in properties(schema, definitions):
        value = type_of(each, definitions).removesuffix(" or null")
        yield [
            f"`{path}`",
            value,
            "yes" if required else "",
            _default(each),
            str(each.get("description", "")),
        ]


def _default(schema: Mapping[str, Any]) -> str:
    """What holds when it is left out, where that is something."""
    return code(schema["default"]) if schema.get("default") is not None else ""
