"""A connection that answered moments ago is not asked whether it lives."""

import psycopg
import pytest
from django.db import close_old_connections, connection

from packhouse.api import trusted_connection
from packhouse.kernel.models import Role
from tests.api.callers import a_caller


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.mark.django_db
def test_trust_lasts_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(trusted_connection, "time", clock)

    trusted_connection.note_answer()
    for later, trusted in ((4.9, True), (5.1, False)):
        clock.now = 1000.0 + later
        connection.health_check_done = False  # type: ignore[attr-defined]
        trusted_connection.trust()
        assert connection.health_check_done is trusted  # type: ignore[attr-defined]


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_dies_meanwhile_costs_one_503(database_url: str) -> None:
    admin = a_caller(Role.ADMIN)
    assert admin.get("channels/").status == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    dead = admin.get("channels/")
    close_old_connections()  # at the end of each request; the test client leaves it out
    alive = admin.get("channels/")

    assert (dead.status, alive.status) == (503, 200)
    assert dead.headers["Retry-After"] == "1"
    assert dead.json["code"] == "server_error"
