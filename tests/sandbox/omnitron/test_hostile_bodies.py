"""Whatever is sent anywhere: a refusal in JSON that says what is wrong, never a 5xx, never a shrug."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.omnitron.views import routes
from tests.sandbox.omnitron.conftest import Api

HOSTILE: list[Any] = [
    None,
    [],
    {},
    "x",
    5,
    [1],
    [{}],
    {"order": [], "order_item": {}},
    {"orderitem_set": [{"id": {}}, {"id": 10**40}, {"status": []}]},
    {"order": {"number": {"a": 1}, "customer": [], "amount": "NaN"}, "order_item": [{"product": None}]},
    {"order": {"number": "H-1", "delivery_range": 5}, "order_item": [{"product": 20001, "price": True}]},
    {"order": {"number": "H-2", "date_placed": "never"}, "order_item": [{"product": "x", "price": "1e999"}]},
    {"is_send": "perhaps", "status": {}, "cancel_status": {}, "extra_field": []},
    {"cancel_items": [[]], "reasons": [1], "is_all": {}},
    {"is_all": True, "reasons": {"30001": "x"}, "ibans": []},
    {"status": "commit", "objects": [{"pk": "x"}, {}]},
    {"status": [], "content_type": {"id": []}, "objects": 5},
    {"content_type_id": 10**30, "object_id": "x", "version_date": 5},
    {"code": {}, "update_stock": []},
    {"target_url": "ftp://x", "event_type": 5, "retry_countdown_config": {"choice": [], "kwargs": {}}},
    {"target_url": "http://[", "event_type": "order.created", "additional_headers": {"A": 1}},
    {"config": [], "force": []},
    {"customer": -1, "country": 10**30, "city": "x", "line": "\x00"},
    {"name": "x" * 200_000, "township": {}, "latitude": "far", "store_hours": {}, "channels": 1},
    {"product": 20001, "stock_list": 1, "stock": "many"},
    {"order_item": "x", "reason": [], "cancellation_type": "maybe"},
]


def _written_paths() -> set[tuple[str, str]]:
    """Every path that takes a body, each with the id of a row that is there."""
    return {
        (method, path.format(channel=1, id=_a_row_of(path)))
        for module in routes._MODULES
        for path, handlers in module.ROUTES.items()
        for method in handlers
        if method != "GET"
    }


def _a_row_of(path: str) -> int:
    collections = {
        "order_items": 30001,
        "orders": 1002,
        "customers": 2001,
        "addresses": 5001,
        "retail_stores": 101,
    }
    return next((row for name, row in collections.items() if f"/{name}/" in path), 1)


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_no_body_makes_it_fail(api: Api, body: Any) -> None:
    for method, path in sorted(_written_paths()):
        response = api.http.request(method, path.lstrip("/"), json=body)

        assert response.status_code < 500, f"{method} {path} {response.text}"
        answer = response.json() if response.content else {}
        assert answer is None or "sandbox_error" not in str(answer)[:300], f"{method} {path} {response.text}"
        if response.status_code >= 400:
            assert {"code", "error_code"} & set(answer), f"{method} {path} {response.text}"
