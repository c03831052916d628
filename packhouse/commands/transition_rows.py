"""Installing and changing transition rows: data picks inside the envelope that commands draw (page 10)."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from packhouse.kernel import commands, machine, version
from packhouse.kernel.commands import Command
from packhouse.kernel.errors import InvalidParameter, NotFound, NotUnique
from packhouse.kernel.machine import content_type_id
from packhouse.kernel.models import State, StateTransitionLog, Transition
from packhouse.kernel.states import StateEnum
from packhouse.packages.states import PackageStatus
from packhouse.transfers.states import TransferStatus

KINDS: Final[Mapping[str, type[StateEnum]]] = {"package": PackageStatus, "transfer": TransferStatus}
FIXED: Final = ("slug", "command", "source_state", "target_state")
"""What cannot be changed once a row has run."""

STEP: Final = 10


@transaction.atomic
def install(values: Mapping[str, Any]) -> int:
    """A new row; its id. `command` by any of its names, states by id or member, the rest as columns.

    Raises InvalidParameter (which names the legal moves), NotUnique.
    """
    definition = command_named(values["command"])
    columns = _columns(definition, values)
    _check_slug(values["slug"])
    position = values.get("position")
    if position is None:
        position = (Transition.objects.aggregate(last=Max("position"))["last"] or 0) + STEP
    row = Transition.objects.create(**{**columns, "position": position})
    version.raise_version()
    return row.pk


@transaction.atomic
def change(transition_id: int, values: Mapping[str, Any]) -> None:
    """Change a row. Raises InvalidParameter, NotUnique, NotFound."""
    row = locked(transition_id)
    present = {name: getattr(row, f"{name}_id" if name.endswith("_state") else name) for name in FIXED}
    wanted = {**present, **values}
    definition = command_named(wanted["command"])
    columns = _columns(definition, {**wanted, **values})
    changed = [name for name in FIXED if name in values and _value(columns, name) != present[name]]
    if changed and is_used(transition_id):
        raise InvalidParameter({name: [_("This is fixed: the transition has run.")] for name in changed})
    if "slug" in changed:
        _check_slug(wanted["slug"])
    for name, value in columns.items():
        if name in FIXED or name in values or name == "content_type_id":
            setattr(row, name, value)
    row.save()
    version.raise_version()


@transaction.atomic
def switch_off(transition_id: int) -> None:
    """The row stays, and runs no more. Raises NotFound."""
    row = locked(transition_id)
    row.is_active = False
    row.save(update_fields=["is_active"])
    version.raise_version()


def locked(transition_id: int) -> Transition:
    """The row under its lock. Raises NotFound."""
    row = Transition.objects.select_for_update().filter(pk=transition_id).first()
    if row is None:
        raise NotFound(_("There is no transition %(id)s.") % {"id": transition_id})
    return row


def is_used(transition_id: int) -> bool:
    """A change of state in the log names it."""
    return StateTransitionLog.objects.filter(
        attributes__contains={"command.transition_id": transition_id}
    ).exists()


def command_named(name: str) -> Command:
    """By class name, code or alias. Raises InvalidParameter."""
    definition = commands.find(name)
    if definition is None or definition.on not in KINDS:
        names = [each.name for each in commands.registered() if each.on in KINDS and not each.system_only]
        text = _("There is no command %(name)s; commands are %(names)s.")
        raise InvalidParameter({"command": [text % {"name": name, "names": ", ".join(names)}]})
    if definition.system_only:
        raise InvalidParameter({"command": [_("%(name)s is run by the system alone.") % {"name": name}]})
    return definition


def _columns(definition: Command, values: Mapping[str, Any]) -> dict[str, Any]:
    source = _state(definition.on, values["source_state"], "source_state")
    target = None
    if values.get("target_state") is not None:
        target = _state(definition.on, values["target_state"], "target_state")
    _check_move(definition, source, target)
    plain = ("slug", "name", "visibility", "configuration", "is_active", "position")
    return {
        **{name: values[name] for name in plain if name in values},
        "command": definition.name,
        "content_type_id": content_type_id(definition.on),
        "source_state": source,
        "target_state": target,
    }


def _value(columns: Mapping[str, Any], name: str) -> Any:
    value = columns[name]
    return value.pk if isinstance(value, State) else value


def _state(kind: str, given: int | str, field: str) -> State:
    rows = State.objects.filter(content_type=content_type_id(kind), enum_class=machine.ENUM_CLASSES[kind])
    states = KINDS[kind]
    if isinstance(given, str):
        member = states.__members__.get(given.upper())
        found = member and rows.filter(enum_value=member.value).first()
    else:
        found = rows.filter(pk=given).first()
    if not found:
        text = _("There is no such state of a %(kind)s; members are %(names)s.")
        names = ", ".join(states.__members__)
        raise InvalidParameter({field: [text % {"kind": kind, "names": names}]})
    return found


def _check_move(definition: Command, source: State, target: State | None) -> None:
    if definition.declares(source.enum_value, target.enum_value if target else None):
        return
    text = _("%(command)s has no such move; legal are: %(moves)s.") % {
        "command": definition.name,
        "moves": "; ".join(moves_of(definition)),
    }
    raise InvalidParameter({"target_state": [text]})


def moves_of(definition: Command) -> list[str]:
    """`WAITING → PACKED`; a dash where the object does not move."""
    return [
        f"{move.source.name} → {move.target.name if move.target else '–'}" for move in definition.installable
    ]


def _check_slug(slug: str) -> None:
    if Transition.objects.filter(slug=slug).exists():
        raise NotUnique({"slug": [_("A transition has this slug already.")]})
