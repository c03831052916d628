"""The shipment services of the contract: generate, query, history, update, delete, label."""

from __future__ import annotations

import base64
import html
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.carrier.addresses import AddressBook
from sandbox.carrier.contract import (
    CREDENTIALS_IDENTIFIER,
    checked_body,
    refusal,
    refuse_unserved,
    refuse_wrong_check_digits,
)
from sandbox.carrier.label_pdf import label_pdf
from sandbox.carrier.label_text import LabelText, label_texts
from sandbox.carrier.label_zpl import label_zpl
from sandbox.carrier.shipments import Shipment, ShipmentBook

PRINTERS = {"pdf": label_pdf, "zpl": label_zpl}


@dataclass
class Habits:
    """How this carrier behaves; changed by `PUT /_sandbox/mode/`.

    `label_delay_s` seconds pass between registration and label; `inline_labels` puts the label into the first
    answer; `needs_origin` refuses shipments without a registered sender; `reject` is a text with which every
    registration is refused; `duplicate_events` repeats each row of a history.
    """

    label_delay_s: float = 0.0
    inline_labels: bool = False
    needs_origin: bool = False
    reject: str | None = None
    duplicate_events: bool = False


class ShipmentService:
    """`routes` are to be mounted by the application."""

    def __init__(self, book: ShipmentBook, addresses: AddressBook, habits: Habits) -> None:
        self.book, self.addresses, self.habits = book, addresses, habits
        self.routes: list[BaseRoute] = [
            Route("/shipments", self._generate, methods=["POST"]),
            Route("/shipments/{shipment_id}", self._query, methods=["GET"]),
            Route("/shipments/{shipment_id}", self._update, methods=["PATCH"]),
            Route("/shipments/{shipment_id}", self._delete, methods=["DELETE"]),
            Route("/shipments/{shipment_id}/history", self._history, methods=["GET"]),
            Route("/shipments/{shipment_id}/label", self._label, methods=["GET"]),
            Route("/track/{tracking_number}", self._track, methods=["GET"]),
        ]

    async def _generate(self, request: Request) -> Response:
        body = await checked_body(request, "shipment")
        known = self.book.get(body["shipmentId"])
        if known is not None:
            if known.deleted:
                raise refusal(409, "shipment_deleted", "A deleted shipment needs a new id.", "shipmentId")
            return JSONResponse(known.answer, 200)
        if self.habits.reject is not None:
            raise refusal(400, "rejected", self.habits.reject)
        refuse_unserved(body["destination"], "destination.")
        refuse_wrong_check_digits(body.get("parcels", ()))
        self._refuse_unknown_origin(body)
        shipment = self.book.register(body, request.headers.get(CREDENTIALS_IDENTIFIER))
        shipment.answer = self._answer(shipment, request)
        return JSONResponse(shipment.answer, 201)

    async def _query(self, request: Request) -> Response:
        return JSONResponse(self._shipment(request).present())

    async def _history(self, request: Request) -> Response:
        rows = [event.row() for event in sorted(self._shipment(request).events, key=lambda event: event.date)]
        if self.habits.duplicate_events:
            rows = [row for row in rows for _ in range(2)]
        return JSONResponse({"events": rows})

    async def _update(self, request: Request) -> Response:
        shipment = self._shipment(request)
        changes = await checked_body(request, "shipment_update")
        if "destination" in changes:
            refuse_unserved(changes["destination"], "destination.")
        refuse_wrong_check_digits(changes.get("parcels", ()))
        self._refuse_picked_up(shipment)
        shipment.request.update(changes)
        shipment.answer["parcels"] = shipment.parcel_rows()
        return JSONResponse(shipment.present())

    async def _delete(self, request: Request) -> Response:
        shipment = self._shipment(request)
        self._refuse_picked_up(shipment)
        shipment.deleted = True
        return Response(status_code=204)

    async def _label(self, request: Request) -> Response:
        wanted = request.query_params.get("format", "pdf")
        if wanted not in PRINTERS:
            known = " and ".join(PRINTERS)
            raise refusal(400, "format", f"This carrier prints {known}, not '{wanted}'.", "format")
        shipment = self._shipment(request)
        if self.book.clock() < shipment.registered + timedelta(seconds=self.habits.label_delay_s):
            raise refusal(404, "label_not_ready", "The label is not printed yet.")
        labels = [
            {"parcel": number, "type": wanted, "content": _printed(wanted, [text])}
            for number, text in enumerate(label_texts(shipment), start=1)
        ]
        return JSONResponse({"labels": labels})

    async def _track(self, request: Request) -> Response:
        shipment = self.book.tracked(request.path_params["tracking_number"])
        if shipment is None or shipment.deleted:
            return HTMLResponse("<!DOCTYPE html><title>Unknown</title><p>No such shipment.", 404)
        rows = "".join(
            f"<li>{html.escape(row['date'])} {html.escape(row['description'])}, {html.escape(row['location'])}"
            for row in (event.row() for event in shipment.events)
        )
        number = html.escape(shipment.tracking_number)
        return HTMLResponse(
            f"<!DOCTYPE html><meta charset=utf-8><title>{number}</title><h1>{number}</h1><ol>{rows}</ol>"
        )

    def _shipment(self, request: Request) -> Shipment:
        shipment = self.book.get(request.path_params["shipment_id"])
        if shipment is None or shipment.deleted:
            raise refusal(404, "shipment_unknown", "There is no such shipment.", "shipmentId")
        return shipment

    def _answer(self, shipment: Shipment, request: Request) -> dict[str, Any]:
        inline = self.habits.inline_labels and not self.habits.label_delay_s
        return {
            "shipmentId": shipment.id,
            "trackingNumber": shipment.tracking_number,
            "queryNumber": f"Q{shipment.tracking_number}",
            "trackingUrl": f"{str(request.base_url).rstrip('/')}/track/{shipment.tracking_number}",
            "status": shipment.status,
            "parcels": shipment.parcel_rows(),
            "labels": [{"type": "pdf", "content": _printed("pdf", label_texts(shipment))}] if inline else [],
        }

    def _refuse_unknown_origin(self, body: dict[str, Any]) -> None:
        origin = body.get("originId")
        if not self.habits.needs_origin:
            return
        if origin is None:
            raise refusal(400, "required", "This carrier needs a registered sender.", "originId")
        if self.addresses.get(str(origin)) is None:
            raise refusal(400, "origin_unknown", f"No sender is registered as '{origin}'.", "originId")

    @staticmethod
    def _refuse_picked_up(shipment: Shipment) -> None:
        if shipment.is_picked_up:
            raise refusal(
                409, "picked_up", f"The shipment is {shipment.status}; it cannot be changed any more."
            )


def _printed(wanted: str, texts: list[LabelText]) -> str:
    return base64.b64encode(PRINTERS[wanted](texts)).decode()
