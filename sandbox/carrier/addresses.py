"""Registered sender addresses."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.carrier.contract import checked_body, refusal, refuse_unserved

FIRST_ID = 9_000_001
_KEYS = ("name", "contact", "tel", "country", "city", "township", "district", "zipcode", "addressLine")


class AddressBook:
    """Addresses by id; the same address is registered once."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Any]] = {}

    def get(self, address_id: str) -> dict[str, Any] | None:
        """A row with its `addressId`, or None."""
        return self._rows.get(address_id)

    def add(self, body: dict[str, Any]) -> str:
        """The id of an address, new or known."""
        values = {key: body.get(key) for key in _KEYS}
        for address_id, row in self._rows.items():
            if all(row[key] == value for key, value in values.items()):
                return address_id
        address_id = str(FIRST_ID + len(self._rows))
        self._rows[address_id] = {"addressId": address_id, **values}
        return address_id

    def search(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        """Rows that have all the wanted values; text is compared without case, oldest first."""
        return [
            row
            for row in self._rows.values()
            if all(_same(row.get(key), value) for key, value in wanted.items())
        ]

    def clear(self) -> None:
        """Forget all addresses."""
        self._rows.clear()


class AddressService:
    """generate-address, get-addresses and get-address-detail."""

    def __init__(self, addresses: AddressBook) -> None:
        self._addresses = addresses
        self.routes: list[BaseRoute] = [
            Route("/addresses", self._generate, methods=["POST"]),
            Route("/addresses/search", self._search, methods=["POST"]),
            Route("/addresses/{address_id}", self._detail, methods=["GET"]),
        ]

    async def _generate(self, request: Request) -> Response:
        body = await checked_body(request, "address")
        refuse_unserved(body, "")
        return JSONResponse({"addressId": self._addresses.add(body)}, 201)

    async def _search(self, request: Request) -> Response:
        wanted = await checked_body(request, "address_search")
        for key in wanted:
            if key not in ("addressId", *_KEYS):
                raise refusal(400, "unknown", "is not a key of an address", key)
        return JSONResponse({"addresses": self._addresses.search(wanted)})

    async def _detail(self, request: Request) -> Response:
        row = self._addresses.get(request.path_params["address_id"])
        if row is None:
            raise refusal(404, "address_unknown", "There is no such address.", "addressId")
        return JSONResponse(row)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    return bool(one == other)
