"""The sandbox as tests use it: placing and changing orders, looking at what it was told."""

from datetime import date
from typing import Any

import httpx

from sandbox.omnitron.app import Omnitron

USERNAME, PASSWORD = "oms", "oms-sandbox"
DAY = date(2026, 3, 2)
Json = Any


class Office:
    """Control calls and reads of one sandbox."""

    def __init__(self, url: str, box: Omnitron) -> None:
        self.url = url
        self.box = box
        self.http = httpx.Client(timeout=10)

    def close(self) -> None:
        self.http.close()

    def control(self, method: str, path: str, body: Json = None) -> Json:
        """A call below `/_sandbox/`."""
        response = self.http.request(method, f"{self.url}/_sandbox/{path}", json=body)
        assert response.is_success, f"{response.status_code} {response.text[:500]}"
        return response.json() if response.content else None

    def calm(self) -> None:
        self.control("PUT", "faults/", {})

    def faults(self, **faults: Json) -> None:
        self.control("PUT", "faults/", faults)

    def place(self, **options: Json) -> Json:
        """A fresh approved order of the usual mix, of channel 1, with its items."""
        body = {"count": 1, "status": "400", "channel": 1, **options}
        return self.order(self.control("POST", "orders/", body)["placed"][0]["pk"])

    def place_with(self, items: int, **options: Json) -> Json:
        """One with at least so many items."""
        while len((order := self.place(**options))["orderitem_set"]) < items:
            pass
        return order

    def change(self, pk: int, **change: Json) -> None:
        self.control("POST", f"orders/{pk}/change/", change)

    def cancel(self, pk: int, **body: Json) -> Json:
        return self.control("POST", f"orders/{pk}/cancel/", body)

    def api(self, method: str, path: str, body: Json = None, **query: Json) -> Json:
        """A call of the sandbox's wire, as another client would make it."""
        key = self.http.post(
            f"{self.url}/api/v1/auth/login/", json={"username": USERNAME, "password": PASSWORD}
        ).json()["key"]
        response = self.http.request(
            method,
            f"{self.url}/api/v1/{path}",
            json=body,
            params=query or None,
            headers={"Authorization": f"Token {key}"},
        )
        assert response.is_success, f"{response.status_code} {response.text[:500]}"
        return response.json() if response.content else None

    def order(self, pk: int) -> Json:
        return self.api("GET", f"orders/{pk}/detailed/")

    def items(self, pk: int) -> dict[int, Json]:
        """The items of an order, by id."""
        rows = self.api("GET", "order_items/", order=pk, limit=100)["results"]
        return {row["pk"]: row for row in rows}

    def requests(self, path: str = "", method: str = "") -> list[Json]:
        """What was received, oldest first."""
        rows = self.control("GET", "requests/")
        return [row for row in rows if path in row["path"] and method in row["method"]]

    def forget_requests(self) -> None:
        """Only what comes from now on is of interest."""
        self._seen = len(self.control("GET", "requests/"))

    def new_requests(self, path: str = "", method: str = "") -> list[Json]:
        rows = self.control("GET", "requests/")[self._seen :]
        return [row for row in rows if path in row["path"] and method in row["method"]]

    _seen = 0
