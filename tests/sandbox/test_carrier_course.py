"""How shipments move, by the script under a clock of our own and by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sandbox.carrier.app import CarrierSandbox
from tests.sandbox.carrier_calls import a_shipment, with_credentials
from tests.sandbox.conftest import Runner

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_minutes(self, number: float) -> None:
        self.now += timedelta(minutes=number)


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def running(run: Runner, clock: Clock) -> httpx.Client:
    return with_credentials(run(CarrierSandbox(clock=clock).app))


@pytest.fixture
def client(running: httpx.Client, clock: Clock) -> httpx.Client:
    running.post("/_sandbox/reset/")
    clock.now = START
    assert running.post("/shipments", json=a_shipment("S1")).status_code == 201
    return running


def present(client: httpx.Client, shipment_id: str = "S1") -> dict[str, Any]:
    body: dict[str, Any] = client.get(f"/shipments/{shipment_id}").json()
    return body


def advance(client: httpx.Client, **body: Any) -> httpx.Response:
    return client.post("/_sandbox/shipments/S1/advance/", json=body)


def test_by_the_script(client: httpx.Client, clock: Clock) -> None:
    seen = []
    for minutes in (0, 5.9, 0.1, 59.9, 0.1):
        clock.pass_minutes(minutes)
        seen.append(present(client)["status"])

    assert seen == ["CREATED", "CREATED", "SHIPPING", "SHIPPING", "DELIVERED"]
    body = present(client)
    assert body["deliveredDate"] == body["statusDate"] == "2026-03-02T10:06:00.000000Z"
    assert body["deliveredTo"] == "Şükrü Ilıcalı"


def test_steps_nobody_looked_at_keep_their_times(client: httpx.Client, clock: Clock) -> None:
    clock.pass_minutes(600)

    events = client.get("/shipments/S1/history").json()["events"]

    assert [(event["status"], event["date"][11:16]) for event in events] == [
        ("CREATED", "09:00"),
        ("SHIPPING", "09:06"),
        ("DELIVERED", "10:06"),
    ]


def test_by_hand_the_rest_goes_on_from_now(client: httpx.Client, clock: Clock) -> None:
    row = advance(client).json()
    clock.pass_minutes(59.9)
    before = present(client)["status"]
    clock.pass_minutes(0.1)

    assert (row["status"], row["next"]) == (
        "SHIPPING",
        {"status": "DELIVERED", "at": "2026-03-02T10:00:00.000000Z"},
    )
    assert (before, present(client)["status"]) == ("SHIPPING", "DELIVERED")


def test_by_hand_into_any_status(client: httpx.Client, clock: Clock) -> None:
    row = advance(
        client, status="DELIVERED", date="2026-03-01T08:00:00+03:00", deliveredTo="Neighbour"
    ).json()

    assert row["next"] is None
    body = present(client)
    assert (body["deliveredDate"], body["deliveredTo"]) == ("2026-03-01T05:00:00.000000Z", "Neighbour")


def test_a_status_nobody_knows_ends_the_script(client: httpx.Client, clock: Clock) -> None:
    advance(client, status="LOST_IN_SPACE")
    clock.pass_minutes(600)

    body = present(client)
    assert (body["status"], body["description"]) == ("LOST_IN_SPACE", "LOST_IN_SPACE")
    assert client.get("/shipments/S1/history").json()["events"][-1]["carrierCode"] is None
    assert client.delete("/shipments/S1").status_code == 409


def test_a_status_of_the_script_goes_on_behind_it(client: httpx.Client) -> None:
    assert advance(client, status="SHIPPING").json()["next"]["status"] == "DELIVERED"


def test_there_is_an_end(client: httpx.Client) -> None:
    statuses = [advance(client).status_code for _ in range(3)]

    assert statuses == [200, 200, 409]
    assert present(client)["status"] == "DELIVERED"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": ""}, "status"),
        ({"status": 5}, "status"),
        ({"date": "2026-01-01"}, "status"),
        ({"status": "SHIPPING", "date": "soon"}, "date"),
        ({"state": "SHIPPING"}, "state"),
    ],
)
def test_what_cannot_be_done_names_the_field(client: httpx.Client, body: dict[str, Any], field: str) -> None:
    answer = advance(client, **body)

    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert present(client)["status"] == "CREATED"


def test_forgotten_is_unknown_and_can_be_registered_again(client: httpx.Client) -> None:
    assert client.post("/_sandbox/shipments/S1/forget/").status_code == 204

    assert client.get("/shipments/S1").status_code == 404
    assert client.post("/_sandbox/shipments/S1/forget/").status_code == 404
    assert advance(client).status_code == 404
    assert client.post("/shipments", json=a_shipment("S1")).status_code == 201


def test_a_deleted_shipment_stands_still(client: httpx.Client, clock: Clock) -> None:
    client.delete("/shipments/S1")
    clock.pass_minutes(600)

    [row] = client.get("/_sandbox/shipments/").json()
    assert (row["status"], row["deleted"], row["next"]) == ("CREATED", True, None)


def test_mode_changes_pace_and_script(client: httpx.Client, clock: Clock) -> None:
    client.put("/_sandbox/mode/", json={"script": "shipping 1h", "time_scale": 60, "reject": None})
    client.post("/shipments", json=a_shipment("S2"))
    clock.pass_minutes(1)

    assert present(client, "S2")["status"] == "SHIPPING"
    assert [row["status"] for row in client.get("/_sandbox/shipments/").json()] == ["SHIPPING", "SHIPPING"]


def test_mode_rejects_everything(client: httpx.Client) -> None:
    client.put("/_sandbox/mode/", json={"reject": "No contract with this account."})
    answer = client.post("/shipments", json=a_shipment("S2"))
    client.put("/_sandbox/mode/", json={"reject": None})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"] == "No contract with this account."
    assert client.post("/shipments", json=a_shipment("S2")).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"inline_labels": 1}, "inline_labels"),
        ({"reject": True}, "reject"),
        ({"label_delay_s": True}, "label_delay_s"),
        ({"script": "fly 1m"}, "script"),
        ({"script": None}, "script"),
        ({"time_scale": 0}, "time_scale"),
    ],
)
def test_a_bad_mode_changes_nothing(client: httpx.Client, body: dict[str, Any], field: str) -> None:
    before = client.get("/_sandbox/mode/").json()

    answer = client.put("/_sandbox/mode/", json={"needs_origin": True, "time_scale": 5, **body})

    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert client.get("/_sandbox/mode/").json() == before


@pytest.mark.parametrize("body", [{"seconds": -1}, {"seconds": "1"}, {"seconds": True}, {}, {"minutes": 1}])
def test_a_bad_label_delay(client: httpx.Client, body: dict[str, Any]) -> None:
    assert client.put("/_sandbox/label_delay/", json=body).status_code == 400


def test_reset_brings_the_first_habits_back(client: httpx.Client) -> None:
    before = client.get("/_sandbox/mode/").json()
    client.put("/_sandbox/mode/", json={"script": "none", "time_scale": 9, "needs_origin": True})

    client.post("/_sandbox/reset/")

    assert client.get("/_sandbox/mode/").json() == before
    assert client.get("/_sandbox/shipments/").json() == []
