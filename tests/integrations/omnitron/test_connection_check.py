"""Testing the connection: every way is tried, and the one that fails is named (page 70, A1)."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from packhouse.integrations.omnitron import connection_check, hook_keys
from packhouse.integrations.omnitron.connection_check import NOT_TRIED
from packhouse.integrations.omnitron.models import Connection, InboxEvent
from packhouse.kernel.accounts import issue_key
from packhouse.kernel.errors import NotConfigured
from packhouse.kernel.models import Role
from tests.builders import a_user
from tests.integrations.omnitron.conftest import configure
from tests.integrations.omnitron.office import Office

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def both(_sandbox: Office, transactional_db: None, live_server: LiveServer) -> Iterator[Office]:
    """Both sides there, and each knows where the other is."""
    configure(
        _sandbox.url, urls={"oms_url": f"{live_server.url}/api/v1", "base_url": f"{_sandbox.url}/api/v1"}
    )
    _sandbox.forget_requests()
    yield _sandbox
    _sandbox.calm()


def errors() -> dict[str, str | None]:
    return {each.name: each.error for each in connection_check.check()}


def test_everything_works(both: Office) -> None:
    assert errors() == {"login": None, "active_user": None, "orders": None, "webhook": None}

    paths = [row["path"] for row in both.requests()]
    assert [path.removeprefix("/api/v1/") for path in paths][-3:] == [
        "auth/login/",
        "active_user/",
        "orders/",
    ]
    assert not InboxEvent.objects.exists()


def test_a_wrong_password_is_found_though_an_old_key_still_works(
    both: Office, live_server: LiveServer
) -> None:
    connection_check.check()
    configure(
        both.url,
        auth={"username": "oms", "password": "wrong"},
        urls={"oms_url": f"{live_server.url}/api/v1", "base_url": f"{both.url}/api/v1"},
    )

    found = errors()

    assert "refuses the login" in (found["login"] or "")
    assert (found["active_user"], found["orders"], found["webhook"]) == (NOT_TRIED, NOT_TRIED, None)


def test_orders_that_cannot_be_read(both: Office) -> None:
    both.faults(error_rate={"500": 1}, paths=["orders/"])

    found = errors()

    assert (found["login"], found["active_user"], found["webhook"]) == (None, None, None)
    assert "500" in (found["orders"] or "")


def test_a_public_address_that_is_somebody_elses(both: Office) -> None:
    configure(both.url, urls={"oms_url": f"{both.url}/api/v1", "base_url": f"{both.url}/api/v1"})

    found = errors()

    assert (found["login"], found["orders"]) == (None, None)
    assert found["webhook"] is not None


def test_a_secret_the_server_does_not_share(both: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    hook_keys.secret()
    monkeypatch.setattr(hook_keys, "secret", lambda: "another")

    assert "401" in (errors()["webhook"] or "")


def test_without_settings(transactional_db: None) -> None:
    with pytest.raises(NotConfigured):
        connection_check.check()


def test_over_http_for_admins(both: Office) -> None:
    def post(role: Role) -> tuple[int, object]:
        key = issue_key(a_user(role=role), name="test")
        answer = Client().post(
            "/api/v1/oms/setup/test_connection/", headers={"Authorization": f"Token {key}"}
        )
        return answer.status_code, answer.json()

    status, body = post(Role.ADMIN)
    assert (status, body[0]) == (200, {"name": "login", "ok": True, "error": None})  # type: ignore[index]
    assert [each["ok"] for each in body] == [True] * 4  # type: ignore[attr-defined]
    assert post(Role.OPERATOR)[0] == 403
    assert Connection.objects.get().hook_secret
