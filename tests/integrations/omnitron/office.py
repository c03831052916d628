"""The sandbox as tests use it: placing and changing orders, looking at what it was told."""

from datetime import date
from itertools import count
from typing import Any

import httpx

from sandbox.omnitron.app import Omnitron

USERNAME, PASSWORD = "oms", "oms-sandbox"
FIRST_PRODUCT = 20001
DAY = date(2026, 3, 2)
Json = Any
_number = count(1)


class Office:
    """Control calls and reads of one sandbox."""

    def __init__(self, url: str, box: Omnitron) -> None:
        self.url = url
        self.box = box
        self.http = httpx.Client(timeout=10)
        self._key = "none"
        self._buyers: dict[int, tuple[int, int]] = {}

    def close(self) -> None:
        self.http.close()

    def control(self, method: str, path: str, body: Json = None) -> Json:
        """A call below `/_sandbox/`."""
        response = self.http.request(method, f"{self.url}/_sandbox/{path}", json=body)
        assert response.is_success, f"{response.status_code} {response.text[:500]}"
        return response.json() if response.content else None

    def forget(self) -> None:
        """It was reset: what was known of it is gone."""
        self._key = "none"
        self._buyers.clear()

    def calm(self) -> None:
        self.control("PUT", "faults/", {})

    def faults(self, **faults: Json) -> None:
        self.control("PUT", "faults/", faults)

    def place(self, **options: Json) -> Json:
        """A fresh approved order of the usual mix, of channel 1, with its items."""
        body = {"count": 1, "status": "400", "channel": 1, **options}
        return self.order(self.control("POST", "orders/", body)["placed"][0]["pk"])

    def place_with(self, items: int, channel: int = 1) -> Json:
        """One of the given number of lines, paid by card, delivered by carrier."""
        if channel not in self._buyers:
            found = self.api("GET", f"channel/{channel}/addresses/", address_type="customer", limit=1)[
                "results"
            ]
            self._buyers[channel] = found[0]["customer"], found[0]["pk"]
        customer, address = self._buyers[channel]
        order = {
            "number": f"T{next(_number)}",
            "customer": customer,
            "shipping_address": address,
            "billing_address": address,
            "payment_option": 61,
            "cargo_company": 691,
            "shipping_amount": "39.90",
        }
        lines = [
            {"product": FIRST_PRODUCT + n, "price": f"{100 + n}.00", "tax_rate": "20.00"}
            for n in range(items)
        ]
        body = {"channel": channel, "order": order, "order_item": lines}
        return self.order(self.control("POST", "orders/", body)["pk"])

    def change(self, pk: int, **change: Json) -> None:
        self.control("POST", f"orders/{pk}/change/", change)

    def cancel(self, pk: int, **body: Json) -> Json:
        return self.control("POST", f"orders/{pk}/cancel/", body)

    def api(self, method: str, path: str, body: Json = None, **query: Json) -> Json:
        """A call of the sandbox's wire, as another client would make it."""
        response = self._send(method, path, body, query)
        if response.status_code == 401:
            login = {"username": USERNAME, "password": PASSWORD}
            self._key = self.http.post(f"{self.url}/api/v1/auth/login/", json=login).json()["key"]
            response = self._send(method, path, body, query)
        assert response.is_success, f"{response.status_code} {response.text[:500]}"
        return response.json() if response.content else None

    def _send(self, method: str, path: str, body: Json, query: Json) -> httpx.Response:
        headers = {"Authorization": f"Token {self._key}"}
        return self.http.request(
            method, f"{self.url}/api/v1/{path}", json=body, params=query or None, headers=headers
        )

    def order(self, pk: int) -> Json:
        return self.api("GET", f"orders/{pk}/detailed/")

    def items(self, pk: int | None) -> dict[int | None, Json]:
        """The items of an order, by id."""
        rows = self.api("GET", "order_items/", order=pk, limit=100)["results"]
        return {row["pk"]: row for row in rows}

    def forget_requests(self) -> None:
        """Only what comes from now on is of interest."""
        self.box.control.clear_requests()

    def requests(self, path: str = "", method: str = "") -> list[Json]:
        """What was received, oldest first."""
        rows = list(self.box.control.requests)
        return [row for row in rows if path in row["path"] and method in row["method"]]
