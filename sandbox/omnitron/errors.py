"""Refusals and their bodies. Every 4xx of the sandbox is one of these, and every one has a JSON body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REQUIRED = "This field is required."


class ApiError(Exception):
    """A request that is answered with `status` and `body`."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = dict(body)


class BadRequest(ApiError):
    """400 `{"<field>": ["…"], "code"}`; what concerns no field stands under `non_field_errors`."""

    def __init__(self, errors: Mapping[str, Any], code: str = "invalid") -> None:
        super().__init__(400, {**errors, "code": code})
        self.errors = dict(errors)


class Unauthorized(ApiError):
    """401: no key, or one that is not known (any more)."""

    def __init__(self, detail: str, code: str) -> None:
        super().__init__(401, {"detail": detail, "code": code})


class NotFound(ApiError):
    """404: no such row, or no such path."""

    def __init__(self, detail: str = "Not found.") -> None:
        super().__init__(404, {"detail": detail, "code": "not_found"})


class MethodNotAllowed(ApiError):
    """405."""

    def __init__(self, method: str) -> None:
        super().__init__(405, {"detail": f'Method "{method}" not allowed.', "code": "method_not_allowed"})


class NotAcceptable(ApiError):
    """406 for rules of state and uniqueness: `{"non_field_errors": "<string>", "error_code"}`.

    `field` names what was at fault, for calls that report by field.
    """

    def __init__(self, text: str, error_code: str, *, field: str = "non_field_errors") -> None:
        super().__init__(406, {"non_field_errors": text, "error_code": error_code})
        self.text = text
        self.field = field


class HookRefusal(ApiError):
    """406 of the webhook calls: `{"code", "en"}`."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(406, {"code": code, "en": text})


def field_error(field: str, text: str, code: str = "invalid") -> BadRequest:
    """The 400 for one field."""
    return BadRequest({field: [text]}, code)


def plain_error(text: str, code: str = "invalid") -> BadRequest:
    """The 400 for the request as a whole."""
    return BadRequest({"non_field_errors": [text]}, code)
