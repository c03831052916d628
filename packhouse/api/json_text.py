"""JSON as it goes over this API's wire: one encoder out, one strict reader in."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from packhouse.kernel.wire import timestamp

DEEPEST = 100
_TOO_DEEP = "it is nested too deeply"


def _encoded(value: Any) -> Any:
    """Times in UTC with microseconds and `Z`; decimals as strings."""
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID | Promise):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no form on the wire")


def dumps(value: Any) -> str:
    """JSON text without blanks, non-ASCII as it is."""
    return json.dumps(value, default=_encoded, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None  # JSON is UTF-8; the media type has no charset parameter

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """No body at all for None: 204, and the 200 of settings."""
        return b"" if data is None else dumps(data).encode()


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{text} is out of range")
    return number


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def loads(text: bytes) -> Any:
    """The value. Raises ValueError for what is no JSON or cannot be stored: NaN, infinity, NUL, half a
    surrogate pair, nesting deeper than 100."""
    try:
        value = json.loads(text.decode("utf-8-sig"), parse_float=_finite, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    if text.count(b"[") + text.count(b"{") > DEEPEST:
        _check_depth(value)
    if b"\\u" in text:
        json.dumps(value, ensure_ascii=False).encode()  # a ValueError for half a surrogate pair
        if _holds_nul(value):
            raise ValueError("a text holds a NUL character")
    return value


def _check_depth(value: Any) -> None:
    level = [value]
    for _depth in range(DEEPEST):
        level = [
            item
            for parent in level
            if isinstance(parent, dict | list)
            for item in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return
    raise ValueError(_TOO_DEEP)


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any("\x00" in key or _holds_nul(item) for key, item in value.items())
    return isinstance(value, list) and any(_holds_nul(item) for item in value)


class JSONParser(BaseParser):
    """Raises ParseError, a 400, for any body that is no JSON or cannot be stored."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        text = stream.read()
        charset = ((parser_context or {}).get("encoding") or settings.DEFAULT_CHARSET).lower()
        try:
            if charset not in ("utf-8", "utf8"):
                text = text.decode(charset).encode()
            return loads(text)
        except (ValueError, LookupError) as error:
            raise ParseError(_("The body is not valid JSON: %(reason)s") % {"reason": error}) from None
