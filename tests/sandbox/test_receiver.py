"""The webhook receiver."""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from sandbox.receiver.app import ReceiverSandbox
from sandbox.signatures import standard_signature, whisperer_signature
from tests.sandbox.conftest import Runner


def an_event(subject: str = "package/1", sequence: int = 1, type_: str = "package.created") -> dict[str, Any]:
    event = {"type": type_, "uuid": uuid.uuid4().hex, "id": "e", "subject": subject, "sequence": sequence}
    return {"event": event, "payload": {"city": "İzmir"}}


def send(
    client: httpx.Client, message: dict[str, Any], path: str = "/hooks/a", secret: str | None = None
) -> httpx.Response:
    body = json.dumps(message).encode()
    headers = {"Content-Type": "application/json"}
    if secret is not None:
        stamp = str(int(time.time()))
        headers |= {
            "X-Whisperer-Signature": whisperer_signature(secret, body),
            "webhook-id": message["event"]["uuid"],
            "webhook-timestamp": stamp,
            "webhook-signature": standard_signature(secret, message["event"]["uuid"], stamp, body),
        }
    return client.post(path, content=body, headers=headers)


def report(client: httpx.Client) -> dict[str, Any]:
    figures: dict[str, Any] = client.get("/_sandbox/report/").json()
    return figures


@pytest.fixture(scope="module")
def running(run: Runner) -> httpx.Client:
    return run(ReceiverSandbox().app)


@pytest.fixture
def client(running: httpx.Client) -> httpx.Client:
    running.post("/_sandbox/reset/")
    return running


def test_a_message_is_kept_whole(client: httpx.Client) -> None:
    message = an_event(subject="package/501", sequence=4)

    answer = send(client, message)

    assert (answer.status_code, answer.json()) == (200, {"received": True})
    [row] = client.get("/_sandbox/received/").json()
    assert json.loads(row["body"]) == message
    assert row["body"] == json.dumps(message)
    assert row["headers"]["content-type"] == "application/json"
    expected = {"type": "package.created", "uuid": message["event"]["uuid"], "subject": "package/501"}
    expected |= {
        "sequence": 4,
        "verified": None,
        "duplicate": False,
        "out_of_order": False,
        "path": "/hooks/a",
    }
    assert row.items() >= expected.items()


def test_filters(client: httpx.Client) -> None:
    for subject, type_ in (("package/1", "a.b"), ("package/2", "a.b"), ("package/1", "a.c")):
        send(client, an_event(subject, type_=type_))

    def subjects(query: str) -> list[str]:
        return [row["subject"] for row in client.get(f"/_sandbox/received/?{query}").json()]

    assert subjects("type=a.b") == ["package/1", "package/2"]
    assert subjects("subject=package/1") == ["package/1", "package/1"]
    assert subjects("subject=package/1&type=a.c") == ["package/1"]


def test_repeats_by_uuid_and_changed_bytes(client: httpx.Client) -> None:
    message = an_event(sequence=2)
    for _ in range(3):
        send(client, message)
    send(client, {**message, "payload": {"city": "Ankara"}})

    figures = report(client)

    assert (figures["received"], figures["unique"], figures["duplicates"]) == (4, 1, 3)
    assert figures["changed_bytes"] == 1
    assert figures["by_type"] == {"package.created": 1}
    assert figures["out_of_order"] == 0


def test_order_is_watched_per_subject_and_path(client: httpx.Client) -> None:
    early, middle, late = (an_event(sequence=number) for number in (1, 2, 4))
    for message in (early, late, an_event("package/2", 1), middle, late, early):
        send(client, message)
    send(client, an_event(sequence=1), path="/hooks/b")

    figures = report(client)

    assert figures["out_of_order"] == 1
    assert figures["duplicates"] == 2
    assert figures["missing"] == 1
    assert figures["subjects"] == 3
    [row] = [row for row in client.get("/_sandbox/received/").json() if row["out_of_order"]]
    assert row["sequence"] == 2


def test_the_published_envelope_has_no_subject(client: httpx.Client) -> None:
    answer = client.post("/x", json={"event": {"type": "a.b", "uuid": "1"}, "payload": None})

    assert answer.status_code == 200
    assert report(client)["by_type"] == {"a.b": 1}


def test_with_a_secret_only_what_is_signed_counts(run: Runner) -> None:
    client = run(ReceiverSandbox(secret="s").app)
    message = an_event()

    refused = [send(client, message), send(client, message, secret="other")]
    taken = send(client, message, secret="s")

    assert [answer.status_code for answer in refused] == [401, 401]
    assert taken.status_code == 200
    figures = report(client)
    assert (figures["received"], figures["bad_signature"], figures["unique"], figures["duplicates"]) == (
        3,
        2,
        1,
        0,
    )
    assert [row["verified"] for row in client.get("/_sandbox/received/").json()] == [False, False, True]


def test_secrets_by_path(client: httpx.Client) -> None:
    stored = client.put("/_sandbox/secrets/", json={"/hooks/a": "s", "*": ["new", "old"]})

    assert stored.json() == {"/hooks/a": 1, "*": 2}
    assert send(client, an_event(), secret="s").status_code == 200
    assert send(client, an_event(), secret="old").status_code == 401
    assert send(client, an_event(), path="/else", secret="old").status_code == 200
    client.post("/_sandbox/reset/")
    assert client.get("/_sandbox/secrets/").json() == {}
    assert send(client, an_event()).status_code == 200


@pytest.mark.parametrize("body", [{"hooks": "s"}, {"/hooks": 1}, {"/hooks": ""}, {"/hooks": []}])
def test_a_secret_that_is_none_names_its_path(client: httpx.Client, body: dict[str, Any]) -> None:
    answer = client.put("/_sandbox/secrets/", json=body)

    assert (answer.status_code, answer.json()["field"]) == (400, next(iter(body)))
    assert client.get("/_sandbox/secrets/").json() == {}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\xff", b'{"event": {}, "payload": 1}', b'{"event": {"type": "a", "uuid": "1"}}'],
)
def test_no_event_is_400(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/hooks/a", content=body)

    assert answer.status_code == 400
    figures = report(client)
    assert (figures["received"], figures["unreadable"], figures["unique"]) == (1, 1, 0)


def test_only_posts_are_messages(client: httpx.Client) -> None:
    assert client.get("/hooks/a").status_code == 405
    assert report(client)["received"] == 0


def test_faults_come_before_the_ledger(client: httpx.Client) -> None:
    client.put("/_sandbox/faults/", json={"error_rate": {"503": 1}})
    refused = send(client, an_event())
    client.put("/_sandbox/faults/", json={"preset": "silent-webhooks"})
    with pytest.raises(httpx.ReadTimeout):
        client.post("/hooks/a", json=an_event(), timeout=0.2)
    client.delete("/_sandbox/faults/")

    assert refused.status_code == 503
    assert report(client)["received"] == 0
    assert [row["status"] for row in client.get("/_sandbox/requests/").json()] == [503, None]


def test_reset_starts_the_ledger_again(client: httpx.Client) -> None:
    send(client, an_event())

    client.post("/_sandbox/reset/")

    assert report(client)["received"] == 0
    assert client.get("/_sandbox/received/").json() == []


def test_many_at_once_are_all_counted(client: httpx.Client) -> None:
    def send_subject(number: int) -> None:
        with httpx.Client(base_url=client.base_url) as own:
            for sequence in range(1, 51):
                assert send(own, an_event(f"package/{number}", sequence)).status_code == 200

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send_subject, range(4)))

    figures = report(client)
    assert (figures["received"], figures["unique"], figures["subjects"]) == (200, 200, 4)
    assert (figures["out_of_order"], figures["missing"]) == (0, 0)
