"""Running commands in tests: by slug, as the system or as somebody; and being refused without a trace."""

import pytest

from packhouse.kernel import engine
from packhouse.kernel.accounts import SYSTEM, Actor
from packhouse.kernel.engine import Call, Outcome
from packhouse.kernel.errors import PackhouseError
from packhouse.kernel.models import Event, Role, Scope
from packhouse.packages.models import Package
from packhouse.transfers.models import TransferOrder
from tests.fingerprint import fingerprint

Subject = Package | TransferOrder


def an_actor(
    role: Role = Role.OPERATOR, *, user_id: int | None = None, location_ids: frozenset[int] | None = None
) -> Actor:
    return Actor(
        user_id=user_id,
        role=role,
        scopes=frozenset(Scope.values),
        location_ids=location_ids,
        channel_ids=None,
        label=role.value,
        language="en",
    )


def run(subject: Subject, slug: str, *, actor: Actor = SYSTEM, **parameters: object) -> Outcome:
    """Run a command on a package or a transfer, and read the row again."""
    kind = "package" if isinstance(subject, Package) else "transfer"
    outcome = engine.execute(kind, Call(subject.pk, slug=slug, input_parameters=parameters), actor)
    subject.refresh_from_db()
    return outcome


def refuse(
    subject: Subject,
    slug: str,
    error: type[PackhouseError],
    path: str,
    *,
    actor: Actor = SYSTEM,
    **parameters: object,
) -> PackhouseError:
    """The command is refused with this error at this path, and no row of any table has changed."""
    before = fingerprint()
    with pytest.raises(error) as refusal:
        run(subject, slug, actor=actor, **parameters)
    assert list(refusal.value.errors) == [path]
    assert fingerprint() == before
    return refusal.value


def events_of(subject: Subject) -> list[str]:
    """The types of the events told about it, in order."""
    name = "package" if isinstance(subject, Package) else "transfer_order"
    rows = Event.objects.filter(subject=f"{name}/{subject.pk}").order_by("sequence")
    return list(rows.values_list("type", flat=True))
