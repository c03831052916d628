"""Packages of imported orders: no back office is told, and the log says so (page 70, C)."""

from typing import Any

import pytest

from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.models import StateTransitionLog
from packhouse.kernel.together import execute_together
from packhouse.orders.models import OrderItem, StatusReport
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package, an_order
from tests.commands.running import run
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
SAID = "The order was imported: no back office is told."


def an_imported_package(**fields: Any) -> Package:
    order = an_order(omnitron_id=None, is_imported=True)
    OrderItem.objects.filter(order=order).update(omnitron_id=None)
    return a_package(order=order, **fields)


def remarks(package: Package) -> list[str | None]:
    rows = StateTransitionLog.objects.filter(object_id=package.pk, content_type__model="package").order_by(
        "id"
    )
    return [row.attributes.get("sync_remote_order_status") for row in rows]


def test_the_log_says_that_nobody_is_told() -> None:
    package = an_imported_package()

    run(package, "complete-packaging")

    assert package.state == P.PACKED
    assert remarks(package) == [SAID]
    assert not StatusReport.objects.exists()
    assert waiting_jobs("omnitron.sync_order_status") == []


def test_many_at_once_say_it_too() -> None:
    imported, copied = an_imported_package(state=P.PACKED), a_package(state=P.PACKED)

    calls = [Call(each.pk, slug="ShipThePackageBasicCommand") for each in (imported, copied)]
    execute_together("package", calls, SYSTEM)

    assert (remarks(imported), remarks(copied)) == ([SAID], [None])
    assert {row.order_id for row in StatusReport.objects.all()} == {copied.order_id}


def test_nothing_is_said_where_nobody_would_be_told() -> None:
    package = an_imported_package()

    run(package, "BlockThePackageCommand")

    assert remarks(package) == [None]
