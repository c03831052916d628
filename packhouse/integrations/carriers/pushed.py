"""`POST /shipments/tracking/`: a carrier tells of a shipment itself, instead of being asked (page 80, 2.6)."""

import base64
import binascii
import hmac
import json
from typing import Any, Final

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from pydantic import Field, ValidationError

from packhouse.catalog.configuration import IS_SECRET
from packhouse.catalog.models import CargoCompany
from packhouse.integrations.carriers.contract import Step, Tracked
from packhouse.integrations.carriers.tracking import take_news
from packhouse.kernel.errors import InvalidParameter, NotAuthenticated, NotFound, PackhouseError
from packhouse.kernel.secrets import unseal
from packhouse.shipments.models import Shipment

LARGEST_BODY: Final = 1024 * 1024
COME_BACK_SECONDS: Final = "30"


class _TooLarge(PackhouseError):
    """The body is larger than this address takes."""

    code = "payload_too_large"
    status = 413


class _MethodNotAllowed(PackhouseError):
    """This address does not offer the method."""

    code = "method_not_allowed"
    status = 405


class Pushed(Tracked):
    """What is told: the answer of `query-shipment`, and the steps of `query-shipment-history`, if any."""

    status: str = Field(min_length=1, max_length=64)
    events: list[Step] = Field(default_factory=list, max_length=1000)


@csrf_exempt
def tracking(request: HttpRequest) -> HttpResponse:
    """204 once it is kept. The login is that of the adaptor's account, by HTTP Basic."""
    try:
        if request.method != "POST":
            raise _MethodNotAllowed(f"{request.method} is not offered here; use POST.")
        companies = _companies_of(request.headers.get("Authorization", ""))
        told = _read(request)
        take_news(_shipment(told, companies), told, told.events)
    except (DatabaseError, InterfaceError):
        body = {"detail": "Nothing can be kept now; send it again.", "code": "unavailable"}
        return JsonResponse(body, status=503, headers={"Retry-After": COME_BACK_SECONDS})
    except PackhouseError as error:
        return _refusal(error)
    return HttpResponse(status=204)


def _companies_of(header: str) -> list[int]:
    """The carriers that log in so. Raises NotAuthenticated."""
    scheme, _blank, login = header.strip().partition(" ")
    try:
        given = base64.b64decode(login, validate=True) if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        given = b""
    matching = [pk for pk, wanted in _logins() if given and hmac.compare_digest(wanted, given)]
    if not matching:
        raise NotAuthenticated("Log in by HTTP Basic, as we log in to your adaptor.")
    return matching


def _logins() -> list[tuple[int, bytes]]:
    found = []
    for pk, sealed in CargoCompany.objects.filter(is_active=True).values_list("pk", "configuration"):
        if sealed.get("username") and sealed.get("password"):
            known = unseal(sealed, IS_SECRET)
            found.append((pk, f"{known['username']}:{known['password']}".encode()))
    return found


def _read(request: HttpRequest) -> Pushed:
    content = request.read(LARGEST_BODY + 1)
    if len(content) > LARGEST_BODY:
        raise _TooLarge(f"What is told may have {LARGEST_BODY // 1024 // 1024} MB.")
    try:
        return Pushed.model_validate(json.loads(content))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "detail"
        raise InvalidParameter({where: [first["msg"]]}) from None
    except (ValueError, RecursionError):
        raise InvalidParameter({"detail": ["Send a JSON object."]}) from None


def _shipment(told: Pushed, companies: list[int]) -> int:
    """A shipment of the carrier's own that it has registered. Raises NotFound."""
    own = Shipment.objects.filter(
        remote_id=told.shipment_id, cargo_company__in=companies, is_current=True, registration="registered"
    )
    found = own.values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(f"There is no shipment {told.shipment_id} of yours.")
    return found


def _refusal(error: PackhouseError) -> HttpResponse:
    usual: dict[str, Any] = {**error.errors, "code": error.code}
    body = usual if error.status == 400 else {"detail": error.text, "code": error.code}
    headers = {401: {"WWW-Authenticate": "Basic"}, 405: {"Allow": "POST"}}.get(error.status, {})
    return JsonResponse(body, status=error.status, headers=headers)


urlpatterns = [
    path("api/v1/oms/shipments/tracking", tracking),
    path("api/v1/oms/shipments/tracking/", tracking),
]
