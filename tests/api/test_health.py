"""Alive, ready, numbers."""

import pytest
from django.db import connection

from packhouse.api.v1.health import ReadyView
from packhouse.kernel import exceptions
from packhouse.packages.states import PackageStatus
from tests.api.callers import Caller
from tests.builders import a_package

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _not_looked_up_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReadyView, "_migrated", False)


def test_alive(nobody: Caller) -> None:
    for address in ("/healthz", "/healthz/"):
        answer = nobody.get(address)
        assert (answer.status, answer.json) == (200, {"status": "ok"})


def test_ready_with_database_and_migrations(nobody: Caller) -> None:
    answer = nobody.get("/readyz")

    assert answer.status == 200
    assert answer.json == {"status": "ready", "checks": {"database": True, "migrations": True}}


def test_not_ready_while_a_migration_is_missing(nobody: Caller) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE (app, name) ="
            " (SELECT app, max(name) FROM django_migrations WHERE app = 'kernel' GROUP BY app)"
        )

    answer = nobody.get("/readyz")

    assert answer.status == 503
    assert answer.json["checks"] == {"database": True, "migrations": False}


def test_metrics_count_what_is_there(nobody: Caller) -> None:
    a_package(state=PackageStatus.WAITING)
    a_package(state=PackageStatus.WAITING)
    a_package(state=PackageStatus.PACKED)
    a_package(state=PackageStatus.DELIVERED)
    exceptions.report("invoice_failed", "package/1", "no")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)"
            " VALUES ('default', 'x', '{}', 'todo')"
        )

    answer = nobody.get("/metrics")

    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = answer.content.decode().splitlines()
    assert 'packhouse_packages{state="waiting"} 2' in lines
    assert 'packhouse_packages{state="packed"} 1' in lines
    assert 'packhouse_jobs{status="todo"} 1' in lines
    assert 'packhouse_exceptions_open{kind="invoice_failed"} 1' in lines
    assert "# TYPE packhouse_packages gauge" in lines
    assert not [line for line in lines if "delivered" in line]
    assert "packhouse_oldest_webhook_delivery_seconds 0" in lines
    assert "packhouse_status_reports_waiting 0" in lines
