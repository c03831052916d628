"""The walk with curl in docs/flow.md does what the page says, against a live server."""

from typing import Any

import httpx
import pytest
from pytest_django.live_server_helper import LiveServer

from packhouse.commands.planning.plan_order import plan_order
from packhouse.commands.planning.previous import previous_packages
from packhouse.jobs import clockwork
from packhouse.kernel.accounts import issue_key
from packhouse.kernel.models import Role
from tests.builders import a_user
from tests.flows.walk import Step, as_json, filled, picked, steps
from tests.jobs import take_jobs

pytestmark = pytest.mark.django_db(transaction=True)


def work() -> None:
    """What a worker does while the reader of the page waits."""
    while True:
        orders, packages = take_jobs("planning.plan_order"), take_jobs("packages.reschedule")
        for job in orders:
            plan_order(job["order_id"], previous=previous_packages(job["previous_package_id"]))
        for job in packages:
            clockwork.reschedule(job["package_id"])
        if not orders and not packages:
            return


def send(client: httpx.Client, step: Step, names: dict[str, Any]) -> None:
    body = filled(step.body, names).encode() if step.body is not None else None
    answer = client.request(step.method, filled(step.address, names), content=body)
    told = f"{step.text}\n→ {answer.status_code} {answer.text}"
    if step.status is None:
        assert answer.is_success, told
    else:
        assert answer.status_code == step.status, told
    document = answer.json() if answer.content else None
    found = picked(document, step.query) if step.query else document
    if step.name:
        names[step.name] = found
    if step.answer:
        assert found == as_json(filled(step.answer, names)), told


def test_the_walk_is_answered_as_the_page_says(live_server: LiveServer) -> None:
    walk = steps()
    names: dict[str, Any] = {}
    headers = {
        "Authorization": f"Token {issue_key(a_user(role=Role.ADMIN), name='walk')}",
        "Content-Type": "application/json",
    }
    assert len(walk) > 40

    with httpx.Client(base_url=f"{live_server.url}/api/v1/oms/", headers=headers, timeout=30) as client:
        for step in walk:
            if step.waits:
                work()
            else:
                send(client, step, names)
