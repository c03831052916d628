"""The back office seen from outside: what its own API says, to compare with what we believe."""

from collections.abc import Iterator
from typing import Any, Self

import httpx

from packhouse.cli.demo.neighbours import OMNITRON_LOGIN

PAGE = 1000


class BackOffice:
    """Reads the Omnitron sandbox by its public API."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx.Client(base_url=f"{base_url}/api/v1/", timeout=30, trust_env=False)
        username, password = OMNITRON_LOGIN
        answer = self._client.post("auth/login/", json={"username": username, "password": password})
        key = answer.raise_for_status().json()["key"]
        self._client.headers["Authorization"] = f"Token {key}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._client.close()

    def rows(self, path: str, **filters: str) -> Iterator[dict[str, Any]]:
        """All rows of a collection."""
        page = 1
        while True:
            answer = self._client.get(path, params={**filters, "page": page, "limit": PAGE, "sort": "id"})
            body = answer.raise_for_status().json()
            yield from body["results"]
            if not body["next"]:
                return
            page += 1

    def skus(self) -> list[str]:
        """Every product there is to sell."""
        return sorted(row["sku"] for row in self.rows("products/"))

    def item_statuses(self) -> dict[int, str]:
        """Status code by order item."""
        return {row["pk"]: str(row["status"]) for row in self.rows("order_items/")}
