"""Whatever is sent: a clear refusal, never a 5xx, and the control desk still answers."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from sandbox.carrier.app import CarrierSandbox
from sandbox.invoice.app import InvoiceSandbox
from sandbox.json_text import parse_json
from sandbox.receiver.app import ReceiverSandbox
from tests.sandbox.carrier_calls import SHIPMENT, a_shipment, with_credentials
from tests.sandbox.conftest import Runner

RAW = [
    b"",
    b"\x00",
    b"\xff\xfe",
    b"nul",
    b"NaN",
    b"[" * 100_000,
    b'{"a": 1e400}',
    b'{"a": NaN}',
    rb'{"a": "\ud800"}',
    rb'{"\uDC00": 1}',
    b'{"a": ' + b"9" * 5000 + b"}",
]


@pytest.fixture(scope="module")
def carrier(run: Runner) -> httpx.Client:
    return with_credentials(run(CarrierSandbox().app))


@pytest.fixture(scope="module")
def others(run: Runner) -> list[httpx.Client]:
    return [run(InvoiceSandbox().app), run(ReceiverSandbox().app)]


@pytest.mark.parametrize("raw", RAW, ids=[raw[:12].hex() for raw in RAW])
def test_no_body_brings_one_down(carrier: httpx.Client, others: list[httpx.Client], raw: bytes) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": "a"}

    answers = [client.post("/shipments", content=raw, headers=headers) for client in (carrier, *others)]
    answers += [carrier.post("/shipments/S1", content=raw), carrier.patch("/shipments/S1", content=raw)]
    answers += [client.put("/_sandbox/faults/", content=raw or b"1") for client in (carrier, *others)]

    assert {answer.status_code for answer in answers} <= {400, 404, 405}
    for client in (carrier, *others):
        assert client.get("/_sandbox/requests/").status_code == 200
        assert client.get("/_sandbox/faults/").json() == {}


def test_what_could_not_be_written_back_is_no_json() -> None:
    assert parse_json(rb'{"a": "\ud83d\ude00", "b": 1.5, "c": "\u0130"}') == {"a": "😀", "b": 1.5, "c": "İ"}
    for raw in RAW:
        with pytest.raises(ValueError, match=r"."):
            parse_json(raw)


@pytest.mark.parametrize(
    "headers",
    [
        {b"Authorization": b"Basic \xff"},
        {b"Authorization": b"Basic"},
        {b"Authorization": b"Bearer x"},
        {b"x-akinon-request-id": b"\xff"},
    ],
)
def test_no_header_brings_it_down(carrier: httpx.Client, headers: dict[bytes, bytes]) -> None:
    with httpx.Client(base_url=carrier.base_url) as bare:
        assert bare.get("/shipments/S1", headers=headers).status_code == 401


@pytest.mark.parametrize("stamp", ["9" * 5000, "٣", "-1", "1e9", ""])
def test_no_timestamp_brings_the_receiver_down(others: list[httpx.Client], stamp: str) -> None:
    client = others[1]
    client.put("/_sandbox/secrets/", json={"/signed": "whsec_ä"})
    headers = {b"webhook-signature": b"v1,x", b"webhook-id": b"1", b"webhook-timestamp": stamp.encode()}

    assert client.post("/signed", content=b"{}", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "😀 \x00 <script>", "surname": "x" * 5000},
        {"addressLine": "x" * 5000, "zipcode": "\n"},
        {"district": {"id": None}, "township": {"name": None}},
    ],
)
def test_odd_words_are_printed(carrier: httpx.Client, changes: dict[str, Any]) -> None:
    carrier.post("/_sandbox/reset/")
    body = a_shipment(destination={**SHIPMENT["destination"], **changes})

    answer = carrier.post("/shipments", content=json.dumps(body).encode())

    assert answer.status_code == 201
    for path in ("/shipments/S9001/label", "/shipments/S9001/label?format=zpl", "/_sandbox/shipments/"):
        assert carrier.get(path).status_code == 200
    page = carrier.get(answer.json()["trackingUrl"])
    assert page.status_code == 200
    assert "<script" not in page.text


@pytest.mark.parametrize(
    "body",
    [
        {"status": "SHIPPING", "date": "0001-01-01T00:00:00+14:00"},
        {"status": "SHIPPING", "date": "9999-12-31T23:59:59-14:00"},
    ],
)
def test_times_out_of_bounds(carrier: httpx.Client, body: dict[str, Any]) -> None:
    carrier.post("/shipments", json=SHIPMENT)

    answer = carrier.post("/_sandbox/shipments/S9001/advance/", json=body)

    assert (answer.status_code, answer.json()["field"]) == (400, "date")


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("mode", {"time_scale": 1e-300}),
        ("mode", {"label_delay_s": 1e300}),
        ("mode", {"script": f"shipping {'9' * 400}d"}),
        ("label_delay", {"seconds": 1e300}),
        ("faults", {"latency_ms": 1e300}),
        ("faults", {"retry_after": 10**30}),
    ],
)
def test_numbers_out_of_bounds(carrier: httpx.Client, call: str, body: dict[str, Any]) -> None:
    assert carrier.put(f"/_sandbox/{call}/", json=body).status_code == 400
    assert carrier.get("/shipments/S404").status_code == 404
