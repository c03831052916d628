"""Control calls of the carrier: look, move, forget, change its habits."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.carrier.script import ScriptError, parse_script
from sandbox.carrier.shipment_service import Habits
from sandbox.carrier.shipments import Shipment, ShipmentBook, wire_time
from sandbox.control import ControlError, json_object

MIN_SCALE, MAX_SCALE = 0.001, 1_000_000
MAX_DELAY_SECONDS = 7 * 86_400
_NUMBER = (int, float)
_HABITS: dict[str, tuple[type, ...]] = {
    "label_delay_s": _NUMBER,
    "inline_labels": (bool,),
    "needs_origin": (bool,),
    "reject": (str, type(None)),
    "duplicate_events": (bool,),
}


class CarrierDesk:
    """`routes` are relative to `/_sandbox`."""

    def __init__(self, book: ShipmentBook, habits: Habits, script: str) -> None:
        self._book, self._habits, self.script = book, habits, script
        self.routes: list[BaseRoute] = [
            Route("/shipments/", self._list, methods=["GET"]),
            Route("/shipments/{shipment_id}/advance/", self._advance, methods=["POST"]),
            Route("/shipments/{shipment_id}/forget/", self._forget, methods=["POST"]),
            Route("/mode/", self._mode, methods=["GET", "PUT"]),
            Route("/label_delay/", self._label_delay, methods=["PUT"]),
        ]

    async def _list(self, _request: Request) -> Response:
        return JSONResponse([self._row(shipment) for shipment in self._book.all()])

    async def _advance(self, request: Request) -> Response:
        shipment = self._shipment(request)
        body = await json_object(request)
        _refuse_unknown(body, ("status", "date", "deliveredTo"))
        for key in body:
            if not isinstance(body[key], str) or not body[key]:
                raise ControlError("must be a text", field=key)
        if "status" in body:
            self._book.put(shipment, body["status"], _moment(body.get("date")), body.get("deliveredTo"))
        elif body:
            raise ControlError("is needed with 'date' or 'deliveredTo'", field="status")
        elif not self._book.advance(shipment):
            message = f"It is {shipment.status} and its script has no further step; name a status."
            raise ControlError(message, field="status", status=409)
        return JSONResponse(self._row(shipment))

    async def _forget(self, request: Request) -> Response:
        del self._book.shipments[self._shipment(request).id]
        return Response(status_code=204)

    async def _mode(self, request: Request) -> Response:
        if request.method == "PUT":
            self._change(await json_object(request))
        mode = {**asdict(self._habits), "script": self.script, "time_scale": self._book.time_scale}
        return JSONResponse(mode)

    async def _label_delay(self, request: Request) -> Response:
        body = await json_object(request)
        _refuse_unknown(body, ("seconds",))
        seconds: Any = body.get("seconds")
        _refuse_delay(seconds, "seconds")
        self._habits.label_delay_s = seconds
        return JSONResponse({"seconds": seconds})

    def _change(self, body: dict[str, Any]) -> None:
        """All of it or nothing. A new script holds for shipments registered from now on."""
        _refuse_unknown(body, (*_HABITS, "script", "time_scale"))
        for key, types in _HABITS.items():
            if key in body and not _is_of(body[key], types):
                raise ControlError(f"must be {' or '.join(each.__name__ for each in types)}", field=key)
        time_scale = body.get("time_scale", self._book.time_scale)
        if not _is_of(time_scale, _NUMBER) or not MIN_SCALE <= time_scale <= MAX_SCALE:
            raise ControlError(f"must be a number from {MIN_SCALE} to {MAX_SCALE}", field="time_scale")
        _refuse_delay(body.get("label_delay_s", 0), "label_delay_s")
        script = body.get("script", self.script)
        if not isinstance(script, str):
            raise ControlError("must be a text", field="script")
        try:
            self._book.script = parse_script(script)
        except ScriptError as error:
            raise ControlError(str(error), field="script") from None
        self.script, self._book.time_scale = script, time_scale
        for key in _HABITS.keys() & body.keys():
            setattr(self._habits, key, body[key])

    def _shipment(self, request: Request) -> Shipment:
        shipment = self._book.get(request.path_params["shipment_id"])
        if shipment is None:
            raise ControlError("There is no such shipment.", field="shipmentId", status=404)
        return shipment

    def _row(self, shipment: Shipment) -> dict[str, Any]:
        due = self._book.next_due(shipment)
        upcoming = {"status": shipment.course[0].status, "at": wire_time(due)} if due else None
        return {
            "shipmentId": shipment.id,
            "orderNumber": shipment.request["orderNumber"],
            "trackingNumber": shipment.tracking_number,
            "status": shipment.status,
            "deleted": shipment.deleted,
            "account": shipment.account,
            "registered": wire_time(shipment.registered),
            "events": [event.row() for event in shipment.events],
            "next": upcoming,
            "request": shipment.request,
        }


def _is_of(value: object, types: tuple[type, ...]) -> bool:
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))


def _refuse_delay(value: object, field: str) -> None:
    if not isinstance(value, _NUMBER) or isinstance(value, bool) or not 0 <= value <= MAX_DELAY_SECONDS:
        raise ControlError(f"must be a number of seconds from 0 to {MAX_DELAY_SECONDS}", field=field)


def _refuse_unknown(body: dict[str, Any], known: tuple[str, ...]) -> None:
    for key in body:
        if key not in known:
            raise ControlError(f"is not one of {', '.join(known)}", field=key)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ControlError(f"'{text}' is not an ISO 8601 time", field="date") from None
