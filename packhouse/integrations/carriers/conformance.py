"""Whether somebody's adaptor keeps the contract: calls as `http` makes them, answers read as it reads them.

Nothing is kept here and no database is needed. What is registered for the check is deleted again.
"""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, TypeVar

import httpx
from django.db import DatabaseError
from pydantic import BaseModel, TypeAdapter, ValidationError

from packhouse.integrations.carriers.contract import (
    CarrierAddress,
    Label,
    Registered,
    Step,
    Tracked,
)

SECONDS: Final = 25.0
MAGIC: Final = {"pdf": b"%PDF-", "png": b"\x89PNG", "zpl": b"^XA"}
DESTINATION: Final = {
    "name": "Ada",
    "surname": "Yılmaz",
    "tel": "05000000000",
    "country": {"id": 1, "code": "tr", "name": "Türkiye"},
    "city": {"id": 6, "name": "Ankara"},
    "district": "Kızılay",
    "township": "Çankaya",
    "zipcode": "06420",
    "addressLine": "1 Example St",
}
A = TypeVar("A", bound=BaseModel)


class Misfit(Exception):
    """What an answer should have been and was not."""


class Skipped(Exception):
    """The adaptor does not offer it, and need not."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`fits` None: not offered. `text`: what is wrong, or why it was left out."""

    what: str
    fits: bool | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """How to log in; `identifier`: which of several accounts. `origin_id`: a sender known there."""

    url: str
    username: str
    password: str
    api_version: str = "1.0"
    identifier: str | None = None
    origin_id: str | None = None


def check(account: Account) -> Iterator[Verdict]:
    """Every promise of the contract in turn, each with its verdict."""
    with httpx.Client(timeout=SECONDS, trust_env=False) as client:
        checks = _Checks(client, account)
        for what, promise in checks.promises():
            yield _judged(what, promise)


def _judged(what: str, promise: Callable[[], None]) -> Verdict:
    try:
        promise()
    except Skipped as reason:
        return Verdict(what, None, str(reason))
    except Misfit as misfit:
        return Verdict(what, False, str(misfit))
    except httpx.HTTPError as error:
        return Verdict(what, False, f"{type(error).__name__}: {error}")
    return Verdict(what, True)


class _Checks:
    def __init__(self, client: httpx.Client, account: Account) -> None:
        self._client, self._account = client, account
        self._id = f"CHECK-{secrets.token_hex(5)}"
        self._first: dict[str, Any] = {}

    def promises(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            ("refuses a caller without a login", self._login),
            ("refuses a call without x-akinon-request-id", self._request_id),
            ("refuses a shipment without a destination, and names the field", self._refusal),
            ("registers a shipment", self._register),
            ("answers the same when it is registered again", self._again),
            ("tells where a shipment is", self._query),
            ("tells its history, oldest first", self._history),
            ("prints its label", self._label),
            ("changes a shipment before it is picked up", self._update),
            ("does not know a shipment that nobody registered", self._unknown),
            ("registers a sender", self._address),
            ("deletes a shipment", self._delete),
            ("takes a second deletion for done", self._delete_again),
        ]

    def _login(self) -> None:
        self._expect(self._call("GET", f"/shipments/{self._id}", auth=None), HTTPStatus.UNAUTHORIZED)

    def _request_id(self) -> None:
        answer = self._call("POST", "/shipments", self._shipment(), without="x-akinon-request-id")
        self._expect(answer, HTTPStatus.BAD_REQUEST)

    def _refusal(self) -> None:
        body = {key: value for key, value in self._shipment().items() if key != "destination"}
        answer = self._call("POST", "/shipments", body)
        self._expect(answer, HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
        errors = self._json(answer).get("errors")
        if not isinstance(errors, list) or not errors or not errors[0].get("message"):
            raise Misfit('the refusal has no {"errors": [{"code", "message", "field"}]}')

    def _register(self) -> None:
        answer = self._call("POST", "/shipments", self._shipment())
        self._expect(answer, HTTPStatus.CREATED)
        registered = self._read(Registered, self._json(answer))
        if registered.shipment_id != self._id:
            raise Misfit(f"shipmentId is {registered.shipment_id} and was {self._id}")
        self._first = self._json(answer)

    def _again(self) -> None:
        answer = self._call("POST", "/shipments", self._shipment())
        self._expect(answer, HTTPStatus.OK)
        again = self._json(answer)
        for key in ("shipmentId", "trackingNumber", "queryNumber"):
            if again.get(key) != self._first.get(key):
                raise Misfit(f"{key} was {self._first.get(key)} and is {again.get(key)}")

    def _query(self) -> None:
        answer = self._call("GET", f"/shipments/{self._id}")
        self._expect(answer, HTTPStatus.OK)
        if not self._read(Tracked, self._json(answer)).status:
            raise Misfit("the answer has no status")

    def _history(self) -> None:
        answer = self._call("GET", f"/shipments/{self._id}/history")
        self._expect(answer, HTTPStatus.OK)
        dates = [step.date for step in self._rows(Step, self._json(answer).get("events"))]
        if dates != sorted(dates):
            raise Misfit("the events are not sorted by date")

    def _label(self) -> None:
        answer = self._call("GET", f"/shipments/{self._id}/label?format=pdf")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise Skipped("the label is not ready yet")
        self._expect(answer, HTTPStatus.OK)
        for label in self._rows(Label, self._json(answer).get("labels")):
            if not label.content.startswith(MAGIC[label.type]):
                raise Misfit(f"the content of the label is no {label.type}")

    def _update(self) -> None:
        answer = self._call("PATCH", f"/shipments/{self._id}", {"deliveryNote": "Ring twice"})
        self._expect(answer, HTTPStatus.OK, HTTPStatus.NO_CONTENT)

    def _unknown(self) -> None:
        self._expect(self._call("GET", f"/shipments/{self._id}-0"), HTTPStatus.NOT_FOUND)

    def _address(self) -> None:
        body = {
            "name": "Example Store",
            "tel": "03120000000",
            "country": "tr",
            "city": "Ankara",
            "addressLine": "1 Example St",
        }
        answer = self._call("POST", "/addresses", body)
        if answer.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.NOT_IMPLEMENTED):
            raise Skipped("it registers no senders")
        self._expect(answer, HTTPStatus.CREATED)
        self._read(CarrierAddress, self._json(answer))

    def _delete(self) -> None:
        answer = self._call("DELETE", f"/shipments/{self._id}")
        self._expect(answer, HTTPStatus.NO_CONTENT)

    def _delete_again(self) -> None:
        answer = self._call("DELETE", f"/shipments/{self._id}")
        self._expect(answer, HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)

    # Calls and answers

    def _shipment(self) -> dict[str, Any]:
        origin = {"originId": self._account.origin_id} if self._account.origin_id else {}
        return {
            "shipmentId": self._id,
            "orderNumber": "100000000077",
            "locale": "tr-TR",
            "type": "CUSTOMER",
            "destination": DESTINATION,
            **origin,
        }

    def _call(
        self, method: str, path: str, body: Any = None, *, auth: str | None = "basic", without: str = ""
    ) -> httpx.Response:
        account = self._account
        headers = {
            "x-akinon-request-id": secrets.token_hex(16),
            "x-akinon-api-version": account.api_version,
            "x-akinon-credentials-identifier": account.identifier,
        }
        kept = {name: value for name, value in headers.items() if value is not None and name != without}
        login = httpx.BasicAuth(account.username, account.password) if auth else None
        return self._client.request(
            method, f"{account.url.rstrip('/')}{path}", json=body, headers=kept, auth=login
        )

    @staticmethod
    def _expect(answer: httpx.Response, *statuses: HTTPStatus) -> None:
        if answer.status_code not in statuses:
            wanted = " or ".join(str(int(status)) for status in statuses)
            raise Misfit(f"{wanted} was expected, {answer.status_code} came: {answer.text[:200]}")

    @staticmethod
    def _json(answer: httpx.Response) -> dict[str, Any]:
        try:
            body = answer.json()
        except ValueError:
            raise Misfit(f"the answer is not JSON: {answer.text[:200]}") from None
        if not isinstance(body, dict):
            raise Misfit("the answer is not a JSON object")
        return body

    @staticmethod
    def _read(model: type[A], body: Any) -> A:
        rows: list[A] = _Checks._rows(model, [body])
        return rows[0]

    @staticmethod
    def _rows(model: type[A], rows: Any) -> list[A]:
        try:
            return TypeAdapter(list[model]).validate_python(rows)  # type: ignore[valid-type]
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join(str(part) for part in first["loc"][1:])
            raise Misfit(f"the answer does not fit: {where}: {first['msg']}") from None
        except DatabaseError:
            raise Misfit("a time in the answer has no offset") from None
