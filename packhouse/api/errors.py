"""The one place where errors become HTTP: status, headers, and a body of the shape its family has (page 50)."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from math import ceil
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from django.views import defaults
from psycopg.errors import UniqueViolation
from rest_framework import exceptions
from rest_framework.response import Response

from packhouse.api.json_text import dumps
from packhouse.api.refusals import PayloadTooLarge, Throttled, Unavailable
from packhouse.kernel import clock, tracing
from packhouse.kernel.errors import (
    IdempotencyInProgress,
    InvalidParameter,
    NotAuthenticated,
    NotFound,
    NotUnique,
    PackhouseError,
)
from packhouse.kernel.errors import PermissionDenied as RightMissing
from packhouse.kernel.wire import timestamp

logger = logging.getLogger(__name__)


class Family(Enum):
    """How the bodies of a view's errors look."""

    DEFAULT = "default"
    COMMAND = "command"
    STOCK = "stock"
    SETTINGS = "settings"
    WHISPERER = "whisperer"


@dataclass(frozen=True)
class Refusal:
    """An error as HTTP sees it. `errors`: texts by path; values may be nested where a serializer made them."""

    status: int
    code: str
    errors: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return " ".join(text for _path, texts in _flat(self.errors) for text in texts)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """For REST framework: the answer to an error raised in a view."""
    family = getattr(context.get("view"), "error_family", Family.DEFAULT)
    refusal = refusal_of(error)
    response = Response(body_of(refusal, family), status=refusal.status, headers=dict(refusal.headers))
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - or Django says it again
    return response


def refusal_of(error: Exception) -> Refusal:
    """What an exception means to the caller. What nobody foresaw is logged and becomes a 500."""
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    for kinds, make in _FOREIGN:
        if isinstance(error, kinds):
            error = make(error)
    if isinstance(error, PackhouseError):
        if error.status >= 500:
            logger.error("unavailable", exc_info=error)
        return Refusal(error.status, error.code, error.errors, _headers(error))
    logger.error("unhandled error", exc_info=error)
    return Refusal(500, "server_error", {"detail": [_recorded()]})


def _recorded() -> str:
    return _("Something went wrong here; it is recorded under this request id.")


def _unfit(error: Exception) -> PackhouseError:
    """The database refused a value that a check of ours should have caught: say so, and tell ourselves."""
    logger.error("a value reached the database that does not fit", exc_info=error)
    return InvalidParameter(_("A value is out of range."))


def _double(error: Exception) -> Exception:
    """Two callers at once made the same thing; the check before had seen neither."""
    if isinstance(error.__cause__, UniqueViolation):
        return NotUnique(_("Somebody has just made the same."))
    return error


_FOREIGN: tuple[tuple[tuple[type[Exception], ...], Any], ...] = (
    ((Http404,), lambda _error: NotFound(_("There is nothing at this address."))),
    ((PermissionDenied,), lambda _error: RightMissing(_("You may not do this."))),
    ((RequestDataTooBig,), lambda _error: PayloadTooLarge(_("The body is too large."))),
    ((SuspiciousOperation, BadRequest, UnreadablePostError), lambda error: InvalidParameter(str(error))),
    ((DataError,), _unfit),
    ((IntegrityError,), _double),
    (
        (OperationalError, InterfaceError),
        lambda error: _caused(
            Unavailable(_("The database cannot answer now; send the request again.")), error
        ),
    ),
)


def _caused(refusal: PackhouseError, by: Exception) -> PackhouseError:
    refusal.__cause__ = by
    return refusal


def _headers(error: PackhouseError) -> dict[str, str]:
    if isinstance(error, NotAuthenticated):
        return {"WWW-Authenticate": "Token"}
    if isinstance(error, Throttled):
        return {"Retry-After": str(max(1, ceil(error.wait)))}
    if isinstance(error, IdempotencyInProgress | Unavailable):
        return {"Retry-After": "1"}
    return {}


_CODES = {401: "not_authenticated", 403: "permission_denied", 404: "not_found", 429: "throttled"}


def _of_framework(error: exceptions.APIException) -> Refusal:
    if isinstance(error, exceptions.ValidationError):
        detail = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
        return Refusal(400, _validation_code(error.get_codes()), detail)
    if isinstance(error, exceptions.ParseError):
        return Refusal(400, InvalidParameter.code, {"detail": [str(error.detail)]})
    status = error.status_code
    headers = {"WWW-Authenticate": "Token"} if status == HTTPStatus.UNAUTHORIZED else {}
    code = _CODES.get(status, str(error.default_code))
    return Refusal(status, code, {"detail": [str(error.detail)]}, headers)


def _validation_code(codes: Any) -> str:
    found = set(_leaves(codes))
    if found == {"required"}:
        return "missing_parameter"
    for framework, ours in (("unknown_parameter", "unknown_parameter"), ("unique", "unique")):
        if framework in found:
            return ours
    return InvalidParameter.code


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def body_of(refusal: Refusal, family: Family) -> dict[str, Any]:
    """The body, in the shape of the family."""
    if refusal.status >= 500:
        failure = {"detail": refusal.text, "code": refusal.code, "request_id": tracing.request_id()}
        return {**_command_body(refusal), **failure} if family is Family.COMMAND else failure
    shape = _SHAPES.get(family)
    return (shape and shape(refusal)) or _usual_body(refusal)


def _usual_body(refusal: Refusal) -> dict[str, Any]:
    if refusal.status == 400 and set(refusal.errors) != {"detail"}:
        return {**refusal.errors, "code": refusal.code}
    return {"detail": refusal.text, "code": refusal.code}


def _command_body(refusal: Refusal) -> dict[str, Any]:
    return {"error": dict(_flat(refusal.errors)), "status_code": refusal.status, "code": refusal.code}


def _stock_body(refusal: Refusal) -> dict[str, Any]:
    body = {
        "error": HTTPStatus(refusal.status).phrase,
        "message": refusal.text,
        "code": refusal.status,
        "timestamp": timestamp(clock.now()),
    }
    return {**body, "errors": dict(_flat(refusal.errors))} if refusal.status == 422 else body


def _settings_body(refusal: Refusal) -> dict[str, Any] | None:
    fits = refusal.status == 400 and "detail" not in refusal.errors
    return _nested(refusal.errors) if fits else None


def _whisperer_body(refusal: Refusal) -> dict[str, Any] | None:
    return {"code": refusal.code, "en": refusal.text} if refusal.status == 406 else None


_SHAPES: Mapping[Family, Callable[[Refusal], dict[str, Any] | None]] = {
    Family.COMMAND: _command_body,
    Family.STOCK: _stock_body,
    Family.SETTINGS: _settings_body,
    Family.WHISPERER: _whisperer_body,
}


def _flat(errors: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Texts by dotted path."""
    if isinstance(errors, Mapping):
        for key, value in errors.items():
            yield from _flat(value, f"{path}.{key}" if path else str(key))
    elif isinstance(errors, list | tuple) and any(isinstance(item, Mapping) for item in errors):
        for position, item in enumerate(errors):
            yield from _flat(item, f"{path}.{position}" if path else str(position))
    elif isinstance(errors, list | tuple):
        yield path or "detail", [str(text) for text in errors]
    else:
        yield path or "detail", [str(errors)]


def flat_errors(errors: Any) -> dict[str, list[str]]:
    """Texts by dotted path, however deep the errors are nested."""
    return dict(_flat(errors))


def _nested(errors: Mapping[str, Any]) -> dict[str, Any]:
    """`{"json_value.auth.username": [..]}` as `{"json_value": {"auth": {"username": [..]}}}`."""
    tree: dict[str, Any] = {}
    for path, texts in _flat(errors):
        *branches, leaf = path.split(".")
        node = tree
        for branch in branches:
            below = node.setdefault(branch, {})
            if not isinstance(below, dict):
                below = node[branch] = {"non_field_errors": below}
            node = below
        if isinstance(node.get(leaf), dict):
            node[leaf]["non_field_errors"] = texts
        else:
            node[leaf] = texts
    return tree


def plain_answer(error: Exception, family: Family = Family.DEFAULT) -> HttpResponse:
    """The answer to an error outside of any view."""
    refusal = refusal_of(error)
    return HttpResponse(
        dumps(body_of(refusal, family)),
        status=refusal.status,
        content_type="application/json",
        headers=dict(refusal.headers),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return plain_answer(exception) if _is_api(request) else defaults.page_not_found(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return plain_answer(exception) if _is_api(request) else defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500; Django has logged the error."""
    if not _is_api(request):
        return defaults.server_error(request)
    refusal = Refusal(500, "server_error", {"detail": [_recorded()]})
    return HttpResponse(dumps(body_of(refusal, Family.DEFAULT)), status=500, content_type="application/json")


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith(("/api/", "/whisperer/"))
