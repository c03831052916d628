"""What the adaptor takes and how it refuses: bodies checked against the schema, errors of the contract's shape."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.json_text import parse_json
from sandbox.schema_check import Problem, problems_of

REQUEST_ID = "x-akinon-request-id"
API_VERSION = "x-akinon-api-version"
CREDENTIALS_IDENTIFIER = "x-akinon-credentials-identifier"
SCHEMA: dict[str, Any] = json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
_VALIDATORS = {
    name: Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})
    for name in SCHEMA["$defs"]
}
_UNSERVED = "FAIL"


class CarrierError(Exception):
    """A refusal: an HTTP status and what is wrong, field by field."""

    def __init__(self, status: int, *problems: Problem, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {problems}")
        self.status, self.problems, self.headers = status, problems, headers


def refusal(status: int, code: str, message: str, field: str = "") -> CarrierError:
    """A refusal with one error in it."""
    return CarrierError(status, Problem(field, code, message))


def error_response(
    request: Request, status: int, problems: Sequence[Problem], headers: dict[str, str] | None = None
) -> Response:
    """`{"errors": [{"code", "message", "field"}], "requestId"}`."""
    rows = [{"code": each.code, "message": each.message, "field": each.field or None} for each in problems]
    return JSONResponse({"errors": rows, "requestId": request.headers.get(REQUEST_ID)}, status, headers)


async def checked_body(request: Request, name: str) -> dict[str, Any]:
    """The JSON object of a request, checked against `name` of the schema. Raises CarrierError 400."""
    try:
        body = parse_json(await request.body())
    except ValueError as error:
        raise refusal(400, "malformed", f"The body is not JSON: {error}") from None
    problems = problems_of(_VALIDATORS[name], body)
    if problems:
        raise CarrierError(400, *problems)
    checked: dict[str, Any] = body
    return checked


def refuse_unserved(address: dict[str, Any], prefix: str) -> None:
    """Raise CarrierError 400 for an address this carrier pretends not to know: FAIL in city or address line."""
    city = address["city"]
    name = city.get("name") or "" if isinstance(city, dict) else city
    for field, text in (("city.name", name), ("addressLine", address["addressLine"])):
        if _UNSERVED in text:
            raise refusal(400, "address_not_served", f"'{text}' is not served.", prefix + field)


def refuse_wrong_check_digits(parcels: Sequence[dict[str, Any]]) -> None:
    """Raise CarrierError 400 when an SSCC has a wrong check digit or comes twice."""
    seen: set[str] = set()
    for index, parcel in enumerate(parcels):
        sscc = parcel.get("sscc")
        if sscc is None:
            continue
        field = f"parcels.{index}.sscc"
        if not _check_digit_fits(sscc):
            raise refusal(400, "check_digit", f"{sscc} has a wrong check digit.", field)
        if sscc in seen:
            raise refusal(400, "duplicate", f"{sscc} stands on two parcels.", field)
        seen.add(sscc)


def _check_digit_fits(sscc: str) -> bool:
    weighted = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(sscc[:-1]))
    return (weighted + int(sscc[-1])) % 10 == 0
