"""`commands` of a package or transfer: what the caller may run on it now (page 20)."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.utils.translation import get_language

from packhouse.kernel import commands, machine, params
from packhouse.kernel.accounts import Actor
from packhouse.kernel.engine import runnable
from packhouse.kernel.machine import TransitionRow
from packhouse.payloads.formats import Document


def put_commands(kind: str, rows: Iterable[Document], actor: Actor) -> None:
    """Fill `commands` of whole documents, which carry their state object. No statement."""
    by_state: dict[str, list[Document]] = {}
    for row in rows:
        state = row["state"]["enum_value"]
        if state not in by_state:
            by_state[state] = [_described(kind, found) for found in runnable(kind, state, actor)]
        row["commands"] = by_state[state]


def _described(kind: str, row: TransitionRow) -> Document:
    target = machine.current().state(kind, row.target) if row.target else None
    return {
        "transition": row.id,
        "slug": row.slug,
        "command": row.command,
        "name": _name(row),
        "target_state": target and {"id": target.id, "name": target.name, "enum_value": target.value},
        "input_parameters": _schema(row.command),
    }


def _name(row: TransitionRow) -> str:
    """In the caller's language; else in English; else the slug."""
    language = (get_language() or "en").partition("-")[0]
    return row.name.get(language) or row.name.get("en") or row.slug


@cache
def _schema(name: str) -> dict[str, Any]:
    definition = commands.find(name)
    return params.schema(definition.params) if definition else {}
