"""Addresses the back office calls (page 60, "Inbound"): plain views, for nothing here may be slow."""

import json
from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from packhouse.integrations.omnitron import inbox
from packhouse.integrations.omnitron.hook_keys import SIGNATURE, is_signed
from packhouse.kernel.accounts import actor_for_key
from packhouse.kernel.errors import NotAuthenticated, PackhouseError, PermissionDenied
from packhouse.kernel.models import Scope

LARGEST_BODY = 5 * 1024 * 1024
COME_BACK_SECONDS = "30"
_SCHEMES = ("token", "bearer")


class _TooLarge(PackhouseError):
    """The body is larger than this address takes."""

    code = "payload_too_large"
    status = 413


class _MethodNotAllowed(PackhouseError):
    """This address does not offer the method."""

    code = "method_not_allowed"
    status = 405


class _NotSigned(NotAuthenticated):
    """The signature of a webhook does not fit its body."""

    code = "bad_signature"


def receiver(*types: str) -> Callable[[HttpRequest], HttpResponse]:
    """A view that takes in webhooks of these types."""

    @csrf_exempt
    def receive(request: HttpRequest) -> HttpResponse:
        try:
            return _take_in(request, types)
        except (DatabaseError, InterfaceError):
            body = {"detail": "The inbox cannot be written now; send it again.", "code": "unavailable"}
            return JsonResponse(body, status=503, headers={"Retry-After": COME_BACK_SECONDS})
        except PackhouseError as error:
            return _refusal(error)

    return receive


def _take_in(request: HttpRequest, types: tuple[str, ...]) -> HttpResponse:
    if request.method != "POST":
        raise _MethodNotAllowed(f"{request.method} is not offered here; use POST.")
    _check_key(request)
    content = _body(request)
    if not is_signed(content, request.headers.get(SIGNATURE)):
        raise _NotSigned("The signature does not fit the body.")
    envelope = inbox.read_envelope(_json(content))
    return JsonResponse({"uuid": str(envelope.uuid), "result": inbox.take_in(envelope, types)})


def _check_key(request: HttpRequest) -> None:
    scheme, _blank, key = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() not in _SCHEMES or not key.strip():
        raise NotAuthenticated("Send a key: Authorization: Token <key>.")
    if not actor_for_key(key.strip()).may(Scope.HOOKS_IN):
        raise PermissionDenied("This key is not for webhooks of the back office (scope hooks_in).")


def _body(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    content = b"" if length.isdigit() and int(length) > LARGEST_BODY else request.read(LARGEST_BODY + 1)
    if len(content) > LARGEST_BODY or (length.isdigit() and int(length) > LARGEST_BODY):
        raise _TooLarge(f"A webhook may have {LARGEST_BODY // 1024 // 1024} MB.")
    return content


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _refusal(error: PackhouseError) -> HttpResponse:
    usual = {**error.errors, "code": error.code}
    body = usual if error.status == 400 else {"detail": error.text, "code": error.code}
    headers = {401: {"WWW-Authenticate": "Token"}, 405: {"Allow": "POST"}}.get(error.status, {})
    return JsonResponse(body, status=error.status, headers=headers)


orders_webhook = receiver(*inbox.ORDERS)
cancellation_plan = receiver(*inbox.PLANS)
stock_locations_webhook = receiver(*inbox.STORES)
any_webhook = receiver(*inbox.ORDERS, *inbox.PLANS, *inbox.STORES)
