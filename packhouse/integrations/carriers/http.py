"""`http`: the contract as a client, for any service that keeps it (page 80, 2.1 and 2.2)."""

import base64
import json
import re
import uuid
from datetime import date
from typing import Any, Final, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, TypeAdapter, ValidationError

from packhouse.integrations.carriers.account import Account
from packhouse.integrations.carriers.contract import (
    AddressRequest,
    AppointmentDate,
    CarrierAdaptor,
    CarrierAddress,
    Destination,
    EasyReturn,
    FileFormat,
    Label,
    Registered,
    ShipmentRequest,
    Step,
    Tracked,
)
from packhouse.integrations.failures import Refused
from packhouse.integrations.http import MEGABYTE, Answer, Call, Patience, send
from packhouse.kernel import tracing
from packhouse.kernel.errors import NotConfigured

PARALLEL: Final = 4
LARGEST: Final = 10 * MEGABYTE
CONNECT_SECONDS, READ_SECONDS = 5.0, 20.0
PATHS: Final = {
    "generate-shipment": "/shipments",
    "query-shipment": "/shipments/{id}",
    "query-shipment-history": "/shipments/{id}/history",
    "update-shipment": "/shipments/{id}",
    "delete-shipment": "/shipments/{id}",
    "query-shipment-label": "/shipments/{id}/label",
    "generate-easy-return": "/easy-returns",
    "query-easy-return": "/easy-returns/{id}",
    "delete-easy-return": "/easy-returns/{id}",
    "search-appointment-dates": "/appointment-dates/search",
    "generate-address": "/addresses",
    "get-addresses": "/addresses/search",
    "get-address-detail": "/addresses/{id}",
}
_PLACEHOLDER: Final = re.compile(r"\{\w+\}")
_NOT_FOUND: Final = 404
_CALLS: Final = uuid.UUID("5b1f3a52-8c0e-4b7c-9a6d-1f2f6d1f9a10")

A = TypeVar("A", bound=BaseModel)


class HttpCarrier(CarrierAdaptor):
    def __init__(self, account: Account, patience: Patience) -> None:
        """Raises NotConfigured without an address."""
        if not account.configuration.base_url:
            raise NotConfigured(f"The configuration of {account.company} has no base_url.")
        self._account, self._patience = account, patience

    def generate_shipment(self, request: ShipmentRequest) -> Registered:
        return _read(Registered, self._write("generate-shipment", "POST", body=request.wire()))

    def query_shipment(self, shipment_id: str) -> Tracked | None:
        answer = self._find("query-shipment", shipment_id)
        return None if answer is None else _read(Tracked, answer)

    def query_shipment_history(self, shipment_id: str) -> list[Step]:
        answer = self._find("query-shipment-history", shipment_id)
        return [] if answer is None else _rows(Step, answer, "events")

    def update_shipment(self, shipment_id: str, changes: dict[str, Any]) -> None:
        self._write("update-shipment", "PATCH", shipment_id, changes)

    def delete_shipment(self, shipment_id: str) -> None:
        self._delete("delete-shipment", shipment_id)

    def query_shipment_label(self, shipment_id: str, file_format: FileFormat) -> list[Label]:
        answer = self._find("query-shipment-label", shipment_id, ("format", file_format))
        return [] if answer is None else _rows(Label, answer, "labels")

    def generate_easy_return(self, request: dict[str, Any]) -> EasyReturn:
        return _read(EasyReturn, self._write("generate-easy-return", "POST", body=request))

    def query_easy_return(self, easy_return_id: str) -> EasyReturn | None:
        answer = self._find("query-easy-return", easy_return_id)
        return None if answer is None else _read(EasyReturn, answer)

    def delete_easy_return(self, easy_return_id: str) -> None:
        self._delete("delete-easy-return", easy_return_id)

    def search_appointment_dates(
        self, destination: Destination, origin_id: str | None, first: date, last: date
    ) -> list[AppointmentDate]:
        span = {"originId": origin_id, "from": first.isoformat(), "to": last.isoformat()}
        answer = self._write(
            "search-appointment-dates", "POST", body={"destination": destination.wire(), **span}
        )
        return _rows(AppointmentDate, answer, "dates")

    def generate_address(self, request: AddressRequest) -> CarrierAddress:
        return _read(CarrierAddress, self._write("generate-address", "POST", body=request.wire()))

    def get_addresses(self, search: dict[str, Any]) -> list[CarrierAddress]:
        return _rows(CarrierAddress, self._write("get-addresses", "POST", body=search), "addresses")

    def get_address_detail(self, address_id: str) -> CarrierAddress | None:
        answer = self._find("get-address-detail", address_id)
        return None if answer is None else _read(CarrierAddress, answer)

    # Calls

    def _write(self, service: str, method: str, id: str = "", body: Any = None) -> Answer:
        """A call that changes something; its request id is the same whenever it is repeated."""
        said = json.dumps([self._account.system, service, id, body], sort_keys=True)
        return self._send(service, method, id, body=body, request_id=uuid.uuid5(_CALLS, said).hex)

    def _find(self, service: str, id: str, *params: tuple[str, str]) -> Answer | None:
        """A question; None for 404."""
        try:
            return self._send(service, "GET", id, params=params, request_id=tracing.new_request_id())
        except Refused as refusal:
            if refusal.answered == _NOT_FOUND:
                return None
            raise

    def _delete(self, service: str, id: str) -> None:
        try:
            self._write(service, "DELETE", id)
        except Refused as refusal:
            if refusal.answered != _NOT_FOUND:
                raise

    def _send(
        self,
        service: str,
        method: str,
        id: str,
        *,
        request_id: str,
        body: Any = None,
        params: tuple[tuple[str, str], ...] = (),
    ) -> Answer:
        configuration = self._account.configuration
        path = _PLACEHOLDER.sub(quote(id, safe=""), configuration.paths.get(service, PATHS[service]))
        call = Call(
            self._account.system,
            service,
            method,
            f"{configuration.base_url}/{path.lstrip('/')}",
            params=params,
            body=body,
            headers=self._headers(request_id),
            connect=CONNECT_SECONDS,
            read=READ_SECONDS,
            largest=LARGEST,
            parallel=PARALLEL,
        )
        return _without_errors(send(call, self._patience))

    def _headers(self, request_id: str) -> dict[str, str]:
        configuration = self._account.configuration
        login = f"{configuration.username or ''}:{configuration.password or ''}".encode()
        headers = {
            "Authorization": f"Basic {base64.b64encode(login).decode()}",
            "x-akinon-request-id": request_id,
            "x-akinon-api-version": configuration.api_version,
        }
        if self._account.identifier is not None:
            headers["x-akinon-credentials-identifier"] = self._account.identifier
        return headers


def _without_errors(answer: Answer) -> Answer:
    """An error under status 200, and a page of something in between, are no answers. Raises BadAnswer."""
    body = answer.json()
    if isinstance(body, dict) and (body.get("errors") or body.get("error")):
        raise answer.unfit(f"The carrier answered with an error: {_said(answer.content)}")
    return answer


def _read(model: type[A], answer: Answer) -> A:
    """The answer as the contract has it. Raises BadAnswer."""
    try:
        return model.model_validate(answer.json())
    except ValidationError as error:
        raise answer.unfit(_misfit(error)) from None


def _rows(model: type[A], answer: Answer, key: str) -> list[A]:
    """The list under `key`, or the answer itself where it is a list."""
    body = answer.json()
    rows = body.get(key) if isinstance(body, dict) else body
    try:
        return TypeAdapter(list[model]).validate_python(rows)  # type: ignore[valid-type]
    except ValidationError as error:
        raise answer.unfit(_misfit(error)) from None


def _misfit(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"The carrier's answer does not fit: {'.'.join(map(str, first['loc']))}: {first['msg']}"


def carrier_text(refusal: Refused) -> str:
    """What the carrier said, as a person should read it; at most 1,000 characters."""
    if not refusal.content:
        return refusal.text
    return _said(refusal.content) or refusal.text


def _said(content: bytes) -> str:
    said = content.decode("utf-8", "replace").replace("\x00", "")
    try:
        body = json.loads(said)
    except (ValueError, RecursionError):
        return said[:1000]
    errors = body.get("errors") if isinstance(body, dict) else None
    if not isinstance(errors, list):
        return said[:1000]
    return " ".join(_error_text(each) for each in errors)[:1000]


def _error_text(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)
    field = f"{error['field']}: " if error.get("field") else ""
    return f"{field}{error.get('message') or error.get('code') or 'refused'}"
