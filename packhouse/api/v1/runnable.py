"""`commands` of a package or transfer: what the caller may run on it now (page 20)."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.utils.translation import get_language

from packhouse.kernel import commands, machine, params
from packhouse.kernel.accounts import Actor
from packhouse.kernel.engine import runnable
from packhouse.kernel.machine import TransitionRow, content_type_id
from packhouse.kernel.models import StateTransitionLog
from packhouse.packages.selectors import former_state
from packhouse.payloads.formats import Document


def put_commands(kind: str, rows: Iterable[Document], actor: Actor) -> None:
    """Fill `commands` of whole documents, which carry their state object. No statement; one where a command
    leads back to the state before."""
    by_state: dict[str, list[Document]] = {}
    going_back: dict[int, Document] = {}
    for row in rows:
        state = row["state"]["enum_value"]
        if state not in by_state:
            by_state[state] = [_described(kind, found) for found in runnable(kind, state, actor)]
        row["commands"] = by_state[state]
        if any(_leads_back(command) for command in row["commands"]):
            going_back[row["id"]] = row
    if going_back:
        _put_states_before(kind, going_back)


def _put_states_before(kind: str, rows: Mapping[int, Document]) -> None:
    entered = StateTransitionLog.objects.filter(
        content_type=content_type_id(kind),
        object_id__in=list(rows),
        new_state__in={row["state"]["id"] for row in rows.values()},
    )
    last = entered.order_by("object_id", "-id").distinct("object_id")
    before = dict(last.values_list("object_id", "old_state__enum_value"))
    for key, row in rows.items():
        value = before.get(key)
        if value is None and kind == "package":
            # Split off in this state: it came there with the package it was split off from.
            found = former_state(key)
            value = found.value if found else None
        target = _target(kind, value)
        row["commands"] = [
            {**command, "target_state": target} if _leads_back(command) else command
            for command in row["commands"]
        ]


def _leads_back(command: Document) -> bool:
    """To the state before, which is another for each object."""
    definition = commands.find(command["command"])
    return definition is not None and definition.leads_back and command["target_state"] is None


def _described(kind: str, row: TransitionRow) -> Document:
    return {
        "transition": row.id,
        "slug": row.slug,
        "command": row.command,
        "name": _name(row),
        "target_state": _target(kind, row.target),
        "input_parameters": _schema(row.command),
    }


def _target(kind: str, value: str | None) -> Document | None:
    if value is None:
        return None
    state = machine.current().state(kind, value)
    return {"id": state.id, "name": state.name, "enum_value": state.value}


def _name(row: TransitionRow) -> str:
    """In the caller's language; else in English; else the slug."""
    language = (get_language() or "en").partition("-")[0]
    return row.name.get(language) or row.name.get("en") or row.slug


@cache
def _schema(name: str) -> dict[str, Any]:
    definition = commands.find(name)
    return params.schema(definition.params) if definition else {}
