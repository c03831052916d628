"""What another process has installed binds the next command here, although this one looks once a second only."""

import time

import pytest
from django.db import connection

from packhouse.kernel import engine, machine, version
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.errors import TransitionMismatch, UnknownTransition
from packhouse.kernel.models import Transition
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package
from tests.commands.running import refuse

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _looked_a_moment_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process knows the machine, and does not look again for a while."""
    machine.current()
    monkeypatch.setattr(version._Known, "until", time.monotonic() + 60)


def elsewhere(slug: str, *, renames: str) -> Transition:
    """As another process writes it: the row and the raised version, and nobody here forgets anything."""
    row = Transition.objects.get(slug=renames)
    row.pk, row.slug, row._state.adding = None, slug, True
    row.save()
    with connection.cursor() as cursor:
        cursor.execute(version._RAISE)
    return row


@pytest.mark.parametrize("by", ["slug", "id"])
def test_a_row_installed_by_another_process_runs_at_once(by: str) -> None:
    package = a_package()
    row = elsewhere("pack-at-once", renames="complete-packaging")
    name = {"slug": row.slug} if by == "slug" else {"transition": row.pk}

    engine.execute("package", Call(package.pk, **name), SYSTEM)

    package.refresh_from_db()
    assert package.state == P.PACKED


def test_what_is_installed_nowhere_is_refused_and_nothing_changes() -> None:
    refuse(a_package(), "no-such-slug", UnknownTransition, "slug")
    refuse(a_package(), "transfer-ready", TransitionMismatch, "transition")
