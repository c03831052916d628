"""The setup over HTTP (page 50), and what is read from the back office when somebody asks."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from packhouse.catalog.models import CancellationReason, Channel
from packhouse.integrations.omnitron import setup
from packhouse.integrations.omnitron.models import OrderRead, SetupRun
from packhouse.kernel import clock
from packhouse.kernel.accounts import issue_key
from packhouse.kernel.models import Role, Scope
from packhouse.orders.models import Order
from tests.builders import a_user, an_order
from tests.integrations.omnitron.office import Office
from tests.integrations.omnitron.working import work
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
BASE = "/api/v1/oms/"


def call(method: str, path: str, role: Role | None = Role.ADMIN, scopes: tuple[str, ...] = ()) -> Any:
    headers = {}
    if role is not None:
        key = issue_key(a_user(role=role, scopes=list(scopes)), name="test")
        headers["HTTP_AUTHORIZATION"] = f"Token {key}"
    return getattr(Client(), method)(f"{BASE}{path}", **headers)


@pytest.mark.parametrize("prefix", ["setup/", ""])
@pytest.mark.parametrize("slash", ["/", ""])
def test_a_step_is_asked_started_and_watched(prefix: str, slash: str, office: Office) -> None:
    where = f"{prefix}channels/"
    assert call("get", f"{where}is_required{slash}").json() == {"is_required": True}
    ready = {"result": "READY", "done": 0, "total": 0, "error": None}
    assert call("get", f"{where}get_async_status{slash}").json() == ready

    started = call("post", f"{where}execute{slash}")
    assert (started.status_code, started.content) == (204, b"")
    assert call("post", f"{where}get_async_status{slash}").json()["result"] == "WORKING"
    call("post", f"{where}execute{slash}")
    assert len(waiting_jobs("omnitron.run_setup_step")) == 1

    work()
    assert Channel.objects.filter(is_installed=True).count() == 3
    done = {"result": "FINISHED", "done": 3, "total": 3, "error": None}
    assert call("get", f"{where}get_async_status{slash}").json() == done
    assert call("get", f"{where}is_required{slash}").json() == {"is_required": False}


def test_an_hour_after_its_end_a_step_is_ready_again(office: Office) -> None:
    setup.run("channels")

    with clock.frozen(clock.now() + timedelta(hours=1, seconds=1)):
        assert setup.status_of("channels").result == "READY"


def test_a_run_whose_process_died_is_aborted_and_can_be_started_again(office: Office) -> None:
    assert setup.start("channels")
    assert not setup.start("channels")

    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert setup.status_of("channels").result == "ABORTED"
        assert setup.start("channels")


def test_a_failure_is_kept_and_shown(office: Office) -> None:
    office.faults(error_rate={"403": 1}, paths=["channels"])
    call("post", "setup/channels/execute/")

    work()

    status = call("get", "setup/channels/get_async_status/").json()
    assert status["result"] == "FAILED"
    assert "403" in status["error"]


def test_a_silent_back_office_leaves_the_step_working(office: Office) -> None:
    office.faults(error_rate={"503": 1}, paths=["channels"])
    setup.start("channels")

    assert work().put_off == 1
    assert setup.status_of("channels").result == "WORKING"
    assert "503" in SetupRun.objects.get(step="channels").error


def test_all_steps_in_order(office: Office) -> None:
    steps = call("get", "setup/").json()

    assert [step["step"] for step in steps] == list(setup.NAMES)
    assert {"is_required", "result", "done", "total", "error", "started_date", "ended_date"} <= set(steps[0])


@pytest.mark.parametrize(
    ("role", "scopes", "status"),
    [
        (None, (), 401),
        (Role.ADMIN, (), 200),
        (Role.OPERATOR, (), 403),
        (Role.STORE, (), 403),
        (Role.INTEGRATION, (Scope.ORDERS,), 403),
        (Role.INTEGRATION, (Scope.SETUP,), 200),
    ],
)
def test_admins_and_keys_for_setup_only(
    role: Role | None, scopes: tuple[str, ...], status: int, db: None
) -> None:
    assert call("get", "setup/channels/is_required/", role, scopes).status_code == status


def test_a_step_that_does_not_exist(db: None) -> None:
    assert call("get", "setup/nonsense/is_required/").status_code == 404
    assert call("get", "stocklocations-x/execute/").status_code == 404


# Cancellation reasons, one order


def test_cancellation_reasons_are_pulled(office: Office) -> None:
    setup.run("channels")

    answer = call("get", "cancellation-reasons/pull_from_omnitron/")

    assert (answer.status_code, answer.content) == (200, b"")
    there = office.api("GET", "cancellation_reasons/", limit=100)["results"]
    wanted = {row["pk"] for row in there if row["send_to_oms"]}
    assert set(CancellationReason.objects.values_list("omnitron_id", flat=True)) == wanted
    refused = call("post", "cancellation-reasons/pull_from_omnitron", None)
    assert (refused.status_code, refused.content) == (401, b"")
    assert call("post", "cancellation-reasons/pull_from_omnitron/", Role.OPERATOR).status_code == 403


def test_one_order_is_read_again(office: Office) -> None:
    order = an_order(items=0)

    assert call("post", f"orders/{order.pk}/sync/").status_code == 202

    assert OrderRead.objects.get().order_pk == order.omnitron_id
    assert call("post", "orders/987654/sync/").status_code == 404
    assert call("post", f"orders/{order.pk}/sync/", Role.STORE).status_code == 403
    Order.objects.update(omnitron_id=None)
    assert call("post", f"orders/{order.pk}/sync/").status_code == 400


def test_without_a_back_office_there_is_nothing_to_read(db: None) -> None:
    assert call("post", f"orders/{an_order(items=0).pk}/sync/").json()["code"] == "not_configured"


def test_webhooks_are_uninstalled(office: Office) -> None:
    setup.run("webhooks")

    answer = call("post", "setup/webhooks/uninstall/")

    assert (answer.status_code, answer.json()) == (200, {"switched_off": 6})
    assert call("post", "setup/webhooks/uninstall/", Role.OPERATOR).status_code == 403
    office.control("POST", "reset/")
    office.forget()
