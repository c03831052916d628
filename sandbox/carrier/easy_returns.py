"""Easy returns: a code with which a customer hands a parcel back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.carrier.contract import checked_body, refusal
from sandbox.carrier.shipments import Clock, wire_time

VALID_DAYS = 14


class EasyReturnService:
    """generate-, query- and delete-easy-return; an id the caller gives is idempotent."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0
        self.rows: dict[str, dict[str, Any]] = {}
        self.routes: list[BaseRoute] = [
            Route("/easy-returns", self._generate, methods=["POST"]),
            Route("/easy-returns/{easy_return_id}", self._query, methods=["GET"]),
            Route("/easy-returns/{easy_return_id}", self._delete, methods=["DELETE"]),
        ]

    async def _generate(self, request: Request) -> Response:
        body = await checked_body(request, "easy_return")
        known = self.rows.get(body.get("easyReturnId", ""))
        if known is not None:
            return JSONResponse(known, 200)
        self._last += 1
        row = {
            "easyReturnId": body.get("easyReturnId", f"R{self._last}"),
            "returnCode": f"{self._last:08d}",
            "status": "CREATED",
            "orderNumber": body["orderNumber"],
            "shipmentId": body.get("shipmentId"),
            "validUntil": wire_time(self._clock() + timedelta(days=VALID_DAYS)),
        }
        self.rows[row["easyReturnId"]] = row
        return JSONResponse(row, 201)

    async def _query(self, request: Request) -> Response:
        return JSONResponse(self._row(request))

    async def _delete(self, request: Request) -> Response:
        del self.rows[self._row(request)["easyReturnId"]]
        return Response(status_code=204)

    def _row(self, request: Request) -> dict[str, Any]:
        row = self.rows.get(request.path_params["easy_return_id"])
        if row is None:
            raise refusal(404, "easy_return_unknown", "There is no such easy return.", "easyReturnId")
        return row
