"""A carrier that tells by itself where a parcel is: the same follows as from its answer, and only for its own."""

import base64
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from packhouse.kernel.models import Event
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.shipments.models import Shipment
from tests.fingerprint import fingerprint
from tests.integrations.carriers.world import a_carrier, a_packed_package, a_waiting_shipment

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/oms/shipments/tracking/"


@pytest.fixture
def shipment() -> Shipment:
    """On its way, by a carrier with a login of its own."""
    company = a_carrier("http://127.0.0.1:9", username="kargo", password="pw", status_map={"77": "DELIVERED"})
    package = a_packed_package()
    made = a_waiting_shipment(company, package=package, registration="registered", status="CREATED")
    Package.objects.filter(pk=package.pk).update(state=PackageStatus.SHIPPED)
    package.items.update(state=PackageStatus.SHIPPED)
    return made


def told(client: Client, body: Any, login: str = "kargo:pw") -> HttpResponse:
    basic = base64.b64encode(login.encode()).decode()
    answer: Any = client.post(
        ADDRESS, body, content_type="application/json", headers={"Authorization": f"Basic {basic}"}
    )
    return answer  # type: ignore[no-any-return]


def test_the_package_follows(client: Client, shipment: Shipment) -> None:
    event = {"status": "SHIPPING", "date": "2026-11-20T10:00:00Z", "location": "Ankara"}
    body = {"shipmentId": shipment.remote_id, "status": "77", "events": [event]}

    assert told(client, body).status_code == 204
    assert told(client, body).status_code == 204

    shipment.refresh_from_db()
    assert shipment.status == "DELIVERED"
    assert Package.objects.get(pk=shipment.package_id).state == PackageStatus.DELIVERED
    assert [step.status for step in shipment.history.all()] == ["SHIPPING"]
    assert list(Event.objects.values_list("type", flat=True)).count("shipment.status.updated") == 1


@pytest.mark.parametrize(
    ("body", "login", "status"),
    [
        ({"status": "DELIVERED"}, "kargo:wrong", 401),
        ({"status": "DELIVERED"}, ":", 401),
        ({"status": "DELIVERED", "shipmentId": "S999999"}, "kargo:pw", 404),
        ({"status": "DELIVERED"}, "other:pw2", 404),
        ({}, "kargo:pw", 400),
        ({"status": "DELIVERED", "statusDate": "soon"}, "kargo:pw", 400),
        ({"status": "DELIVERED", "events": [{"status": "SHIPPING"}]}, "kargo:pw", 400),
        ("[1", "kargo:pw", 400),
        ("x" * (1024 * 1024 + 1), "kargo:pw", 413),
    ],
)
def test_what_is_refused_changes_nothing(
    client: Client, shipment: Shipment, body: Any, login: str, status: int
) -> None:
    a_carrier("http://127.0.0.1:9", username="other", password="pw2")
    before = fingerprint()
    if isinstance(body, dict):
        body = {"shipmentId": shipment.remote_id, **body}

    assert told(client, body, login).status_code == status

    assert fingerprint() == before


@pytest.mark.parametrize("header", ["", "Basic", "Basic %%%", "Basic /w==", "Token 0", "Bearer a.b.c"])
def test_no_other_login_opens_it(client: Client, header: str) -> None:
    headers = {"Authorization": header} if header else {}

    answer = client.post(ADDRESS, {}, content_type="application/json", headers=headers)

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Basic")


def test_it_is_only_posted(client: Client) -> None:
    assert client.get(ADDRESS).status_code == 405
