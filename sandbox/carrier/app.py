"""The carrier's adaptor as an ASGI application."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from sandbox.carrier.addresses import AddressBook, AddressService
from sandbox.carrier.appointments import AppointmentService
from sandbox.carrier.contract import CarrierError, error_response
from sandbox.carrier.desk import CarrierDesk
from sandbox.carrier.easy_returns import EasyReturnService
from sandbox.carrier.guard import Guard
from sandbox.carrier.script import DEFAULT_SCRIPT, Shares, parse_script
from sandbox.carrier.shipment_service import Habits, ShipmentService
from sandbox.carrier.shipments import Clock, ShipmentBook, utc_now
from sandbox.control import Control
from sandbox.schema_check import Problem


class CarrierSandbox:
    """One carrier; `app` is what to serve. Everything is kept in memory.

    `script` and `shares` say how shipments move (`sandbox.carrier.script`), `time_scale` 60 makes its minutes
    seconds. Raises ScriptError for a script that cannot be read.
    """

    def __init__(
        self,
        *,
        username: str = "carrier",
        password: str = "carrier",  # noqa: S107  (the documented default of a sandbox)
        script: str = DEFAULT_SCRIPT,
        shares: Shares | None = None,
        seed: int = 0,
        time_scale: float = 1.0,
        clock: Clock = utc_now,
        control: bool = True,
    ) -> None:
        self._initial = (script, time_scale)
        self.habits = Habits()
        self.addresses = AddressBook()
        self.book = ShipmentBook(
            parse_script(script), shares or Shares(), seed=seed, time_scale=time_scale, clock=clock
        )
        self.easy_returns = EasyReturnService(clock)
        self._desk = CarrierDesk(self.book, self.habits, script)
        self.control = Control(reset=self._reset, routes=self._desk.routes, enabled=control)
        guarded = Guard(self._service(), username=username, password=password)
        self.app: ASGIApp = self.control.wrap(guarded)

    def _service(self) -> Starlette:
        services = (
            ShipmentService(self.book, self.addresses, self.habits),
            AddressService(self.addresses),
            AppointmentService(),
            self.easy_returns,
        )
        handlers: dict[Any, Any] = {CarrierError: _answer_refusal, HTTPException: _answer_http}
        return Starlette(
            routes=[route for service in services for route in service.routes], exception_handlers=handlers
        )

    def _reset(self) -> None:
        self.book.shipments.clear()
        self.addresses.clear()
        self.easy_returns.rows.clear()
        initial = Habits()
        for each in fields(Habits):
            setattr(self.habits, each.name, getattr(initial, each.name))
        self._desk.script, self.book.time_scale = self._initial
        self.book.script = parse_script(self._desk.script)


async def _answer_refusal(request: Request, error: CarrierError) -> Response:
    return error_response(request, error.status, error.problems, error.headers)


async def _answer_http(request: Request, error: HTTPException) -> Response:
    code = error.detail.lower().replace(" ", "_")
    return error_response(
        request, error.status_code, [Problem("", code, error.detail)], dict(error.headers or {})
    )
