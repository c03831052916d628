"""Bodies and a client for the carrier's tests."""

from __future__ import annotations

import copy
from typing import Any

import httpx

SHIPMENT: dict[str, Any] = {
    "shipmentId": "S9001",
    "orderNumber": "100000000077",
    "locale": "tr-TR",
    "deliveryNote": "Ring twice",
    "type": "CUSTOMER",
    "destination": {
        "name": "Şükrü",
        "surname": "Ilıcalı",
        "tel": "05000000000",
        "country": {"id": 1, "code": "tr", "name": "Türkiye"},
        "city": {"id": 40, "name": "Ankara"},
        "district": "Kızılay",
        "township": "Çankaya",
        "zipcode": "06000",
        "addressLine": "1 Example St",
    },
    "products": {"barcode": "8690000000012", "deci": "2.0"},
}
ADDRESS: dict[str, Any] = {
    "name": "Store 8",
    "contact": "Ada",
    "tel": "0312",
    "country": "TR",
    "city": "Ankara",
    "township": "Çankaya",
    "district": None,
    "zipcode": "06000",
    "addressLine": "1 Example St",
}
SSCC = "386900000000001232"


def a_shipment(shipment_id: str = "S9001", **changes: Any) -> dict[str, Any]:
    """A valid registration with some keys changed."""
    return copy.deepcopy({**SHIPMENT, "shipmentId": shipment_id, **changes})


def with_credentials(client: httpx.Client) -> httpx.Client:
    """The client, bringing what every call needs."""
    client.auth = httpx.BasicAuth("carrier", "carrier")
    client.headers["x-akinon-request-id"] = "r-1"
    client.headers["x-akinon-api-version"] = "1.0"
    return client


def codes(answer: httpx.Response) -> dict[str | None, str]:
    """Field to code of a refusal; checks its shape on the way."""
    body = answer.json()
    assert set(body) == {"errors", "requestId"}
    assert all(set(row) == {"code", "message", "field"} for row in body["errors"])
    return {row["field"]: row["code"] for row in body["errors"]}
