"""Scenarios: saved as immutable versions, one of them live; switching is one atomic act (page 30)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from packhouse.kernel import clock, outbox
from packhouse.kernel.accounts import Actor
from packhouse.kernel.errors import InvalidParameter, NotFound, NotUnique
from packhouse.orders.messages import PlanOrder
from packhouse.planning import scenario as documents
from packhouse.planning.ground import read_locations
from packhouse.planning.models import ExecutionPlan, Scenario, ScenarioVersion
from packhouse.planning.scenario_errors import ScenarioInvalid
from packhouse.planning.scenario_warnings import ScenarioWarning, warnings
from packhouse.planning.selectors import document_of

AT_ONCE: Final = ("name", "description", "status", "priority")
"""What acts without a new version."""

STEP: Final = 10
# Orders that wait for one of these reasons may be planned once scenarios have changed.
_WAIT_FOR_SCENARIOS: Final = ("no_scenario", "default_location_missing")


@dataclass(frozen=True, slots=True)
class Saved:
    """A scenario as it was saved: the version that now holds what was sent, and what it can never do."""

    scenario_id: int
    version: int
    warnings: tuple[ScenarioWarning, ...]


def read(document: object) -> documents.Scenario:
    """The typed document. Raises InvalidParameter, keyed by the path of every wrong field."""
    try:
        return documents.parse(document)
    except ScenarioInvalid as error:
        raise InvalidParameter(
            {path or "non_field_errors": texts for path, texts in error.errors.items()}
        ) from error


def warnings_of(document: documents.Scenario) -> tuple[ScenarioWarning, ...]:
    """What it can never do with the locations there are. A fixed number of statements."""
    return warnings(document, read_locations())


@transaction.atomic
def create(document: object, actor: Actor, *, comment: str = "") -> Saved:
    """Version 1, live at once. Raises InvalidParameter, NotUnique."""
    parsed = read(document)
    _check_name(parsed.name)
    body = _body(parsed)
    scenario = Scenario.objects.create(kind=parsed.kind, **{name: getattr(parsed, name) for name in AT_ONCE})
    scenario.live_version = ScenarioVersion.objects.create(
        scenario=scenario, number=1, body=body, comment=comment, author_id=actor.user_id
    )
    scenario.save(update_fields=["live_version"])
    _plan_what_waits()
    return Saved(scenario.pk, 1, warnings_of(parsed))


@transaction.atomic
def change(
    scenario_id: int, changes: Mapping[str, Any], actor: Actor, *, base: int | None = None, comment: str = ""
) -> Saved:
    """Name, description, status and priority act at once; any other key that differs makes a new version of the
    live one (or of version `base`), which is live only after `activate`.

    Raises InvalidParameter, NotUnique, NotFound.
    """
    scenario = locked(scenario_id)
    source = version_of(scenario, base)
    before = document_of(scenario, source)
    after = read({**before.to_json(), **_written(changes)})
    if after.kind != scenario.kind:
        raise InvalidParameter({"kind": [_("The kind of a scenario is fixed.")]})
    _act_at_once(scenario, after)
    body = _body(after)
    if body == _body(before):
        return Saved(scenario_id, source.number, warnings_of(after))
    last = (
        ScenarioVersion.objects.filter(scenario=scenario)
        .order_by("-number")
        .values_list("number", flat=True)[0]
    )
    new = ScenarioVersion.objects.create(
        scenario=scenario, number=last + 1, body=body, comment=comment, author_id=actor.user_id
    )
    Scenario.objects.filter(pk=scenario_id).update(modified_date=clock.now())
    return Saved(scenario_id, new.number, warnings_of(after))


def _act_at_once(scenario: Scenario, wanted: documents.Scenario) -> None:
    changed = [name for name in AT_ONCE if getattr(scenario, name) != getattr(wanted, name)]
    if not changed:
        return
    if "name" in changed:
        _check_name(wanted.name)
    for name in changed:
        setattr(scenario, name, getattr(wanted, name))
    scenario.save(update_fields=changed)
    if {"status", "priority"} & set(changed):
        _plan_what_waits()


@transaction.atomic
def activate(scenario_id: int, number: int) -> Saved:
    """Make a version live; effective for the next order. Raises NotFound."""
    scenario = locked(scenario_id)
    version = version_of(scenario, number)
    if scenario.live_version_id != version.pk:
        scenario.live_version = version
        scenario.save(update_fields=["live_version"])
        _plan_what_waits()
    return Saved(scenario_id, number, warnings_of(document_of(scenario, version)))


@transaction.atomic
def switch_off(scenario_id: int) -> None:
    """Passive: no order is planned by it any more. Raises NotFound."""
    scenario = locked(scenario_id)
    scenario.status = Scenario.Status.PASSIVE
    scenario.save(update_fields=["status"])


@transaction.atomic
def reorder(scenario_ids: Sequence[int]) -> None:
    """Priorities in the order given; scenarios that are not named follow in their present order.

    Raises InvalidParameter for an id that is unknown or comes twice.
    """
    rows = {row.pk: row for row in Scenario.objects.select_for_update().order_by("pk")}
    if len(set(scenario_ids)) != len(scenario_ids) or not set(scenario_ids) <= rows.keys():
        raise InvalidParameter({"non_field_errors": [_("Name each scenario once, by its id.")]})
    rest = sorted(rows.keys() - set(scenario_ids), key=lambda pk: (rows[pk].priority, pk))
    for position, pk in enumerate([*scenario_ids, *rest], start=1):
        row = rows[pk]
        if row.priority != position * STEP:
            row.priority = position * STEP
            row.save(update_fields=["priority"])
    _plan_what_waits()


def locked(scenario_id: int) -> Scenario:
    """The row under its lock. Raises NotFound."""
    scenario = Scenario.objects.select_for_update().filter(pk=scenario_id).first()
    if scenario is None:
        raise NotFound(_("There is no scenario %(id)s.") % {"id": scenario_id})
    return scenario


def version_of(scenario: Scenario, number: int | None) -> ScenarioVersion:
    """A version by number; None: the live one. Raises NotFound."""
    rows = ScenarioVersion.objects.filter(scenario=scenario)
    wanted = {"pk": scenario.live_version_id} if number is None else {"number": number}
    found = rows.filter(**wanted).first()
    if found is None:
        raise NotFound(_("This scenario has no version %(number)s.") % {"number": number})
    return found


def _written(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in changes.items() if key not in documents.READ_ONLY}


def _body(document: documents.Scenario) -> dict[str, Any]:
    """What a version keeps."""
    whole = document.to_json()
    return {key: value for key, value in whole.items() if key not in (*AT_ONCE, "kind")}


def _check_name(name: str) -> None:
    if Scenario.objects.filter(name=name).exists():
        raise NotUnique({"name": [_("A scenario has this name already.")]})


def _plan_what_waits() -> None:
    """Orders that no scenario could place are tried again."""
    waiting = ExecutionPlan.objects.filter(
        state=ExecutionPlan.State.PENDING, reason__in=_WAIT_FOR_SCENARIOS
    ).order_by("order__date_placed")
    outbox.enqueue([PlanOrder(order_id=pk) for pk in waiting.values_list("order_id", flat=True)])
